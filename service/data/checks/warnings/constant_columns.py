"""Columns that nothing can be learned from."""

from collections.abc import Iterator

from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData


def constant_columns(data: KnownData) -> Iterator[DataWarning]:
    """Warn of columns that are left out because their train cells are all the same, or all missing."""
    for column in data.columns:
        if column.is_learned_from and column.left_out:
            yield DataWarning(
                about=Concern.CONSTANT,
                column=column.name,
                sentence=f"is left out: {column.left_out}",
                remedy="nothing, unless the file should have more of it",
            )
