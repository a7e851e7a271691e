"""About how long a linear model's fit takes: a fixed formula of counts and settings, nothing measured."""

from search_spaces.linear.point import LinearPoint
from workers.train_dev_data import TrainDevData


def epoch_cost(point: LinearPoint, data: TrainDevData) -> float:
    return 1.0
