"""A learning curve on the screen: its trainings as they end, its points, and what more data would bring."""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from search_spaces.counted import counted
from service.report.wording.advice import curve_lines, forecast_text, times_text
from service.report.wording.numbers import duration_text, metric_name, metric_text, size_text
from service.winner.learning_curve.curve_plan import CurvePlan
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.learning_curve.measured_curve import Outcome
from workers.messages import Ending, TrialEnded, TrialRequest

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
