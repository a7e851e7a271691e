"""The bootstrap of the selection: right where the truth is known, the same by the quick way and the slow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from service.winner.examination.selection import bootstrap_selection
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure

ERROR_RATE = 0.3


def right_or_wrong(wrong: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Make predictions of two classes, all examples being of class 0, that are wrong where it is said."""
    return np.stack([~wrong, wrong], axis=-1).astype(np.float32)


def studies(n_trials: int, n_examples: int, *, share_of_same_errors: float) -> Sequence[NDArray[np.bool_]]:
    """Draw studies whose trials all have the same true error, and err on the same examples in part."""
    rng = np.random.default_rng(8)
    found = []
    for _ in range(150):
        together = rng.random(n_examples) < ERROR_RATE
        alone = rng.random((n_trials, n_examples)) < ERROR_RATE
        is_shared = rng.random((n_trials, n_examples)) < share_of_same_errors
        found.append(np.where(is_shared, together, alone))
    return found


@pytest.mark.parametrize("share_of_same_errors", [0.0, 0.8])
def test_of_trials_that_are_all_the_same_it_is_what_the_best_flatters(share_of_same_errors: float) -> None:
    drawn = studies(40, 150, share_of_same_errors=share_of_same_errors)
    y = np.zeros(150, dtype=np.int64)
    flattered = [ERROR_RATE - wrong.mean(axis=1).min() for wrong in drawn]
    estimates = [
        bootstrap_selection(
            Metric.ERROR, right_or_wrong(wrong), y, units=None, seed=index, n_repeats=60, rule=MOST_PROBABLE
        ).size
        for index, wrong in enumerate(drawn)
    ]
    deviation = np.std(np.subtract(estimates, flattered)) / np.sqrt(len(drawn))
    assert abs(np.mean(estimates) - np.mean(flattered)) < 3 * deviation
    assert np.mean(estimates) < 1.2 * np.mean(flattered)  # against the drawn examples it would be 1.41


def test_a_trial_that_is_best_by_far_is_not_flattered() -> None:
    rng = np.random.default_rng(5)
    wrong = rng.random((20, 200)) < np.array([0.05, *[0.6] * 19])[:, None]
    found = bootstrap_selection(
        Metric.ERROR,
        right_or_wrong(wrong),
        np.zeros(200, dtype=np.int64),
        units=None,
        seed=0,
        rule=MOST_PROBABLE,
    )
    assert abs(found.size) < 0.005
    assert found.without == pytest.approx(wrong[0].mean(), abs=0.005)


@pytest.mark.parametrize("metric", [Metric.ERROR, Metric.LOG_LOSS, Metric.ROC_AUC, Metric.RMSE])
def test_it_is_what_selecting_by_hand_and_judging_on_the_rest_gives(metric: Metric) -> None:
    rng = np.random.default_rng(2)
    y: NDArray[Any]
    predictions: NDArray[np.float64]
    if metric is Metric.RMSE:
        y, predictions = rng.normal(size=30), rng.normal(size=(6, 30, 1))
    else:
        y, predictions = rng.integers(3, size=30), rng.dirichlet(np.ones(3), size=(6, 30))
    found = bootstrap_selection(metric, predictions, y, units=None, seed=4, n_repeats=25, rule=MOST_PROBABLE)

    def bad(trial: int, rows: NDArray[np.intp]) -> float:
        return metric.badness(
            measure(metric, predictions[trial][rows], y[rows], target_deviation=1.0, rule=MOST_PROBABLE)
        )

    draws = np.random.default_rng(np.random.SeedSequence([4, int.from_bytes(b"selection")]))
    outside = []
    for _ in range(25):
        drawn = draws.integers(30, size=30)
        best = min(range(6), key=lambda trial: bad(trial, drawn))
        outside.append(bad(best, np.array([row for row in range(30) if row not in drawn])))
    whole = min(bad(trial, np.arange(30)) for trial in range(6))

    assert found.size == pytest.approx(np.mean(outside) - whole, rel=1e-9)
    assert found.without == pytest.approx(metric.badness(float(np.mean(outside))), rel=1e-9)


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    wrong = np.random.default_rng(1).random((5, 40)) < ERROR_RATE
    y = np.zeros(40, dtype=np.int64)
    first, again, other = (
        bootstrap_selection(Metric.ERROR, right_or_wrong(wrong), y, units=None, seed=seed, rule=MOST_PROBABLE)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first.standard_error > 0


@pytest.mark.parametrize("shape", [(0, 5, 2), (3, 1, 2)])
def test_without_a_trial_or_examples_to_leave_out_it_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="needs a trial and 2 examples"):
        bootstrap_selection(
            Metric.ERROR,
            np.zeros(shape),
            np.zeros(shape[1], dtype=np.int64),
            units=None,
            seed=0,
            rule=MOST_PROBABLE,
        )


def test_examples_that_came_as_one_are_drawn_and_left_out_together() -> None:
    """Were copies drawn apart, a trial would be judged on what it was selected on, and flatter by less."""
    wrong = np.random.default_rng(3).random((40, 100)) < ERROR_RATE
    copies = np.repeat(np.arange(100), 4)
    y = np.zeros(100, dtype=np.int64)
    once = bootstrap_selection(Metric.ERROR, right_or_wrong(wrong), y, units=None, seed=0, rule=MOST_PROBABLE)
    of_copies = bootstrap_selection(
        Metric.ERROR, right_or_wrong(wrong[:, copies]), y[copies], units=copies, seed=0, rule=MOST_PROBABLE
    )
    apart = bootstrap_selection(
        Metric.ERROR, right_or_wrong(wrong[:, copies]), y[copies], units=None, seed=0, rule=MOST_PROBABLE
    )
    assert of_copies.size == pytest.approx(once.size, rel=1e-9)
    assert apart.size < 0.7 * once.size
