"""The diagnosis names planted troubles, and nothing that chance explains."""

import pytest

from service.reporting.diagnosis import Gap, Measured, Trouble, diagnose
from workers.train_dev_data import Task

CLASSES, NUMBERS = Task.CLASSIFICATION, Task.REGRESSION


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
    diagnosis = diagnose(
        train=Measured(train, 3000, CLASSES), dev=Measured(dev, 1000, CLASSES), bayes_error=bayes_error
    )
    assert diagnosis.trouble is expected
    assert diagnosis.avoidable_bias.size == pytest.approx(train - bayes_error)
    assert diagnosis.variance.size == pytest.approx(dev - train)


@pytest.mark.parametrize(
    ("trouble", "advice"),
    [(Trouble.BIAS, "a bigger network"), (Trouble.VARIANCE, "more data"), (Trouble.NEITHER, "chance")],
)
def test_each_trouble_has_its_advice(trouble: Trouble, advice: str) -> None:
    figures = {Trouble.BIAS: (0.3, 0.3), Trouble.VARIANCE: (0.0, 0.3), Trouble.NEITHER: (0.0, 0.0)}
    train, dev = (Measured(figure, 1000, CLASSES) for figure in figures[trouble])
    assert advice in diagnose(train=train, dev=dev, bayes_error=0.0).advice


def test_few_examples_name_nothing_that_many_would() -> None:
    few, many = (
        diagnose(train=Measured(0.0, n, CLASSES), dev=Measured(0.1, n, CLASSES), bayes_error=0.0)
        for n in (10, 1000)
    )
    assert few.trouble is Trouble.NEITHER
    assert many.trouble is Trouble.VARIANCE


def test_no_error_in_few_examples_is_not_certainty() -> None:
    assert Measured(0.0, 20, CLASSES).standard_error > 0.01


def test_an_rmse_is_as_uncertain_as_normal_residuals_make_it() -> None:
    assert Measured(10.0, 200, NUMBERS).standard_error == pytest.approx(0.5)


def test_a_gap_is_clear_beyond_two_standard_errors() -> None:
    assert not Gap(0.2, 0.1).is_clear
    assert Gap(0.21, 0.1).is_clear
    assert not Gap(-0.5, 0.1).is_clear
