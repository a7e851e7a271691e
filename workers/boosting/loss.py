"""What boosting minimizes: the loss that is named, or that suits the task."""

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from workers.train_dev_data import Task, TrainDevData


def resolved_loss(point: BoostingPoint, data: TrainDevData) -> BoostingLoss:
    """Return the loss that is used: what `auto` stands for, or the one that is named.

    Raises
    ------
    ValueError
        The loss does not suit the task, or there are several targets.
    """
    is_class = data.task is Task.CLASSIFICATION
    if not is_class and data.n_outputs != 1:
        raise ValueError(f"boosting predicts one target, got {data.n_outputs}")
    if point.loss is BoostingLoss.AUTO:
        return BoostingLoss.LOG_LOSS if is_class else BoostingLoss.SQUARED_ERROR
    if (point.loss is BoostingLoss.LOG_LOSS) != is_class:
        raise ValueError(f"the loss {point.loss} is not for {data.task}")
    return point.loss
