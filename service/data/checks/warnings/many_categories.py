"""Columns with more categories than have an input each."""

from collections.abc import Iterator

from search_spaces.hyperparameters import HighCardinalityEncoding
from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData
from service.data.preparation.inputs.one_hot import MAX_CATEGORIES
from service.tables.column_kinds import ColumnKind

_IN_WORDS = {
    HighCardinalityEncoding.HASHING: "some share an input, by their hash",
    HighCardinalityEncoding.TARGET_STATISTICS: "what is learned of each is its mean target",
}


def many_categories(data: KnownData) -> Iterator[DataWarning]:
    """Warn of columns with more than 64 categories, unless both encodings of such are searched."""
    encodings = {choice.high_cardinality_encoding for choice in data.choices}
    if len(encodings) > 1:
        return
    (encoding,) = encodings
    (other,) = set(HighCardinalityEncoding) - encodings
    for column in data.columns:
        if column.kind is ColumnKind.CATEGORICAL and column.distinct > MAX_CATEGORIES:
            yield DataWarning(
                about=Concern.CATEGORIES,
                column=column.name,
                sentence=f"has {column.distinct:,} categories, not an input each: {_IN_WORDS[encoding]}",
                remedy=f'another way is [space] high_cardinality_encoding = "{other}"',
            )
