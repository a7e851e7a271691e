"""Dates by which the sets are not split: a model is mostly asked of later days than it learned from."""

from collections.abc import Iterator

from service.data.checks.warnings.data_warning import Concern, DataWarning, columns_line
from service.data.checks.warnings.known_data import KnownData
from service.tables.column_kinds import ColumnKind


def unused_dates(data: KnownData) -> Iterator[DataWarning]:
    """Offer to split by time where there are dates, and neither a column of times nor one of groups."""
    if data.column_of(ColumnKind.TIME) or data.column_of(ColumnKind.GROUP):
        return
    for column in data.columns:
        if column.kind is ColumnKind.DATE:
            yield DataWarning(
                about=Concern.DATE,
                column=column.name,
                sentence="is a date, and the sets are not split by it",
                remedy="to be judged on later examples than those learned from, "
                + columns_line(column.name, ColumnKind.TIME),
            )
