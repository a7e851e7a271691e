"""What a user declares about a column: its kind, how it is written, which words mean a missing cell."""

import json
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any, Self, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from search_spaces.contradiction import ContradictionError
from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.column_kinds import ColumnKind
from service.tables.header import listed
from service.tables.number_format import Decimal, NumberFormat, Thousands
from service.tables.readings import Reading
from service.tables.times import DateFormat, EpochTime, EpochUnit, reads_dates

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_key(name: str) -> str:
    """Write a name as a key of TOML: bare, or else as a basic string, which JSON's strings are too."""
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


_EPOCHS: Mapping[str, EpochUnit] = {f"epoch {unit}": unit for unit in get_args(EpochUnit)}


def _as_words(written: object) -> object:
    """Let numbers stand among words, as in `missing = [-999, "--"]`."""
    if not isinstance(written, list | tuple):
        return written
    return [
        f"{it:.15g}" if isinstance(it, int | float) and not isinstance(it, bool) else it for it in written
    ]


MissingWords = Annotated[
    tuple[str, ...], BeforeValidator(_as_words, json_schema_input_type=list[str | float])
]
"""Words or numbers that mean a missing cell."""


class SaidColumn(BaseModel):
    """What is declared about a column; the rest is inferred from its cells.

    Where one of thousands and decimals is said, the other follows from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: ColumnKind | None = None
    """The kind of the column."""

    thousands: Thousands | None = None
    """The mark between groups of three digits."""

    decimal: Decimal | None = None
    """The decimal mark; by default a point, or a comma if points group thousands."""

    unit: str | None = None
    """The unit before or after every number, such as $ or kg."""

    format: str | None = None
    """How dates are written, as for C's `strftime`; or `epoch s`, a count since 1970."""

    missing: MissingWords = ()
    """Words or numbers that mean a missing cell."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        of_numbers = [name for name in ("thousands", "decimal", "unit") if getattr(self, name) is not None]
        if of_numbers and self.kind is not ColumnKind.NUMERIC:
            raise ContradictionError(f'{of_numbers[0]} needs kind = "numeric"', (of_numbers[0],))
        if self.format is not None and self.kind not in {ColumnKind.DATE, ColumnKind.TIME}:
            raise ContradictionError('format needs kind = "date" or "time"', ("format",))
        if self.format is not None and self.format not in _EPOCHS and not reads_dates(self.format):
            raise ContradictionError(
                f"expected a strftime format of a date, such as %d.%m.%Y, or one of {', '.join(_EPOCHS)}, got"
                f" {self.format!r}",
                ("format",),
            )
        if self.thousands and self.thousands == self.decimal:
            raise ContradictionError("expected different marks for thousands and decimals", ("thousands",))
        return self

    @model_serializer(mode="wrap")
    def _shortly(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any] | str:
        """Write the kind alone where nothing else is said."""
        if self == SaidColumn(kind=self.kind) and self.kind is not None:
            return str(self.kind)
        said: dict[str, Any] = handler(self)
        return {name: value for name, value in said.items() if value not in (None, (), [])}

    @property
    def reading(self) -> Reading | None:
        """How its cells are written, as far as that is said."""
        if self.format is not None:
            unit = _EPOCHS.get(self.format)
            return DateFormat(format=self.format) if unit is None else EpochTime(unit=unit)
        if self.thousands is None and self.decimal is None and self.unit is None:
            return None
        decimal = self.decimal or ("," if self.thousands == "." else ".")
        return NumberFormat(
            thousands=self.thousands or "", decimal=decimal, unit=self.unit or "", has_bounds=True
        )


def _from_kind(written: object) -> object:
    return {"kind": written} if isinstance(written, str) else written


Said: TypeAlias = Annotated[
    SaidColumn, BeforeValidator(_from_kind, json_schema_input_type=ColumnKind | SaidColumn)
]
"""A column's kind in a word, or a table of what is said."""


def said_by_name(
    said: Mapping[str, SaidColumn], names: Sequence[str], *, target: str, file: str
) -> dict[str, SaidColumn]:
    """Find the columns that a user's words are about.

    Parameters
    ----------
    said
        Words by a column's name, or by a pattern such as `pixel_*`; a name goes before a pattern, a later
        pattern before an earlier one.
    names
        All columns.
    target
        The one among them that is predicted.
    file
        Where they stand, for messages.

    Raises
    ------
    BadInputError
        A word fits no column, or the target; or there are two columns of groups, or two of times.
    """
    about: dict[str, SaidColumn] = {}
    for word, column in sorted(said.items(), key=lambda item: item[0] in names):
        fitting = [word] if word in names else [name for name in names if fnmatchcase(name, word)]
        if word == target:
            raise BadInputError(f"columns.{word}: expected a feature, got the target ({file})")
        if not fitting:
            nearest = nearest_word(word, names)
            hint = f"did you mean {shown(nearest)}?" if nearest else f"the columns are {listed(tuple(names))}"
            raise BadInputError(f"columns.{word}: no such column; {hint} ({file})")
        about |= {name: column for name in fitting if name != target}
    for kind in (ColumnKind.GROUP, ColumnKind.TIME):
        of_kind = tuple(name for name in about if about[name].kind is kind)
        if len(of_kind) > 1:
            raise BadInputError(
                f"columns: expected at most one {kind} column, got {listed(of_kind)} ({file})"
            )
    return about
