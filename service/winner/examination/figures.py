"""The figures that a model is reported by: all metrics of its task, and how it does on each class.

Metrics are by name, in the target's unit. What each class is predicted as shows what a balanced figure is
made of, and what it hides.
"""

from collections.abc import Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import measure_all
from workers.train_dev_data import Task

Figures = dict[str, float]
"""Values by a metric's name, each in the metric's own sense."""


def figures(
    predictions: NDArray[np.floating],
    y: NDArray[np.integer | np.floating],
    *,
    task: Task,
    rule: DecisionRule,
) -> Figures:
    """Judge predictions.

    Parameters
    ----------
    predictions
        Probabilities (n_examples, n_classes); or numbers in the target's unit (n_examples,).
    y
        Class indices (n_examples,); or numbers (n_examples,).
    task
        Which of the two.
    rule
        Decides labels.
    """
    truth = y.astype(np.int64 if task is Task.CLASSIFICATION else np.float64)
    measured = measure_all(task, predictions, truth, rule=rule, target_deviation=1.0)
    return {metric.value: value for metric, value in measured.items()}


def means_of(found: Sequence[Figures]) -> Figures:
    """Return the means of several models' figures, one at least."""
    return {name: fmean(each[name] for each in found) for name in found[0]}


_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ClassFigures(BaseModel):
    """One class of a set of rows."""

    model_config = _VALUE_OBJECT

    name: str
    """The class, as the table has it."""

    n_examples: int
    """Rows of the class."""

    n_predicted: int
    """Rows that are predicted as it."""

    n_right: int
    """Rows of the class that are predicted as it."""

    recall: float | None
    """Recall: fraction of its rows that are predicted as it; None if the set has no such row."""

    precision: float | None
    """Precision: fraction of the rows predicted as it that belong to it; None if there are no such rows."""


class ByClass(BaseModel):
    """All classes of a set of rows."""

    model_config = _VALUE_OBJECT

    commonest: str
    """The class that is the most frequent in the train set, which is what always naming one would name."""

    classes: tuple[ClassFigures, ...]
    """In the order of the table's classes."""

    @property
    def n_examples(self) -> int:
        """Rows of the set."""
        return sum(each.n_examples for each in self.classes)

    @property
    def is_unbalanced(self) -> bool:
        """Whether the rarest class has less than half of the rows that it would have if all had as many."""
        return 2 * len(self.classes) * min(each.n_examples for each in self.classes) < self.n_examples

    @property
    def error(self) -> float:
        """Share of all rows that are predicted wrongly (fraction)."""
        return 1 - sum(each.n_right for each in self.classes) / self.n_examples

    @property
    def error_of_commonest(self) -> float:
        """Share of all rows that always predicting the commonest class gets wrong (fraction)."""
        named = sum(each.n_examples for each in self.classes if each.name == self.commonest)
        return 1 - named / self.n_examples

    @property
    def pointed_out(self) -> ClassFigures:
        """The class to look at first: of two the rarer one, of several that with the lowest recall.

        Of equals it is the rarer one in this set, and of equally rare ones the later. A class that the set
        has no row of is not looked at.
        """
        found = [each for each in self.classes if each.n_examples > 0]
        if len(self.classes) == 2:
            others = [each for each in found if each.name != self.commonest]
            return others[0] if others else found[0]
        return min(reversed(found), key=lambda each: (each.recall or 0.0, each.n_examples))


def by_class(
    labels: NDArray[np.integer],
    y: NDArray[np.integer],
    *,
    class_names: Sequence[str],
    train_counts: Sequence[int],
) -> ByClass:
    """Count what each class is predicted as.

    Parameters
    ----------
    labels, y
        Class indices, predicted and true (n_examples,).
    class_names
        Name of each class index.
    train_counts
        Rows of each class in the train set.
    """
    n_classes = len(class_names)
    n_examples = np.bincount(y, minlength=n_classes).tolist()
    n_predicted = np.bincount(labels, minlength=n_classes).tolist()
    n_right = np.bincount(y[labels == y], minlength=n_classes).tolist()
    return ByClass(
        commonest=class_names[int(np.argmax(train_counts))],
        classes=tuple(
            ClassFigures(
                name=name,
                n_examples=own,
                n_predicted=predicted,
                n_right=right,
                recall=right / own if own else None,
                precision=right / predicted if predicted else None,
            )
            for name, own, predicted, right in zip(class_names, n_examples, n_predicted, n_right, strict=True)
        ),
    )
