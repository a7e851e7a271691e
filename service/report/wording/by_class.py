"""What is said beside a balanced figure: the plain error, and how one class of few rows does."""

from service.report.wording.numbers import counted, metric_text
from service.report.wording.slices import printable
from service.winner.examination.by_class import ByClass, ClassFigures
from workers.metrics import Metric


def by_class_lines(found: ByClass) -> tuple[str, str]:
    """Return two lines: the plain error beside that of one constant class, and one class's figures."""
    one = found.pointed_out
    name = printable(one.name)
    plain = f"plain error {_share(found.error)}; always predicting {printable(found.commonest)}"
    recall = f"recall {_share(one.recall)} ({one.n_right:,} of {one.n_examples:,} found)"
    precision = f"no row is predicted as {name}"
    if one.precision is not None:
        predicted = f"{one.n_right:,} of {one.n_predicted:,} predicted"
        precision = f"precision {_share(one.precision)} ({predicted})"
    return (
        f"{plain}: {_share(found.error_of_commonest)}",
        f"{name}, {_why(found)}: {recall}, {precision}",
    )


def by_class_sentences(found: ByClass, metric: Metric) -> str:
    """Say the same for who does not know the words.

    Parameters
    ----------
    found
        How the winner does on each class.
    metric
        The study's metric, one of `workers.metrics.BALANCED`.
    """
    averaged = "error rates" if metric is Metric.BALANCED_ERROR else "F1 scores"
    one = found.pointed_out
    return (
        f"This figure is the mean of the {averaged} of the classes, so a rare class counts as much as a"
        f" common one. Counted by rows, the network gets {_share(found.error)} of them wrong; always"
        f" predicting {printable(found.commonest)} gets {_share(found.error_of_commonest)} wrong."
        f" {_class_sentence(one, _why(found))}"
    )


def _class_sentence(one: ClassFigures, why: str) -> str:
    name = printable(one.name)
    said = f"Of {counted(one.n_examples, 'row')} of {name}, {why}, it finds {one.n_right:,} (recall"
    said += f" {_share(one.recall)})"
    if one.precision is None:
        return f"{said}; it predicts {name} for no row."
    predicted = counted(one.n_predicted, "row")
    said += f"; of {predicted} that it predicts as {name}, {one.n_right:,} are"
    return f"{said} (precision {_share(one.precision)})."


def _why(found: ByClass) -> str:
    """Say why this class is pointed out."""
    if len(found.classes) > 2:
        return "the class with the lowest recall"
    return "the rarer class" if found.pointed_out.name != found.commonest else "the only class here"


def _share(share: float | None) -> str:
    return "unknown" if share is None else metric_text(Metric.ERROR, share)
