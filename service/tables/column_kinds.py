"""What a column of a table holds, and so what becomes of it."""

from enum import StrEnum


class ColumnKind(StrEnum):
    """What a column holds. Only the first five are learned from."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATE = "date"
    IMAGE = "image"
    IGNORE = "ignore"
    ID = "id"
    GROUP = "group"
    TIME = "time"
