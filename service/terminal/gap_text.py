"""The gaps between the winner's figures on the screen, the largest beyond chance, and what to try next."""

from rich.console import Console
from rich.text import Text

from service.diagnosis.gaps import Trouble
from service.diagnosis.study_diagnosis import Gaps
from service.reporting.study_report import StudyReport
from service.terminal.advice_text import print_first_step
from service.terminal.wording import metric_name, metric_text
from workers.metrics import Metric


def print_gaps(report: StudyReport, console: Console) -> None:
    """Print avoidable bias, variance and, where dev is from elsewhere, data mismatch, each ± 2 s.e."""
    gaps = report.gaps
    if gaps is None:
        return
    for line in _lines(report.metric, gaps):
        console.print(Text(line), soft_wrap=not console.is_terminal)
    if gaps.bayes_error is None:
        assumed = f"  No Bayes figure is assumed for {metric_name(report.metric)}: the best is perfection"
        console.print(Text(assumed), soft_wrap=not console.is_terminal)
    console.print(Text(f"Diagnosis: {gaps.verdict}"), soft_wrap=not console.is_terminal)
    print_first_step(report, console)
    console.print()


def _lines(metric: Metric, gaps: Gaps) -> list[str]:
    """Return the gaps: on one line the two that always are, on three lines all three."""
    r_squared = gaps.in_r_squared if gaps.in_r_squared and metric is not Metric.R_SQUARED else {}

    def text(trouble: Trouble, size: float, standard_error: float) -> str:
        told = f"{metric_text(metric, size)} ± {metric_text(metric, 2 * standard_error)}"
        return f"{told} (R² {r_squared[trouble]:.3f})" if trouble in r_squared else told

    bias = text(Trouble.BIAS, gaps.avoidable_bias, gaps.avoidable_bias_standard_error)
    variance = text(Trouble.VARIANCE, gaps.variance, gaps.variance_standard_error)
    of_bias = f"Avoidable bias ({_bias_words(metric, gaps)}): {bias}"
    if gaps.data_mismatch is None or gaps.data_mismatch_standard_error is None:
        return [f"{of_bias}; variance ({_difference(metric, 'dev', 'train')}): {variance}"]
    mismatch = text(Trouble.MISMATCH, gaps.data_mismatch, gaps.data_mismatch_standard_error)
    return [
        of_bias,
        f"Variance ({_difference(metric, 'train-dev', 'train')}): {variance}",
        f"Data mismatch ({_difference(metric, 'dev', 'train-dev')}): {mismatch}",
    ]


def _difference(metric: Metric, worse: str, better: str) -> str:
    """Name a gap by the difference that it is: above 0 where the one is worse."""
    return f"{better} - {worse}" if metric.higher_is_better else f"{worse} - {better}"


def _bias_words(metric: Metric, gaps: Gaps) -> str:
    """Say what the bias is the difference of."""
    if gaps.bayes_error is None:
        return _difference(metric, "train", f"{gaps.best:g}")
    assumed = " assumed" if gaps.bayes_error == 0 else ""
    return f"train - Bayes, {metric_text(metric, gaps.bayes_error)}{assumed}"
