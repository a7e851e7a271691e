"""One thing to see to before a study: what it is, where, and what to do about it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from service.tables.column_kinds import ColumnKind
from service.tables.said_column import toml_key


class Concern(StrEnum):
    """What a warning is about."""

    LEAK = "leak"
    ID = "id"
    CONSTANT = "constant"
    HEAVY_TAIL = "heavy tail"
    SENTINEL = "sentinel"
    CODES = "codes"
    CATEGORIES = "categories"
    DATE = "date"
    GROUP = "group"
    RARE_CLASS = "rare class"
    SIMILAR_CLASSES = "similar classes"
    SKEWED_TARGET = "skewed target"
    DUPLICATES = "duplicates"
    FEW_DEV_EXAMPLES = "few dev examples"


class DataWarning(BaseModel):
    """One thing to see to."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    about: Concern
    """What it is."""

    column: str | None
    """The column, where it is about one."""

    sentence: str
    """What was found."""

    remedy: str
    """What to do about it; a line for the study file has the name of its table before it, in brackets."""


def columns_line(column: str, *kinds: ColumnKind) -> str:
    """Write the line of a study file that declares a column's kind, or what it may be.

    What a pattern would read as a wildcard is kept, as a name goes before a pattern.
    """
    return f"[columns] {toml_key(column)} = " + " or ".join(f'"{kind}"' for kind in kinds)
