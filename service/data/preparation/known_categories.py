"""The texts of categories that a transformation knows by their hashes alone."""

from service.configuration.study_config import StudyConfig
from service.data.preparation.inputs.categories import count_categories
from service.data.preparation.inputs.target_statistics import TargetStatisticsColumns
from service.data.preparation.inputs.transformation import Transformation
from service.data.preparation.prepared_data import read_and_split


def known_categories(config: StudyConfig, transformation: Transformation) -> dict[str, list[str]]:
    """Return the categories of the known examples, of each column that has target statistics.

    The study's tables are read again where there is such a column; the test set stays sealed.

    Raises
    ------
    BadInputError
        A table can no longer be read.
    """
    names = [
        it.column
        for block in transformation.blocks
        if isinstance(block, TargetStatisticsColumns)
        for it in block.description.columns
    ]
    if not names:
        return {}
    _, _, told = read_and_split(config)
    return {name: count_categories(told.values, name).names.to_list() for name in names}
