"""A study's data, ready: read, split, its test set sealed, normalised with the train set's statistics."""

from dataclasses import dataclass
from math import prod

from service.configuration.study_config import DataConfig
from service.errors import BadInputError
from service.preparation.normalization import Normalization, train_dev_data
from service.seal.splits import Split, split
from service.tables.table import load_table
from workers.train_dev_data import TrainDevData


@dataclass(frozen=True, slots=True, eq=False)
class PreparedData:
    """What a study is run on.

    Attributes
    ----------
    target
        Name of what is predicted.
    feature_names
        One name a feature, in the order of the arrays' columns.
    split
        The three sets, the third sealed.
    normalization
        Fitted on the train set.
    train_dev
        What workers receive.
    """

    target: str
    feature_names: tuple[str, ...]
    split: Split
    normalization: Normalization
    train_dev: TrainDevData

    @property
    def n_examples(self) -> dict[str, int]:
        """Number of examples by set."""
        return {
            "train": len(self.split.train.y),
            "dev": len(self.split.dev.y),
            "test": self.split.test.n_examples,
        }

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of train examples of each class, 0 for one that the train set lacks; empty in regression."""
        counts = self.train_dev.class_counts
        return () if counts is None else tuple(counts.tolist())


def prepare_data(config: DataConfig, *, seed: int) -> PreparedData:
    """Read a table, split it and normalise it; the table itself is not kept.

    Raises
    ------
    BadInputError
        When there is no such table, or it is not one that can be learned from.
    """
    table = load_table(config.table, target=config.target, task=config.task)
    sets = split(table, seed=seed)
    shape = config.image_shape
    n_features = sets.train.X.shape[1]
    if shape is not None and prod(shape) != n_features:
        raise BadInputError(
            f"data.image_shape: expected height * width * channels = {n_features}, the number of features,"
            f" found {' * '.join(map(str, shape))} ({config.table})"
        )
    data, normalization = train_dev_data(sets, image_shape=shape)
    return PreparedData(table.target_name, table.feature_names, sets, normalization, data)
