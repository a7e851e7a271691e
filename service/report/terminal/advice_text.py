"""What to do next, on the screen: the gaps, the steps to try, and what more data would bring.

A learning curve is shown whole as well: its trainings as they end, and its points.
"""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from search_spaces.counted import counted
from service.advice.gaps import Trouble
from service.advice.study_diagnosis import Gaps, StudyDiagnosis
from service.report.facts.study_report import StudyReport
from service.report.wording.advice import (
    bias_text,
    curve_lines,
    difference_text,
    expectation_text,
    floor_lines,
    forecast_text,
    more_lines,
    times_text,
)
from service.report.wording.numbers import duration_text, metric_name, metric_text, size_text
from service.study.storage.database_url import next_command
from service.study.storage.stored_study import StoredStudy
from service.winner.learning_curve.curve_plan import CurvePlan
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.learning_curve.measured_curve import Outcome
from workers.messages import Ending, TrialEnded, TrialRequest
from workers.metrics.metric import Metric


def print_gaps(report: StudyReport, console: Console) -> None:
    """Print avoidable bias, variance and, where dev is from elsewhere, data mismatch, each ± 2 s.e."""
    gaps = report.gaps
    if gaps is None:
        return
    first, *others = floor_lines(gaps) or [""]
    lines = [first, *(f"  {line}" for line in others)] if first else []
    lines += _lines(report.metric, gaps)
    if gaps.bayes_error is None and gaps.noise_floor is None:
        lines.append(
            f"  No noise is assumed: the best possible {metric_name(report.metric)} is a perfect one"
        )
    lines += [f"Diagnosis: {gaps.verdict}", *(f"  {line}" for line in more_lines(gaps))]
    for line in lines:
        console.print(Text(line), soft_wrap=not console.is_terminal)
    _print_first_step(report, console)
    console.print()


def _lines(metric: Metric, gaps: Gaps) -> list[str]:
    """Return the gaps: on one line the two that always are, on three lines all three."""
    r_squared = gaps.in_r_squared if gaps.in_r_squared and metric is not Metric.R_SQUARED else {}

    def text(trouble: Trouble, size: float, standard_error: float) -> str:
        told = f"{size_text(metric, size)} ± {size_text(metric, 2 * standard_error)}"
        return f"{told} (R² {r_squared[trouble]:.3f})" if trouble in r_squared else told

    is_shown = gaps.noise_floor is None or gaps.avoidable_bias > 0
    bias = ("" if is_shown else "none, ") + text(
        Trouble.BIAS, gaps.avoidable_bias, gaps.avoidable_bias_standard_error
    )
    variance = text(Trouble.VARIANCE, gaps.variance, gaps.variance_standard_error)
    of_bias = f"Avoidable bias ({bias_text(metric, gaps)}): {bias}"
    if gaps.data_mismatch is None or gaps.data_mismatch_standard_error is None:
        return [f"{of_bias}; variance ({difference_text(metric, 'dev', 'train')}): {variance}"]
    mismatch = text(Trouble.MISMATCH, gaps.data_mismatch, gaps.data_mismatch_standard_error)
    return [
        of_bias,
        f"Variance ({difference_text(metric, 'train-dev', 'train')}): {variance}",
        f"Data mismatch ({difference_text(metric, 'dev', 'train-dev')}): {mismatch}",
    ]


def _print_first_step(report: StudyReport, console: Console) -> None:
    """Print the first step with its reasons, and the names of the others."""
    if not report.advice:
        return
    first, *others = report.advice
    _say(console, ("Next: ", "bold"), first.text, expectation_text(first, report.metric))
    for reason in first.evidence:
        _say(console, f"  {reason}")
    if others:
        names = ", ".join(step.step for step in others)
        _say(console, (f"  then: {names} ({next_command(report.storage, 'advise', report.study)})", "dim"))


def print_advice(diagnosis: StudyDiagnosis, study: StoredStudy, console: Console) -> None:
    """Print what a study's search shows, its largest gap, and all steps with their reasons."""
    _say(console, f"Study {study.config.name}")
    for finding in diagnosis.findings:
        _say(console, "Found: ", finding.text)
    if diagnosis.gaps is None:
        _say(console, "Its winner has not been measured: there is no diagnosis yet")
        return
    for line in floor_lines(diagnosis.gaps):
        _say(console, line)
    _say(console, "Diagnosis: ", diagnosis.gaps.verdict)
    for line in more_lines(diagnosis.gaps):
        _say(console, line)
    for number, step in enumerate(diagnosis.advice, start=1):
        expectation = expectation_text(step, study.metric)
        _say(console, (f"{number}. {step.text}", "bold"), expectation)
        for reason in step.evidence:
            _say(console, f"     {reason}")


GIVING_UP = "the learning curve was not finished; the study is as it was"


class TrainingLines:
    """Says how the trainings of a curve go, a line each.

    Parameters
    ----------
    plan
        The trainings.
    say
        Shows a line.
    """

    def __init__(self, plan: CurvePlan, say: Callable[[str], None]) -> None:
        self._plan, self._say = plan, say
        self._n_ended = 0

    def begin(self, study: str, *, n_workers: int) -> None:
        """Say what begins."""
        n = self._plan.parts[-1].n_examples
        trainings = counted(len(self._plan.requests), "training")
        workers = counted(n_workers, "worker")
        self._say(f"study {study}: trial {self._plan.learner.trial} on parts of {n:,} train examples")
        self._say(f"{trainings} on {workers}")

    def ended(self, request: TrialRequest, outcome: Outcome) -> None:
        """Say what came of a training."""
        self._n_ended += 1
        metric = self._plan.learner.rules.metric
        how = f"failed: {outcome.reason}"
        if isinstance(outcome, TrialEnded) and outcome.ending is Ending.COMPLETE:
            figure = f"{metric_name(metric)} {metric_text(metric, outcome.dev_metric)}"
            how = f"{figure}, {counted(outcome.epochs, 'epoch')} in {duration_text(outcome.seconds)}"
        n_examples = len(self._plan.data_of(request).y_train)
        width = len(f"{self._plan.parts[-1].n_examples:,}")
        self._say(
            f"{self._n_ended:>{len(str(len(self._plan.requests)))}} of {len(self._plan.requests)}"
            f"  {n_examples:>{width},} train examples  {how}"
        )


def print_learning_curve(curve: LearningCurve, console: Console) -> None:
    """Print a curve's points, its law, and what follows from it; a width of 80 is enough."""
    metric = curve.metric
    console.print()
    heading = f": trial {curve.trial} on parts of the train set, judged on the whole dev set"
    console.print(Text.assemble(("Learning curve", "bold"), heading), soft_wrap=not console.is_terminal)
    rows = [("train examples", f"dev {metric_name(metric)} ± s.e. over seeds")]
    for point in curve.points:
        failed = f", {point.n_failed} of {point.n_failed + len(point.dev_figures)} failed"
        error = size_text(metric, point.standard_error)
        figure = f"{metric_text(metric, point.mean)} ± {error}{failed if point.n_failed else ''}"
        rows.append((f"{point.n_examples:,}", figure))
    width = max(len(examples) for examples, _ in rows)
    for row, (examples, figure) in enumerate(rows):
        console.print(Text(f"  {examples:>{width}}  {figure}", "" if row else "dim"), soft_wrap=True)
    for each in curve.left_out:
        left_out = f"  {each.n_examples:,} train examples are left out: {each.reason}"
        console.print(Text(left_out, "dim"), soft_wrap=not console.is_terminal)
    console.print()
    for line in curve_lines(curve):
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print()


def print_more_data(curve: LearningCurve, console: Console) -> None:
    """Print in a line what more data would bring."""
    metric = curve.metric
    told = [f"{forecast_text(metric, each)} with {times_text(each.factor)}" for each in curve.forecasts]
    what = f"dev {metric_name(metric)} {', '.join(told)} the train examples" if told else f"{curve.why_not}"
    console.print(Text.assemble(("More data: ", "bold"), what), soft_wrap=not console.is_terminal)
    console.print()


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)
