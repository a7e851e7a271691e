"""What each gap is the difference of."""

from service.advice.diagnosis.study_diagnosis import Gaps
from service.report.wording.numbers import metric_text
from workers.metrics import Metric


def difference_text(metric: Metric, worse: str, better: str) -> str:
    """Name a gap by the difference that it is: above 0 where the one is worse."""
    return f"{better} - {worse}" if metric.higher_is_better else f"{worse} - {better}"


def bias_text(metric: Metric, gaps: Gaps) -> str:
    """Say what the bias is the difference of."""
    if gaps.noise_floor is not None:
        return difference_text(metric, "train", f"best model on new rows, {metric_text(metric, gaps.best)}")
    if gaps.bayes_error is None:
        return difference_text(metric, "train", f"{gaps.best:g}")
    return f"train - Bayes, {metric_text(metric, gaps.bayes_error)}"
