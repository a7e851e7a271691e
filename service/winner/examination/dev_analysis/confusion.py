"""Which class is taken for which."""

import numpy as np

from service.winner.examination.dev_analysis.predicted_set import PredictedClasses
from service.winner.examination.dev_analysis.values import Confusion

MOST_CLASSES = 20
"""Of more classes the most frequent are told of."""


def confusion_of(predicted: PredictedClasses, *, most_classes: int = MOST_CLASSES) -> Confusion:
    """Count examples by their class and the one that they are taken for.

    Parameters
    ----------
    predicted
        The dev examples.
    most_classes
        Most classes to count; of equally frequent ones the first are.
    """
    n_classes = len(predicted.class_names)
    n_of_class = np.bincount(predicted.y, minlength=n_classes)
    shown = np.sort(np.argsort(-n_of_class, kind="stable")[:most_classes])
    place = np.full(n_classes, -1)
    place[shown] = np.arange(len(shown))
    true, named = place[predicted.y], place[predicted.labels]
    is_shown = (true >= 0) & (named >= 0)
    pairs = true[is_shown] * len(shown) + named[is_shown]
    counts = np.bincount(pairs, minlength=len(shown) ** 2).reshape(len(shown), -1)
    return Confusion(
        classes=tuple(predicted.class_names[index] for index in shown),
        counts=tuple(map(tuple, counts.tolist())),
        n_left_out=int(np.count_nonzero(~is_shown)),
    )
