"""Columns that look like persons, shops or machines with several rows each."""

import re
from collections.abc import Iterator

from service.data.checks.column_facts import ColumnFacts
from service.data.checks.warnings.data_warning import Concern, DataWarning, columns_line
from service.data.checks.warnings.id_like import LEAST_DISTINCT_SHARE
from service.data.checks.warnings.known_data import KnownData
from service.tables.column_kinds import ColumnKind

FEWEST_GROUPS = 10
"""Of fewer the sets would be made of one or two."""

FEWEST_TEXTS = 20
MOST_ROWS_OF_A_TEXT = 50
"""On average: categories have more rows."""

_WORD_OF_ITS_OWN = re.compile(r"(^|[\W_])(id|uuid|guid)$", re.IGNORECASE | re.ASCII)
_CAMEL_CASE = re.compile(r"[a-z0-9](Id|ID)$", re.ASCII)


def group_like(data: KnownData) -> Iterator[DataWarning]:
    """Offer to keep together the rows that share an id, or a text with 2 to 50 rows, in one set.

    A model may know the ones it learned from by heart; on new ones it is then worse than on the dev set. Sets
    are split by groups or by time, so nothing is offered where one of these is said.
    """
    if data.column_of(ColumnKind.GROUP) or data.column_of(ColumnKind.TIME):
        return
    for column in data.columns:
        n_present = len(data) - column.missing
        if _is_group_like(column, n_present=n_present):
            yield DataWarning(
                about=Concern.GROUP,
                column=column.name,
                sentence=f"has {column.distinct:,} values in {n_present:,} rows, as of persons or shops",
                remedy="if new ones are to be predicted, " + columns_line(column.name, ColumnKind.GROUP),
            )


def _is_group_like(column: ColumnFacts, *, n_present: int) -> bool:
    if column.is_said or column.kind not in {ColumnKind.CATEGORICAL, ColumnKind.NUMERIC}:
        return False
    if has_name_of_ids(column.name):
        return FEWEST_GROUPS <= column.distinct < LEAST_DISTINCT_SHARE * n_present
    fewest = max(FEWEST_TEXTS, n_present / MOST_ROWS_OF_A_TEXT)
    return column.kind is ColumnKind.CATEGORICAL and fewest <= column.distinct <= n_present / 2


def has_name_of_ids(name: str) -> bool:
    """Tell whether a column is called as ids are: `id`, `shop_id`, `shopId`, but not `paid` or `grid`."""
    return _WORD_OF_ITS_OWN.search(name) is not None or _CAMEL_CASE.search(name) is not None
