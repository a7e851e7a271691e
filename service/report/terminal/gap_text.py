"""The gaps between the winner's figures on the screen, the largest beyond chance, and what to try next."""

from rich.console import Console
from rich.text import Text

from service.advice.diagnosis.gaps import Trouble
from service.advice.diagnosis.study_diagnosis import Gaps
from service.report.facts.study_report import StudyReport
from service.report.terminal.advice_text import print_first_step
from service.report.wording.gaps import bias_text, difference_text
from service.report.wording.noise_floor import floor_lines, more_lines
from service.report.wording.numbers import metric_name, size_text
from workers.metrics import Metric


def print_gaps(report: StudyReport, console: Console) -> None:
    """Print avoidable bias, variance and, where dev is from elsewhere, data mismatch, each ± 2 s.e."""
    gaps = report.gaps
    if gaps is None:
        return
    first, *others = floor_lines(gaps) or [""]
    lines = [first, *(f"  {line}" for line in others)] if first else []
    lines += _lines(report.metric, gaps)
    if gaps.bayes_error is None and gaps.noise_floor is None:
        lines.append(f"  No noise is assumed in {metric_name(report.metric)}: the best is perfection")
    lines += [f"Diagnosis: {gaps.verdict}", *(f"  {line}" for line in more_lines(gaps))]
    for line in lines:
        console.print(Text(line), soft_wrap=not console.is_terminal)
    print_first_step(report, console)
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
