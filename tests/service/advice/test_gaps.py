"""The diagnosis names planted troubles, and nothing that chance explains."""

from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.advice.gaps import (
    MOST_TO_TELL,
    Diagnosis,
    Gap,
    Measured,
    Trouble,
    diagnose,
)
from service.winner.noise_floor.estimate import has_bayes_figure
from service.winner.noise_floor.floor import FloorBelow, ModelLevel, NoiseFloor, Source
from workers.metrics.metric import Metric


def of_error(rate: float, n: int) -> Measured:
    return Measured(rate, sqrt((rate + 1 / n) * (1 - rate) / n), n)


@pytest.mark.parametrize(
    ("train", "dev", "bayes_error", "expected"),
    [
        (0.15, 0.16, 0.0, Trouble.BIAS),
        (0.01, 0.11, 0.0, Trouble.VARIANCE),
        (0.15, 0.30, 0.14, Trouble.VARIANCE),
        (0.15, 0.16, 0.14, Trouble.NEITHER),
        (0.0, 0.0, 0.0, Trouble.NEITHER),
        (0.20, 0.25, 0.0, Trouble.BIAS),
    ],
)
def test_planted_troubles_are_named(train: float, dev: float, bayes_error: float, expected: Trouble) -> None:
    diagnosis = diagnose(Metric.ERROR, train=of_error(train, 3000), dev=of_error(dev, 1000), best=bayes_error)
    assert diagnosis.trouble is expected
    assert diagnosis.avoidable_bias.size == pytest.approx(train - bayes_error)
    assert diagnosis.variance.size == pytest.approx(dev - train)


@pytest.mark.parametrize(
    ("train", "train_dev", "dev", "expected"),
    [
        (0.01, 0.02, 0.12, Trouble.MISMATCH),
        (0.01, 0.12, 0.13, Trouble.VARIANCE),
        (0.11, 0.12, 0.13, Trouble.BIAS),
        (0.10, 0.15, 0.30, Trouble.MISMATCH),
        (0.005, 0.01, 0.02, Trouble.NEITHER),
        (0.01, 0.12, 0.02, Trouble.VARIANCE),
    ],
)
def test_mismatched_sets_are_told_from_variance(
    train: float, train_dev: float, dev: float, expected: Trouble
) -> None:
    of_train, of_train_dev, of_dev = (of_error(rate, 500) for rate in (train, train_dev, dev))
    found = diagnose(Metric.ERROR, train=of_train, train_dev=of_train_dev, dev=of_dev, best=0.0)
    assert found.trouble is expected
    assert found.data_mismatch is not None
    assert found.data_mismatch.size == pytest.approx(dev - train_dev)
    assert found.data_mismatch.standard_error == pytest.approx(
        sqrt(of_dev.standard_error**2 + of_train_dev.standard_error**2)
    )
    assert found.variance.size == pytest.approx(train_dev - train)
    total = found.avoidable_bias.size + found.variance.size + found.data_mismatch.size
    assert total == pytest.approx(dev)


def test_a_mismatch_is_looked_into_and_not_tuned_on() -> None:
    found = diagnose(
        Metric.ROC_AUC,
        train=Measured(0.99, 0.001, 5000),
        train_dev=Measured(0.98, 0.002, 5000),
        dev=Measured(0.80, 0.02, 400),
        best=1.0,
    )
    assert found.trouble is Trouble.MISMATCH
    assert found.data_mismatch is not None
    assert found.data_mismatch.size == pytest.approx(0.18)
    assert found.verdict == "data mismatch is the largest gap that is beyond chance"


def test_sets_from_one_place_have_no_mismatch() -> None:
    found = diagnose(Metric.ERROR, train=of_error(0.0, 500), dev=of_error(0.2, 500), best=0.0)
    assert found.data_mismatch is None
    assert found.trouble is Trouble.VARIANCE


def test_few_examples_name_nothing_that_many_would() -> None:
    few, many = (
        diagnose(Metric.ERROR, train=of_error(0.0, n), dev=of_error(0.1, n), best=0.0) for n in (10, 1000)
    )
    assert few.trouble is Trouble.NEITHER
    assert many.trouble is Trouble.VARIANCE


@given(st.floats(0, 1), st.floats(0, 1))
def test_where_higher_is_better_the_gaps_are_those_of_one_minus_the_value(train: float, dev: float) -> None:
    higher = diagnose(
        Metric.ROC_AUC, train=Measured(train, 0.01, 900), dev=Measured(dev, 0.02, 300), best=1.0
    )
    lower = diagnose(
        Metric.ERROR, train=Measured(1 - train, 0.01, 900), dev=Measured(1 - dev, 0.02, 300), best=0.0
    )
    assert higher.avoidable_bias.size == pytest.approx(lower.avoidable_bias.size)
    assert higher.variance.size == pytest.approx(lower.variance.size)
    assert higher.variance.standard_error == lower.variance.standard_error


def test_a_bayes_error_is_a_value_of_errors_and_of_an_rmse_alone() -> None:
    has = {metric for metric in Metric if has_bayes_figure(metric)}
    assert has == {Metric.ERROR, Metric.BALANCED_ERROR, Metric.RMSE}


def test_a_gap_is_clear_beyond_two_standard_errors() -> None:
    assert not Gap(0.2, 0.1, None).is_clear
    assert Gap(0.21, 0.1, None).is_clear
    assert not Gap(-0.5, 0.1, None).is_clear


@given(st.floats(0.001, 0.3), st.integers(10, 2000), st.floats(0, 0.05))
def test_so_many_examples_as_are_said_would_tell_and_fewer_would_not(
    dev: float, n: int, seed_deviation: float
) -> None:
    train = of_error(0.0, 10_000)

    def with_dev_examples(n_dev: int) -> Gap:
        measured = Measured(dev, sqrt(dev * (1 - dev) / n_dev), n_dev)
        return diagnose(
            Metric.ERROR, train=train, dev=measured, best=0.0, seed_deviation=seed_deviation
        ).variance

    found = with_dev_examples(n)
    if found.n_to_tell is None:
        assert found.is_clear or not with_dev_examples(MOST_TO_TELL).is_clear
    else:
        assert n <= found.n_to_tell
        assert with_dev_examples(found.n_to_tell + 1).is_clear
        assert not with_dev_examples(found.n_to_tell - 1).is_clear


def test_what_cannot_be_told_is_said_with_how_many_examples_would() -> None:
    diagnosis = diagnose(Metric.ERROR, train=of_error(0.0, 3000), dev=of_error(0.05, 50), best=0.0)
    assert diagnosis.trouble is Trouble.NEITHER
    n = diagnosis.variance.n_to_tell
    assert n is not None
    assert 50 < n < 200
    assert diagnosis.verdict == (
        "no gap is beyond two standard errors: cannot tell with 50 dev examples whether there is variance;"
        f" about {n} would, if it is as large as it seems"
    )


def floor(reached: float, *, is_winner: bool = False, gain: float = 0.0, below: float = 0.0) -> NoiseFloor:
    level = ModelLevel(
        model="network" if is_winner else "boosted trees",
        is_winner=is_winner,
        figure=reached,
        standard_error=0.01,
        gain_by_doubling=gain,
        gain_standard_error=0.002,
    )
    floors = (FloorBelow(source=Source.NEAREST_ROWS, figure=below, n_rows=900),) if below else ()
    return NoiseFloor(
        metric=Metric.ERROR,
        lowest=below,
        highest=reached + 0.02,
        reached=level,
        below=floors,
        models=(level,),
        n_train=900,
    )


def of_noise(train: float, dev: float, found: NoiseFloor, **changes: Any) -> Diagnosis:  # noqa: ANN401
    return diagnose(
        Metric.ERROR, train=of_error(train, 3000), dev=of_error(dev, 1000), best=0.0, floor=found, **changes
    )


def test_what_nobody_does_better_is_no_avoidable_bias() -> None:
    found = of_noise(0.24, 0.25, floor(0.25))
    assert found.trouble is Trouble.NOISE_FLOOR
    assert found.verdict == "at the noise floor, as far as these rows can tell"
    assert found.named == ()
    assert found.avoidable_bias.size == pytest.approx(-0.01)


def test_what_another_model_does_better_is_avoidable_bias() -> None:
    found = of_noise(0.24, 0.25, floor(0.10))
    assert found.trouble is Trouble.BIAS
    assert found.avoidable_bias.size == pytest.approx(0.14)
    assert found.avoidable_bias.standard_error > of_error(0.24, 3000).standard_error  # chance of both


def test_a_network_is_not_accused_by_its_own_figure_on_easier_rows() -> None:
    assert of_noise(0.24, 0.15, floor(0.15, is_winner=True)).trouble is Trouble.NOISE_FLOOR


def test_variance_is_noise_learned_by_heart_where_noise_shows_and_models_stand_still() -> None:
    assert of_noise(0.15, 0.25, floor(0.25, below=0.2)).trouble is Trouble.NOISE_FLOOR
    assert of_noise(0.15, 0.25, floor(0.25)).trouble is Trouble.VARIANCE
    assert of_noise(0.15, 0.25, floor(0.25, below=0.2, gain=0.03)).trouble is Trouble.VARIANCE
    assert of_noise(0.15, 0.25, floor(0.18, below=0.15)).trouble is Trouble.VARIANCE


def test_a_network_that_learned_nothing_has_no_variance_but_bias_where_others_learn() -> None:
    found = of_noise(0.40, 0.49, floor(0.48), has_learned=False)
    assert found.trouble is Trouble.NOTHING_LEARNED
    assert "no evidence of learning" in found.verdict
    assert of_noise(0.40, 0.49, floor(0.10), has_learned=False).named[0] is Trouble.BIAS


def test_a_search_that_was_cut_short_cannot_tell_bias_from_noise() -> None:
    found = of_noise(0.24, 0.25, floor(0.25), open_end="it was cut short")
    assert found.trouble is Trouble.BIAS_OR_NOISE
    assert found.verdict == (
        "cannot tell bias from noise: no model does better on new rows, but it was cut short"
    )


def test_a_perfect_network_is_at_no_noise_floor() -> None:
    assert of_noise(0.0, 0.0, floor(0.01)).trouble is Trouble.NEITHER


def test_luck_with_the_seed_is_no_variance() -> None:
    train, dev = of_error(0.0, 3000), of_error(0.05, 1000)
    assert diagnose(Metric.ERROR, train=train, dev=dev, best=0.0).trouble is Trouble.VARIANCE
    lucky = diagnose(Metric.ERROR, train=train, dev=dev, best=0.0, seed_deviation=0.04)
    assert lucky.trouble is Trouble.NEITHER
    assert lucky.variance.n_to_tell is None
    assert "nor would more examples show one" in lucky.verdict
