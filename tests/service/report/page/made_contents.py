"""Reports with all that may stand in one, made up where no small study has it, for the page to show."""

from dataclasses import replace

from service.advice.advised_steps import AdvisedStep, StepKind
from service.advice.findings import Finding, FindingKind
from service.report.facts.report_contents import ReportContents
from service.winner.examination.dev_analysis.values import (
    CalibrationBin,
    Confusion,
    DevAnalysis,
    ExampleLoss,
    Residuals,
    Slice,
    SliceKind,
    WorstExample,
)
from service.winner.learning_curve.learning_curve import (
    CurvePoint,
    Forecast,
    LearningCurve,
    LeftOut,
    PowerLaw,
)
from workers.metrics.metric import Metric
from workers.train_dev_data import Task


def full_contents(contents: ReportContents, *, name: str = "petal length") -> ReportContents:
    """Return a report that has everything.

    Parameters
    ----------
    contents
        A real one.
    name
        What a column, a class and a cell are called in what is made up.
    """
    changes = {
        "findings": (finding(name),),
        "advice": (advised_step(name),),
        "dev_analysis": dev_analysis(contents.report.task, name),
        "learning_curve": learning_curve(),
    }
    return replace(contents, report=contents.report.model_copy(update=changes))


def finding(name: str) -> Finding:
    return Finding(
        kind=FindingKind.EDGE_OF_RANGE,
        hyperparameter="learning_rate",
        text=f"the best values of learning_rate lie at the upper edge of its range, as {name} shows",
        evidence={"share": 0.8},
    )


def advised_step(name: str) -> AdvisedStep:
    return AdvisedStep(
        step=StepKind.MOVE_SPACE,
        text="search learning rates above 0.03 as well",
        evidence=("4 of the 5 best trials lie in the upper tenth of the range", f"so does {name}"),
        expected_gain=0.01,
        expectation="as far as the best trials tell",
    )


def dev_analysis(task: Task, name: str) -> DevAnalysis:
    is_class = task is Task.CLASSIFICATION
    return DevAnalysis(
        n_examples=120,
        n_dev=300,
        loss=ExampleLoss.ERROR if is_class else ExampleLoss.SQUARED_ERROR,
        n_columns_left_out=0,
        calibrated_class=None,
        confusion=Confusion(
            classes=(name, "versicolor", "virginica"),
            counts=((38, 2, 0), (1, 35, 4), (0, 3, 36)),
            n_left_out=1,
        )
        if is_class
        else None,
        residuals=None
        if is_class
        else Residuals(
            points=tuple((1000.0 * n, 1000.0 * n + 37 * (-1) ** n * n) for n in range(1, 60)),
            quantiles={"5 %": -210.0, "25 %": -80.0, "50 %": 3.0, "75 %": 95.0, "95 %": 230.0},
        ),
        calibration=tuple(
            CalibrationBin(
                predicted=0.1 * n if is_class else 10_000.0 * n,
                actual=0.1 * n - 0.04 if is_class else 10_000.0 * n - 900,
                standard_error=0.05 if is_class else 700.0,
                n_examples=12,
            )
            for n in range(5, 10)
        ),
        n_slices=48,
        slices=(
            Slice(
                column=name,
                kind=SliceKind.RANGE,
                values="4.8 to 5.1",
                n_examples=14,
                mean_loss=0.36,
                others_mean_loss=0.04,
                standard_error=0.09,
                share_of_loss=0.52,
                is_clear=True,
            ),
            Slice(
                column="sepal width",
                kind=SliceKind.MISSING,
                values="missing",
                n_examples=3,
                mean_loss=0.33,
                others_mean_loss=0.08,
                standard_error=0.3,
                share_of_loss=0.1,
                is_clear=False,
            ),
        ),
        worst_examples=(
            WorstExample(
                row=71,
                file="/data/iris.csv",
                actual="versicolor",
                predicted=name,
                loss=4.2,
                cells={"flower": "f-71", name: name},
            ),
            WorstExample(
                row=84,
                file="/data/iris.csv",
                actual="versicolor",
                predicted="virginica",
                loss=3.1,
                cells={"flower": "f-84", name: None},
            ),
        ),
    )


def learning_curve() -> LearningCurve:
    sizes = (11, 22, 45, 90)
    return LearningCurve(
        trial=3,
        metric=Metric.ERROR,
        left_out=(LeftOut(n_examples=6, reason="its trainings broke off"),),
        dev_standard_error=0.02,
        points=tuple(
            CurvePoint(
                n_examples=n,
                dev_figures=(0.02 + 0.9 / n, 0.03 + 1.1 / n),
                mean=0.025 + 1.0 / n,
                standard_error=0.005,
                n_failed=0,
            )
            for n in sizes
        ),
        fit=PowerLaw(floor=0.025, scale=1.0, exponent=1.0, exponent_interval=(0.7, 1.3)),
        why_not=None,
        forecasts=(
            Forecast(factor=2.0, n_examples=180, figure=0.031, interval=(0.02, 0.04)),
            Forecast(factor=10.0, n_examples=900, figure=0.026, interval=(0.01, 0.04)),
        ),
        flat_from=120,
    )
