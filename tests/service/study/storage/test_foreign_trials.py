"""Trials that another tool makes or ends lock nothing: they are told, and left out of all that counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial
from rich.console import Console

from service.commands.unseal import unseal_study
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ConfirmationConfig
from service.report.facts.comparison import side_of
from service.report.facts.lookups import study_and_trial
from service.report.facts.report_contents import gather_contents
from service.report.facts.study_summaries import summaries_in
from service.report.facts.trials import best_trials
from service.report.terminal.report_text import search_lines
from service.report.terminal.trials_text import print_trial
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import record_of, searched
from tests.service.iris_study import IrisStudy, begin_iris, new_store, search_iris
from tests.service.study.search.studies import ACCIDENTS
from workers.metrics.metric import Metric


@pytest.fixture
def iris(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path))
    yield study
    study.store.close()


def plain(iris: IrisStudy) -> optuna.Study:
    """Open the study as another tool does."""
    return optuna.load_study(study_name=iris.name, storage=iris.store.url)


def enqueue(study: optuna.Study) -> None:
    study.enqueue_trial({"learning_rate": 0.01})


def enqueue_elsewhere(study: optuna.Study) -> None:
    study.enqueue_trial({"learning_rate": 1e9})


def ask(study: optuna.Study) -> None:
    study.ask()


def tell_of_a_trial(study: optuna.Study) -> None:
    study.tell(study.ask(), 0.0)  # no error at all: it would win


def fail_a_trial(study: optuna.Study) -> None:
    study.tell(study.ask(), state=TrialState.FAIL)


def add_a_trial(study: optuna.Study) -> None:
    study.add_trial(create_trial(state=TrialState.COMPLETE, value=0.0, user_attrs={"seed": 1}))


def add_a_copy(study: optuna.Study) -> None:
    for trial in study.trials[:1]:
        study.add_trial(trial)


MADE: dict[Callable[[optuna.Study], None], str] = {
    enqueue: "trial 5 (waiting) was queued by another tool: not tried, as the search has ended",
    enqueue_elsewhere: "trial 5 (waiting) was queued by another tool: passed over, as learning_rate",
    ask: "trial 5 (running) was made by another tool: not counted, ranked or chosen",
    tell_of_a_trial: "trial 5 (complete) was made by another tool: not counted, ranked or chosen",
    fail_a_trial: "trial 5 (fail) was made by another tool: not counted, ranked or chosen",
    add_a_trial: "trial 5 (complete) was made by another tool: not counted, ranked or chosen",
    add_a_copy: "trial 5 (complete) was made by another tool: not counted, ranked or chosen",
}


@pytest.mark.parametrize("make", MADE)
def test_finished_work_is_read_as_before_and_the_trial_is_told_in_one_line(
    iris: IrisStudy, make: Callable[[optuna.Study], None]
) -> None:
    iris.conclude()
    before, contents = iris.report, all_that_is_read(iris)
    make(plain(iris))

    report = iris.report
    (told,) = [line.strip() for line in search_lines(report) if "another tool" in line]
    assert told.startswith(MADE[make])
    assert report.model_copy(update={"foreign_trials": ()}) == before
    assert all_that_is_read(iris) == contents
    assert iris.stored.is_over


def all_that_is_read(iris: IrisStudy) -> Mapping[str, Any]:
    """Return what `best`, `compare` and the page say, but for the line on the trial."""
    study = iris.stored
    contents = gather_contents(study, iris.store)
    return {
        "best": best_trials("iris", study.trials, study.metric, n=9),
        "side": side_of(study),
        "points": contents.points,
        "why not": contents.why_no_importances,
    }


@pytest.mark.parametrize("make", [make for make in MADE if make is not enqueue])
def test_a_search_goes_on_around_it_to_the_same_points_and_winner(
    tmp_path: Path, make: Callable[[optuna.Study], None]
) -> None:
    """Before the first trial, in the search, and among the confirmations: its number is passed over."""
    confirmed: dict[str, Any] = {"trials": 6, "confirmation": ConfirmationConfig(finalists=2, seeds=2)}
    calm = search_iris(new_store(tmp_path), name="calm", **confirmed)
    iris = begin_iris(calm.store, **confirmed)
    for n_more in (0, 2, 4, 3, 99):
        iris.run_some(n_more)
        make(plain(iris))

    assert iris.stored.is_over
    assert kept(iris.stored.trials) == kept(calm.stored.trials)
    won = [winner_of(each.stored.trials, Metric.ERROR) for each in (iris, calm)]
    assert kept(won[:1]) == kept(won[1:])
    assert sorted(iris.store.dev_predictions("iris")) == [
        trial.number for trial in searched(iris.stored.trials) if trial.state is TrialState.COMPLETE
    ]
    calm.store.close()


def kept(trials: Sequence[FrozenTrial]) -> list[Any]:
    """Return what trials are, by their order instead of their numbers, but for accidents."""
    orders = {trial.number: order for order, trial in enumerate(trials)}
    return [
        (
            trial.state,
            trial.params,
            trial.value,
            trial.intermediate_values,
            {k: v for k, v in trial.user_attrs.items() if k not in {*ACCIDENTS, "place", "confirms"}},
            None if (of := record_of(trial).confirms) is None else orders[of],
        )
        for trial in trials
    ]


@pytest.mark.parametrize(
    ("state", "value"), [(TrialState.FAIL, None), (TrialState.COMPLETE, 0.0), (TrialState.PRUNED, None)]
)
def test_a_trial_of_ours_that_another_tool_ended_is_run_again_to_its_own_end(
    tmp_path: Path, state: TrialState, value: float | None
) -> None:
    calm = search_iris(new_store(tmp_path), name="calm")
    iris = begin_iris(calm.store)
    iris.run_some(2)
    running = next(trial for trial in iris.stored.trials if trial.state is TrialState.RUNNING)
    storage = iris.store.optuna_storage
    study_id = storage.get_study_id_from_name("iris")
    key = storage.get_trial_id_from_study_id_trial_number(study_id, running.number)
    storage.set_trial_intermediate_value(key, 99, 0.5)
    plain(iris).tell(running.number, value, state=state)

    (line,) = [line.strip() for line in search_lines(iris.report) if "another tool" in line]
    word = state.name.lower()
    assert line == f"trial {running.number} ({word}) was ended by another tool while it ran: it is run again"
    assert iris.stored.trials[running.number].state is TrialState.RUNNING
    assert not iris.stored.is_over
    iris.run_some(99)
    assert kept(iris.stored.trials) == kept(calm.stored.trials)
    assert not iris.stored.foreign
    calm.store.close()


def test_a_study_is_listed_and_opened_as_any_other(iris: IrisStudy) -> None:
    launch = LaunchConfig(storage=iris.store.url)
    tell_of_a_trial(plain(iris))

    report = unseal_study("iris", launch, reason=None)
    assert report.test is not None
    assert report.winner is not None
    assert report.winner.trial < 5
    summaries = summaries_in(launch)
    assert [(each.study, each.n_ended) for each in summaries.readable] == [("iris", 5)]
    assert not summaries.refusals
    study, trial = study_and_trial("iris", 5, launch)
    screen = Console(record=True, width=100, file=StringIO())
    print_trial(trial, study.metric, screen, watch=study.watch)
    assert "Trial 5: complete, another tool's" in screen.export_text()
