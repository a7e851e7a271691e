"""The gaps between the winner's figures, as bars with what is uncertain in them."""

from service.advice.diagnosis.study_diagnosis import Gaps
from service.report.page.blocks import Numbers, Picture
from service.report.page.plots.axes import linear_marks, metric_tick_text
from service.report.page.plots.drawing import Bar, draw_bars
from service.report.wording.advice import bias_text, difference_text
from service.report.wording.numbers import metric_name
from workers.metrics.metric import Metric


def gap_rows(gaps: Gaps, metric: Metric) -> list[tuple[str, str, float, float]]:
    """Return the gaps, a row each: name, what it is the difference of, size, standard error."""
    held_out = "dev" if gaps.data_mismatch is None else "train-dev"
    rows = [
        (
            "avoidable bias",
            bias_text(metric, gaps),
            gaps.avoidable_bias,
            gaps.avoidable_bias_standard_error,
        ),
        ("variance", difference_text(metric, held_out, "train"), gaps.variance, gaps.variance_standard_error),
    ]
    if gaps.data_mismatch is not None and gaps.data_mismatch_standard_error is not None:
        words = difference_text(metric, "dev", "train-dev")
        rows.append(("data mismatch", words, gaps.data_mismatch, gaps.data_mismatch_standard_error))
    return rows


def gap_picture(gaps: Gaps, metric: Metric) -> Picture:
    """Return the picture."""
    rows = gap_rows(gaps, metric)
    ends = [0.0, *(end for _, _, size, error in rows for end in (size - 2 * error, size + 2 * error))]
    low, high = min(ends), max(ends)
    marks = linear_marks(low, high or 1e-9, write=lambda size: metric_tick_text(metric, size))
    told = "; ".join(f"{name} {metric_tick_text(metric, size)}" for name, _, size, _ in rows)
    return Picture(
        title="Where the error comes from",
        alternative=f"Gaps in dev {metric_name(metric)}: {told}",
        svg=draw_bars([Bar(name, size, 2 * error) for name, _, size, error in rows], marks),
        caption="The lines are two standard errors to either side: a gap whose line reaches 0 may be chance.",
        numbers=Numbers("gaps", ("gap", "difference", "size", "standard error"), tuple(rows)),
    )
