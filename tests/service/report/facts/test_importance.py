"""Importance: what decides comes first, what does not may be chance, and what it rests on is said."""

from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.cli import proctor
from service.errors import BadInputError
from service.report.facts.importance import Importance, Importances, importances_of
from service.report.terminal.trials_text import print_importances
from tests.service.confirmed_study import confirm
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of, words
from workers.metrics.metric import Metric

DRAWN_FROM: dict[str, BaseDistribution] = {
    "learning_rate": FloatDistribution(1e-4, 1, log=True),
    "width": FloatDistribution(0, 1),
    "optimizer": CategoricalDistribution(("adam", "momentum")),
    "momentum": FloatDistribution(0, 1),
}


def random_trials(n: int, *, share_with_momentum: float = 0.5) -> list[FrozenTrial]:
    """Draw trials of whose hyperparameters the learning rate alone decides."""
    rng = np.random.default_rng(4)
    trials = []
    for number in range(n):
        has_momentum = rng.random() < share_with_momentum
        params = {
            "learning_rate": float(10 ** rng.uniform(-4, 0)),
            "width": float(rng.random()),
            "optimizer": "momentum" if has_momentum else "adam",
            **({"momentum": float(rng.random())} if has_momentum else {}),
        }
        trial = create_trial(
            params=params,
            distributions={name: DRAWN_FROM[name] for name in params},
            value=abs(np.log10(params["learning_rate"]) + 3),
        )
        trial.number = number
        trials.append(trial)
    return trials


def by_name(found: Importances) -> dict[str, Importance]:
    return {each.hyperparameter: each for each in found.importances}


def test_what_decides_comes_first_and_is_clear_and_what_does_not_may_be_chance() -> None:
    found = importances_of("a", random_trials(80), Metric.ERROR)
    assert found.importances[0].hyperparameter == "learning_rate"
    assert [each.hyperparameter for each in found.importances if each.is_clear] == ["learning_rate"]
    assert sum(each.share or 0.0 for each in found.importances) == pytest.approx(1)
    assert (found.n_trials, found.n_best, found.is_reliable) == (80, 8, True)


def test_a_metric_that_is_better_the_higher_asks_for_the_highest() -> None:
    trials = random_trials(80)
    upside_down = [turned(trial) for trial in trials]
    assert importances_of("a", upside_down, Metric.ROC_AUC).importances == (
        importances_of("a", trials, Metric.ERROR).importances
    )


def turned(trial: FrozenTrial) -> FrozenTrial:
    other = create_trial(params=trial.params, distributions=trial.distributions, value=-(trial.value or 0.0))
    other.number = trial.number
    return other


def ended_early(trials: Sequence[FrozenTrial], state: TrialState) -> list[FrozenTrial]:
    """Let all trials but the best ten be pruned or failed, pruned ones with figures that look good."""
    worst_first = sorted(trials, key=lambda trial: -(trial.value or 0.0))
    cut = {trial.number for trial in worst_first[:-10]}
    found = []
    for trial in trials:
        if trial.number in cut:
            is_pruned = state is TrialState.PRUNED
            other = create_trial(
                state=state,
                params=trial.params,
                distributions=trial.distributions,
                value=0.0 if is_pruned else None,
                user_attrs={} if is_pruned else {"failure_reason": "diverged"},
            )
            other.number = trial.number
            found.append(other)
        else:
            found.append(trial)
    return found


@pytest.mark.parametrize("state", [TrialState.PRUNED, TrialState.FAIL])
def test_pruned_and_failed_trials_count_as_not_among_the_best(state: TrialState) -> None:
    trials = random_trials(80)
    whole = importances_of("a", trials, Metric.ERROR)
    found = importances_of("a", ended_early(trials, state), Metric.ERROR)
    assert found.importances == whole.importances
    assert found.n_complete == 10


def test_a_conditional_one_is_told_among_its_trials_or_said_to_be_in_too_few() -> None:
    half = by_name(importances_of("a", random_trials(80), Metric.ERROR))["momentum"]
    few = by_name(importances_of("a", random_trials(80, share_with_momentum=0.06), Metric.ERROR))["momentum"]
    assert half.share is not None
    assert 20 < half.n_active < 60
    assert few.share is None
    assert "trials had it: 10 are needed" in (few.why_not or "")


def test_few_trials_are_no_basis_and_that_is_said() -> None:
    found = importances_of("a", random_trials(12), Metric.ERROR)
    assert not found.is_reliable
    assert found.n_best == 5
    console = paper()
    print_importances(found, console)
    said = words(text_of(console))
    assert "with 12 trials this is a hint at best: it takes 30 or more" in said
    assert all(len(line) <= 80 for line in text_of(console).splitlines())
    with pytest.raises(BadInputError, match=r"at least 10 trials that ended, .* has 9, 9 complete"):
        importances_of("a", random_trials(9), Metric.ERROR)


def test_trials_that_are_all_the_same_tell_nothing() -> None:
    same = [create_trial(value=0.5) for _ in range(12)]
    with pytest.raises(BadInputError, match="all 12 of study 'a' have the same figure"):
        importances_of("a", same, Metric.ERROR)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory: Path = tmp_path_factory.mktemp("iris")
    with chdir(directory):
        study = search_iris(new_store(directory), trials=10)
        yield study
    study.store.close()


def test_the_command_prints_a_table_and_json_and_leaves_confirmation_runs_out(study: IrisStudy) -> None:
    before = CliRunner().invoke(proctor, ["importance", "iris", "--json"])
    trials = study.stored.trials
    best = min(trials, key=lambda trial: (trial.state is not TrialState.COMPLETE, trial.value)).number
    confirm(study.store, "iris", {best: [0.0, 0.0, 0.0]})
    after = CliRunner().invoke(proctor, ["importance", "iris", "--json"])
    found = Importances.model_validate_json(after.stdout)

    assert before.stdout == after.stdout
    assert found.n_trials == 10
    shown = CliRunner().invoke(proctor, ["importance", "iris"]).stdout
    assert all(each.hyperparameter in shown for each in found.importances)
    assert "░" in shown or "━" in shown


def test_what_may_be_chance_has_no_solid_bar() -> None:
    found = importances_of("a", random_trials(200), Metric.ERROR)
    assert {each.hyperparameter for each in found.importances if each.is_clear} == {"learning_rate"}
    console = paper()
    print_importances(found, console)
    rows = {line.split()[0]: line for line in text_of(console).splitlines() if line.strip()}
    assert "━" in rows["learning_rate"]
    assert "░" not in rows["learning_rate"]
    assert all("━" not in rows[name] and "may be chance" in rows[name] for name in ("width", "optimizer"))
    assert "All of this may be chance" not in text_of(console)


def test_where_all_may_be_chance_that_is_said() -> None:
    found = importances_of("a", random_trials(200), Metric.ERROR)
    by_chance = tuple(each.model_copy(update={"is_clear": False}) for each in found.importances)
    console = paper()
    print_importances(found.model_copy(update={"importances": by_chance}), console)
    assert "All of this may be chance" in text_of(console)
    assert "━" not in text_of(console)
