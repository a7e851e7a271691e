"""Hyperband: brackets by seed and number alone, each with its own rungs and its own trials."""

from collections import Counter

import pytest
from optuna.trial import TrialState

from service.study.search.pruning import Hyperband, SuccessiveHalving


def hyperband(*, max_epochs: int = 27, min_epochs: int = 1, seed: int = 0, n_folds: int = 1) -> Hyperband:
    return Hyperband(
        max_epochs=max_epochs,
        min_epochs=min_epochs,
        reduction_factor=3,
        study_seed=seed,
        n_folds=n_folds,
    )


def test_trials_fall_into_brackets_in_the_papers_proportion() -> None:
    """Table 1 of the paper, for 81 epochs: 81, 34, 15, 8 and 5 trials in the brackets of 4 to 0 rungs."""
    pruner = hyperband(max_epochs=81)
    n = 20_000
    counted = Counter(map(pruner.bracket, range(n)))
    for bracket, size in {4: 81, 3: 34, 2: 15, 1: 8, 0: 5}.items():
        expected = size / 143
        assert counted[bracket] / n == pytest.approx(expected, abs=4 * (expected / n) ** 0.5)


def test_another_seed_deals_other_brackets() -> None:
    def dealt(seed: int) -> list[int]:
        return list(map(hyperband(seed=seed).bracket, range(50)))

    assert dealt(0) == dealt(0)
    assert dealt(0) != dealt(1)


@pytest.mark.parametrize(
    ("max_epochs", "min_epochs", "rungs"),
    [
        (27, 1, {3: [1, 3, 9], 2: [3, 9], 1: [9], 0: []}),
        (60, 1, {3: [2, 6, 20], 2: [6, 20], 1: [20], 0: []}),
        (60, 5, {2: [6, 20], 1: [20], 0: []}),
        (1, 1, {0: []}),
        (5, 9, {0: []}),
    ],
)
def test_a_bracket_of_s_rungs_has_the_last_s(
    max_epochs: int, min_epochs: int, rungs: dict[int, list[int]]
) -> None:
    pruner = hyperband(max_epochs=max_epochs, min_epochs=min_epochs)
    for number in range(200):
        pruner.learn(TrialState.COMPLETE, [0.5] * max_epochs, number=number)
    seen = {
        pruner.bracket(number): [threshold.epoch for threshold in pruner.thresholds(number)]
        for number in range(200)
    }
    assert seen == rungs


def test_a_trial_is_ranked_among_its_bracket_alone() -> None:
    pruner = hyperband(n_folds=4)
    alone = [SuccessiveHalving(max_epochs=27, reduction_factor=3, n_rungs=n, n_folds=4) for n in range(4)]
    for number in range(100):
        badnesses = [(number * 37 % 100) / (100 + epoch) for epoch in range(27)] * 4
        ends = (27, 54, 81, 108)
        pruner.learn(TrialState.COMPLETE, badnesses, number=number, fold_ends=ends)
        alone[pruner.bracket(number)].learn(TrialState.COMPLETE, badnesses, number=number, fold_ends=ends)

    for number in range(100):
        bracket = pruner.bracket(number)
        assert pruner.thresholds(number) == alone[bracket].thresholds(number)
        assert pruner.fold_thresholds(number) == (alone[bracket].fold_thresholds(number) if bracket else ())
