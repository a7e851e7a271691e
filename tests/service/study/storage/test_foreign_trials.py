"""A study in which another tool made or ended a trial is refused in one line, before anything is done."""

from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from service.commands.unseal import unseal_study
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ResolvedStudy
from service.errors import BadInputError
from service.report.facts.listing import report_and_study
from service.report.facts.study_summaries import summaries_in
from service.study.search.coordinator import Coordinator
from service.study.search.progress import StudyProgress
from service.study.search.trial_records import dev_figures_of
from service.study.storage.storage_errors import ForeignTrialError
from service.study.storage.stored_study import load_study
from tests.service.iris_study import IrisStudy, new_store, search_iris
from workers.metrics.metric import Metric


def enqueue(study: optuna.Study) -> None:
    study.enqueue_trial({"learning_rate": 0.01})


def ask(study: optuna.Study) -> None:
    study.ask()


def tell_of_a_trial(study: optuna.Study) -> None:
    study.tell(study.ask(), 0.0)


def fail_a_trial(study: optuna.Study) -> None:
    study.tell(study.ask(), state=TrialState.FAIL)


MADE: dict[Callable[[optuna.Study], None], str] = {
    enqueue: r"trial 5 \(waiting\) was made by another tool",
    ask: r"trial 5 \(running\) was made by another tool",
    tell_of_a_trial: r"trial 5 \(complete\) was made by another tool",
    fail_a_trial: r"trial 5 \(fail\) was made by another tool",
}


@pytest.fixture
def iris(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path))
    yield study
    study.store.close()


def plain(iris: IrisStudy) -> optuna.Study:
    """Open the study as another tool does."""
    return optuna.load_study(study_name="iris", storage=iris.store.url)


def coordinator_of(iris: IrisStudy, config: ResolvedStudy) -> Coordinator:
    watcher = StudyProgress(config.trials, metric=Metric.ERROR)
    return Coordinator(config, iris.prepared.trial_data, store=iris.store, pool=iris.pool, observer=watcher)


@pytest.mark.parametrize("make", MADE)
def test_a_trial_that_another_tool_made_is_refused(
    iris: IrisStudy, make: Callable[[optuna.Study], None]
) -> None:
    config = iris.stored.config
    make(plain(iris))

    with pytest.raises(ForeignTrialError, match=f"study 'iris': {MADE[make]}"):
        load_study(iris.store, "iris")
    with pytest.raises(ForeignTrialError, match=MADE[make]):
        coordinator_of(iris, config)


@pytest.mark.parametrize(
    ("state", "value"), [(TrialState.FAIL, None), (TrialState.COMPLETE, 0.0), (TrialState.PRUNED, None)]
)
def test_a_trial_of_ours_that_another_tool_ended_is_refused(
    iris: IrisStudy, state: TrialState, value: float | None
) -> None:
    config = iris.stored.config.model_copy(update={"trials": 6})
    asked_and_left(iris, config)
    plain(iris).tell(5, value, state=state)
    said = rf"trial 5 \({state.name.lower()}\) was ended by another tool"

    with pytest.raises(ForeignTrialError, match=f"study 'iris': {said}"):
        load_study(iris.store, "iris")
    with pytest.raises(ForeignTrialError, match=said):
        coordinator_of(iris, config)
    with pytest.raises(ForeignTrialError, match=said):
        dev_figures_of(iris.store.trials("iris")[5])


def asked_and_left(iris: IrisStudy, config: ResolvedStudy) -> None:
    """Ask a sixth trial, and stop before it has run."""
    stop = iter([False])
    coordinator_of(iris, config).run(lambda: next(stop, True), grace_seconds=0)
    assert iris.store.trials("iris")[5].state is TrialState.RUNNING


def test_nothing_of_it_is_opened_or_shown_but_its_own_trials_in_the_list(iris: IrisStudy) -> None:
    search_iris(iris.store, name="other", trials=2)
    launch = LaunchConfig(storage=iris.store.url)
    fail_a_trial(plain(iris))

    with pytest.raises(BadInputError, match=r"trial 5 .* another tool"):
        unseal_study("iris", launch, reason=None)
    with pytest.raises(BadInputError, match=r"trial 5 .* another tool"):
        report_and_study("iris", launch)
    summaries = summaries_in(launch)
    assert [(each.study, each.n_ended) for each in summaries.readable] == [("iris", 5), ("other", 2)]
    assert summaries.refusals == []
    assert not iris.ledger.looks("iris")


def test_a_study_of_its_own_trials_alone_goes_on(iris: IrisStudy) -> None:
    config = iris.stored.config.model_copy(update={"trials": 7})
    asked_and_left(iris, config)
    assert len(load_study(iris.store, "iris").trials) > 5
    assert coordinator_of(iris, config).run(lambda: False)
