"""The kinds of columns: what their cells mean, and how they are used."""

from enum import StrEnum


class ColumnKind(StrEnum):
    """What a column holds."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATE = "date"
    IMAGE = "image"
    IGNORE = "ignore"
    ID = "id"
    GROUP = "group"
    TIME = "time"


LEARNED_FROM = frozenset(
    {ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN, ColumnKind.DATE, ColumnKind.IMAGE}
)
"""Kinds of columns that inputs are made of; the others only decide who is in which set, or nothing."""
