"""How a slice compares with the rest: means, and a standard error that no small slice makes too small."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from service.winner.examination.dev_analysis.predicted_examples import ExampleLosses
from service.winner.examination.dev_analysis.slices import Grouping, SliceMeans, slice_means
from service.winner.examination.dev_analysis.values import SliceKind


def means_of(
    members: NDArray[np.bool_],
    losses: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
    *,
    units: NDArray[np.intp] | None = None,
) -> SliceMeans:
    """Compare some examples with all others."""
    grouping = Grouping("x", members.astype(np.int64) - 1, ((SliceKind.VALUE, "a"),))
    weighted = np.ones(len(losses)) if weights is None else weights
    return slice_means([grouping], ExampleLosses(losses, weighted, units))


def test_a_costly_slice_has_welchs_standard_error() -> None:
    rng = np.random.default_rng(0)
    members = np.arange(400) < 100
    losses = np.where(members, 3.0, 1.0) * rng.normal(size=400) ** 2
    found = means_of(members, losses)
    welch = ttest_ind(losses[members], losses[~members], equal_var=False).statistic
    assert (found.mean - found.others) / found.standard_error == pytest.approx([welch])
    assert found.mean == pytest.approx([losses[members].mean()])
    assert found.others == pytest.approx([losses[~members].mean()])
    assert found.n == [100]


def test_a_slice_that_varies_little_by_chance_has_the_pooled_one() -> None:
    members = np.arange(100) < 10
    losses = np.where(members | (np.arange(100) % 2 == 0), 1.0, 0.0)
    found = means_of(members, losses)
    assert found.standard_error == pytest.approx([np.sqrt(losses.var(ddof=1) * (1 / 10 + 1 / 90))])


def test_share_and_excess_are_parts_of_the_whole_loss() -> None:
    members = np.arange(100) < 20
    losses = np.where(members, 5.0, 1.25)
    found = means_of(members, losses)
    assert found.share == pytest.approx([0.5])
    assert found.excess == pytest.approx([20 * 3.75 / 200])


def test_classes_that_weigh_alike_are_compared_by_the_errors_within_them() -> None:
    """A rare class that is got wrong as often as others is no worse, though its errors count more."""
    is_rare = np.arange(1000) < 50
    losses = (np.arange(1000) % 10 == 0).astype(np.float64)
    weights = 1000 / (2 * np.where(is_rare, 50, 950))
    found = means_of(is_rare, losses, weights)
    assert found.mean == pytest.approx([0.1])
    assert found.others == pytest.approx([0.1])
    assert found.share == pytest.approx([0.5])
    assert found.standard_error == pytest.approx([np.sqrt(0.09 / 50 + 0.09 / 950)], rel=0.02)


def test_weights_that_differ_within_a_slice_make_it_less_certain() -> None:
    rng = np.random.default_rng(0)
    members, losses = np.arange(400) < 100, rng.normal(size=400) ** 2
    even = means_of(members, losses)
    uneven = means_of(members, losses, np.where(np.arange(400) % 10 == 0, 9.1, 0.1))
    assert uneven.standard_error[0] > 2 * even.standard_error[0]


@pytest.mark.parametrize("n", [0, 9, 91, 100])
def test_nothing_is_said_of_fewer_than_10_examples_nor_beside_them(n: int) -> None:
    assert len(means_of(np.arange(100) < n, np.ones(100)).n) == 0


@pytest.mark.parametrize("size", [0.0, 0.1, 1e300])
def test_losses_that_are_all_equal_differ_by_nothing(size: float) -> None:
    found = means_of(np.arange(100) < 30, np.full(100, size))
    assert found.excess == pytest.approx([0])
    assert found.standard_error == [0]


def test_very_large_losses_compare_as_any_others() -> None:
    rng = np.random.default_rng(0)
    members, losses = np.arange(200) < 50, rng.random(200)
    found, large = means_of(members, losses), means_of(members, 1e300 * losses)
    assert large.standard_error == pytest.approx(1e300 * found.standard_error)
    assert large.excess == pytest.approx(found.excess)


def test_a_mean_of_no_errors_is_0() -> None:
    losses = np.where(np.arange(97) < 30, 0.1, 0.0)
    assert means_of(np.arange(97) < 30, losses).others == [0]


def test_rows_of_few_units_are_as_uncertain_as_the_units() -> None:
    rng = np.random.default_rng(0)
    unit = np.repeat(np.arange(40), 20)
    members, losses = unit < 10, rng.normal(size=40)[unit] ** 2
    by_unit = means_of(members, losses, units=unit)
    once = means_of(np.arange(800) % 20 == 0, losses)  # any slice: only for the shape
    of_units = ttest_ind(losses[::20][:10], losses[::20][10:], equal_var=False)
    assert (by_unit.mean - by_unit.others) / by_unit.standard_error == pytest.approx(
        [of_units.statistic], rel=0.08
    )
    assert by_unit.degrees == [9]
    assert once.degrees == [np.inf]


def test_a_slice_that_is_one_unit_is_one_observation() -> None:
    unit = np.repeat(np.arange(40), 20)
    losses = np.where(unit == 0, 1.0, (np.arange(800) % 10 == 0) * 1.0)
    found = means_of(unit == 0, losses, units=unit)
    assert found.mean - found.others == pytest.approx([0.9])
    assert found.standard_error[0] > 0.85


def test_units_of_one_row_each_change_nothing_but_the_degrees() -> None:
    rng = np.random.default_rng(0)
    members, losses = np.arange(400) < 100, rng.normal(size=400) ** 2
    by_row, by_unit = means_of(members, losses), means_of(members, losses, units=np.arange(400))
    assert by_unit.standard_error == pytest.approx(by_row.standard_error, rel=0.01)
