"""The checks for a study as it would be launched: its train set, and the point that it tries first."""

from collections.abc import Mapping
from pathlib import Path

from search_spaces.nearest_word import nearest_word
from search_spaces.presets import preset_names
from service.advice.network_check.training_check import TrainingCheck, check_training
from service.configuration.study_config import StudyConfig
from service.configuration.study_file import read_study_file, study_from_flags
from service.data.preparation.prepared_data import prepare_data
from service.data.preparation.space_fit import check_space_fits
from service.errors import BadInputError
from service.tables.built_in_tables import BUILT_IN_TABLES

TABLE_FOR_SPACES = "digits"
"""What a search space is checked on that is named without a table."""


def checked_config(source: str, overrides: Mapping[str, object]) -> StudyConfig:
    """Return the study that a word on the command line stands for.

    Parameters
    ----------
    source
        A study file, the name of a built-in search space, or a table.
    overrides
        Flags, by the study file's keys.

    Raises
    ------
    BadInputError
        The study file cannot be read, or it or a flag says what no study can be.
    """
    if source.endswith(".toml"):
        return read_study_file(Path(source), dict(overrides))[0]
    if source in preset_names():
        if "space" in overrides:
            raise BadInputError(f"the space is named twice: {source} and --space {overrides['space']}")
        return study_from_flags({"data.table": TABLE_FOR_SPACES, "space": source, **overrides})[0]
    nearest = nearest_word(source, (*preset_names(), *BUILT_IN_TABLES))
    if nearest and not Path(source).exists() and source not in BUILT_IN_TABLES:
        raise BadInputError(
            f"what is checked is a table, a study file or a built-in search space, {source!r} is none;"
            f" did you mean {nearest}?"
        )
    return study_from_flags({"data.table": source, **overrides})[0]


def check_study(config: StudyConfig) -> TrainingCheck:
    """Check the training of a study's first point on its train set; nothing is written.

    Raises
    ------
    BadInputError
        There is no such table, or the space has a point that cannot be trained on it.
    """
    prepared = prepare_data(config)
    check_space_fits(config.space, prepared.train_dev)
    point = config.space.point(config.space.default_values())
    first, *_ = prepared.trial_data.folds(point)
    return check_training(first, point, seed=config.seed)
