"""A learning curve in words: its points, what more data would bring, or why that cannot be told."""

import re
from pathlib import Path

import pytest

from service.report.terminal.advice_text import TrainingLines, print_learning_curve
from service.report.terminal.report_text import print_report
from service.report.wording.advice import curve_lines
from service.winner.learning_curve.learning_curve import (
    CurvePoint,
    Forecast,
    LearningCurve,
    LeftOut,
    PowerLaw,
)
from tests.service.iris_study import new_store, search_iris
from tests.service.paper import paper, text_of, words
from tests.service.winner.learning_curve.curves import known_of, outcomes_of, plan_of
from workers.messages import TrialLost
from workers.metrics.metric import Metric


def point(n_examples: int, mean: float, *, n_failed: int = 0) -> CurvePoint:
    figures = (mean, mean)
    return CurvePoint(
        n_examples=n_examples, dev_figures=figures, mean=mean, standard_error=0.0123, n_failed=n_failed
    )


CURVE = LearningCurve(
    trial=7,
    metric=Metric.ERROR,
    points=(point(250, 0.2), point(500, 0.15, n_failed=1), point(1000, 0.12)),
    left_out=(LeftOut(n_examples=125, reason="3 of 3 trainings broke off"),),
    dev_standard_error=0.01,
    fit=PowerLaw(floor=0.03, scale=2.5, exponent=0.5, exponent_interval=(0.35, 0.9)),
    why_not=None,
    forecasts=(
        Forecast(factor=2, n_examples=2000, figure=0.086, interval=(0.07, 0.1)),
        Forecast(factor=10, n_examples=10_000, figure=0.055, interval=(0.03, 0.08)),
    ),
    flat_from=1400,
)
NOTHING = CURVE.model_copy(
    update={"fit": None, "why_not": "it gains nothing beyond chance", "forecasts": (), "flat_from": None}
)


def test_a_curve_is_told_in_points_and_what_follows() -> None:
    console = paper()
    print_learning_curve(CURVE, console)
    said = text_of(console)

    assert all(len(line) <= 110 for line in said.splitlines())
    assert "Learning curve: trial 7 on parts of the train set, judged on the whole dev set" in words(said)
    assert "           1,000  12.00 % ± 1.23 points\n" in said
    assert "             500  15.00 % ± 1.23 points, 1 of 3 failed\n" in said
    assert "125 train examples are left out: 3 of 3 trainings broke off" in said
    *lines, last = curve_lines(CURVE)
    law = "approaches 3.00 % as a power of the number of train examples (exponent 0.5, 0.35 to 0.9)"
    assert lines == [
        f"The dev error {law}.",
        "With twice the train examples, 2,000: dev error 8.60 % (7.00 % to 10.00 %).",
        "With ten times the train examples, 10,000: dev error 5.50 % (3.00 % to 8.00 %).",
    ]
    gain = "doubling them gains less than 2.00 points (two standard errors of the dev set)."
    assert last == f"From 1,400 train examples on, {gain}"


@pytest.mark.parametrize(
    ("flat_from", "told"),
    [
        (900, "Already from 900 train examples on, doubling them gains less than 2.00 points"),
        (None, "Doubling gains more than 2.00 points"),
    ],
)
def test_where_it_is_flat_is_told(flat_from: int | None, told: str) -> None:
    assert curve_lines(CURVE.model_copy(update={"flat_from": flat_from}))[-1].startswith(told)


def test_without_a_fit_it_says_why() -> None:
    assert curve_lines(NOTHING) == ["The effect of more data is unknown: it gains nothing beyond chance."]


def test_a_figure_that_is_better_the_higher_it_is_is_told_in_its_own_sense() -> None:
    fit = PowerLaw(floor=-0.97, scale=2.5, exponent=0.5, exponent_interval=(0.35, 0.9))
    told = curve_lines(CURVE.model_copy(update={"metric": Metric.ROC_AUC, "fit": fit}))
    assert told[0].startswith("The dev ROC AUC approaches 0.97 as a power")


def test_the_report_has_a_line_of_it(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), trials=2)
    study.conclude(keep_sealed=True)

    def said() -> str:
        console = paper()
        print_report(study.report, console)
        return words(text_of(console))

    assert "More data" not in said()
    study.store.set_attribute("iris", "learning_curve", CURVE.model_dump(mode="json"))
    assert (
        "More data: dev error 8.60 % (7.00 % to 10.00 %) with twice, 5.50 % (3.00 % to 8.00 %) with ten times"
        " the train examples"
    ) in said()
    study.store.set_attribute("iris", "learning_curve", NOTHING.model_dump(mode="json"))
    assert "More data: it gains nothing beyond chance" in said()
    study.store.close()


def test_trainings_are_told_as_they_end() -> None:
    plan = plan_of(known_of("iris"))
    ends = outcomes_of(plan)
    told: list[str] = []
    lines = TrainingLines(plan, told.append)
    lines.begin("iris", n_workers=1)
    for request in plan.requests[:2]:
        lines.ended(request, ends[request.number])
    lines.ended(plan.requests[2], TrialLost(plan.requests[2].number, "here", "its worker died"))

    assert told[:2] == [
        "study iris: trial 3 on parts of 90 train examples",
        f"{len(plan.requests)} trainings on 1 worker",
    ]
    assert told[2].startswith(f"1 of {len(plan.requests)}  90 train examples  error ")
    assert re.search(r", 4 epochs in \d+\.\d s", told[2])
    assert told[4] == f"3 of {len(plan.requests)}  45 train examples  failed: its worker died"
