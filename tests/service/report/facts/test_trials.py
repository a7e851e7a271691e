"""The best trials: in the order in which they would have won, whole at 80 columns, and all of it in JSON."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import proctor
from service.report.facts.trials import BestTrials, best_trials
from service.report.terminal.trials_text import print_best_trials
from service.report.wording.numbers import value_text
from service.study.search.winner import ranking, winner_of
from tests.service.confirmed_study import confirm
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from workers.metrics.metric import Metric


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory: Path = tmp_path_factory.mktemp("iris")
    with chdir(directory):
        study = search_iris(new_store(directory), trials=6)
        first, second, third, *_ = ranking(study.stored.trials, Metric.ERROR)
        runs: dict[int, list[float | None]] = {
            first.number: [0.0, None],
            second.number: [0.9, 0.7],
            third.number: [0.02, 0.03],
        }
        confirm(study.store, "iris", runs)
        yield study
    study.store.close()


@pytest.fixture
def found(study: IrisStudy) -> BestTrials:
    return best_trials("iris", study.stored.trials, Metric.ERROR, n=10)


def test_the_winner_is_first_confirmed_trials_come_before_others_and_no_run_is_among_them(
    study: IrisStudy, found: BestTrials
) -> None:
    trials = study.stored.trials
    numbers = [trial.trial for trial in found.best]
    assert numbers[0] == winner_of(trials, Metric.ERROR).number
    assert [trial.is_confirmed for trial in found.best[:3]] == [True, True, False]
    assert max(numbers) < 6
    assert found.n_complete == len(numbers)
    assert found.best[0].mean == pytest.approx((found.best[0].dev_metric + 0.05) / 3)
    assert found.best[2].n_failed_runs == 1


def test_no_more_are_told_than_asked_for(study: IrisStudy) -> None:
    few = best_trials("iris", study.stored.trials, Metric.ERROR, n=2)
    assert len(few.best) == 2
    assert few.n_complete > 2


def test_at_80_columns_every_value_keeps_its_name_beside_it(found: BestTrials) -> None:
    console = paper()
    print_best_trials(found, console)
    lines = text_of(console).splitlines()
    assert all(len(line) <= 80 for line in lines)
    for trial in found.best:
        for name, value in trial.hyperparameters.items():
            assert any(f"{name} {value_text(value)}" in line for line in lines)
    assert any("mean of 3 (deviation" in line for line in lines)
    assert any("excluded: 1 run failed" in line for line in lines)


def test_without_confirmation_nothing_is_said_of_seeds(study: IrisStudy) -> None:
    console = paper()
    print_best_trials(best_trials("iris", study.stored.trials[:6], Metric.ERROR, n=3), console)
    assert "seeds" not in text_of(console)
    assert "deviation" not in text_of(console)


def test_the_command_prints_all_as_json_and_the_same_on_a_screen(found: BestTrials) -> None:
    told = CliRunner().invoke(proctor, ["best", "iris", "-n", "10", "--json"])
    assert BestTrials.model_validate_json(told.stdout) == found
    assert json.loads(told.stdout)["best"][0]["hyperparameters"]
    shown = CliRunner().invoke(proctor, ["best", "iris", "-n", "1"])
    assert shown.stdout.startswith(f"Best trials of {found.n_complete} complete\n")


def test_a_study_without_a_complete_trial_says_so(tmp_path: Path) -> None:
    divergent = {"depth": 1, "learning_rate": {"low": 1e29, "high": 1e30, "log": True}}
    study = search_iris(new_store(tmp_path), trials=1, space=divergent)
    study.store.close()
    shown = CliRunner().invoke(proctor, ["best", "iris", "--storage", study.store.url])
    assert shown.stdout == "no trial of study iris is complete yet\n"
