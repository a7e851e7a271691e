"""That there is no evidence of learning, in words: what comes before everything else where it is so."""

from service.report.facts.study_report import StudyReport
from service.report.wording.numbers import metric_name, size_text

NOTHING_LEARNED = "No evidence of learning"

_CONSTANTS = {
    "majority class": "always predicting the most frequent class",
    "mean": "always predicting the mean",
}


def nothing_learned_text(report: StudyReport) -> str | None:
    """Say that the network is not better than a constant beyond chance; None where it is, or nobody knows."""
    learned, metric = report.learned, report.metric
    if learned is None or learned.is_beyond_chance:
        return None
    than = _CONSTANTS.get(learned.constant, f"the {learned.constant}")
    by, side = size_text(metric, abs(learned.gain)), "better" if learned.gain > 0 else "worse"
    told = f"the network is not significantly better than {than} ({learned.examples} {metric_name(metric)}"
    told += f" {by} {side}, ± {size_text(metric, learned.margin)}"
    if learned.gain > 0 and learned.flattery > 0:
        told += f"; selection on these rows accounts for {size_text(metric, learned.flattery)}"
    return f"{told})"
