"""What a cell of text may hold: nothing, a number, a truth value; and how a faulty one is shown."""

from enum import StrEnum
from math import isfinite

import polars as pl

LONGEST_SHOWN = 40
"""Characters of a cell or a name that a message repeats."""


class CellKind(StrEnum):
    """What a cell holds; only a number can be learned from as it stands."""

    NUMBER = "a number"
    NOT_FINITE = "a number that is not finite"
    TEXT = "text"
    MISSING = "nothing"


def number(cell: str) -> float:
    """Read a decimal number; spaces around it are ignored.

    Raises
    ------
    ValueError
        The cell holds no number. Python's own digit separators (`1_000`) are text here.
    """
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def cell_kind(cell: str) -> CellKind:
    """Tell what the cell holds."""
    try:
        return CellKind.NUMBER if isfinite(number(cell)) else CellKind.NOT_FINITE
    except ValueError:
        return CellKind.TEXT if cell.strip() else CellKind.MISSING


def shown(text: str) -> str:
    """Quote a text for a message: on one line, and not endless."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…")


def finding(cell: str) -> str:
    """Say what was found in the cell."""
    kind = cell_kind(cell)
    return f"got {kind}" if kind is CellKind.MISSING else f"got {kind}, {shown(cell)}"


MISSING_WORDS = frozenset(
    {"", "?", "-", ".", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "missing"}
)
"""In small letters; spaces around a word are ignored."""

MISSING_AMONG_NUMBERS = MISSING_WORDS | frozenset(
    {
        *(
            "--",
            "---",
            "..",
            "...",
            "\u2013",
            "\u2014",
            "n.a.",
            "n.a",
            "n/d",
            "nd",
            "\\n",
            "nil",
            "undefined",
        ),
        *("unknown", "unk", "unspecified", "not available", "not applicable", "not known", "no data", "tbd"),
        *("#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#error!", "(null)", "<null>", "nat"),
    }
)
"""The same for a column of numbers or dates, where such words can mean nothing else."""

MISSING_TARGETS = frozenset({"", "?", "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null"})
"""The same for a target, where a class may well be called `none`."""


_MANY, _FEW = 5000, 500
"""Where so many first cells hold fewer words than that, a column has few words."""


def is_missing(cells: pl.Series, words: frozenset[str] = MISSING_WORDS) -> pl.Series:
    """Tell of each cell of text whether it is missing (n,)."""
    if len(cells) > _MANY and cells.head(_MANY).n_unique() < _FEW:  # then each word is looked at once
        distinct = cells.drop_nulls().unique()
        return cells.is_null() | cells.is_in(distinct.filter(is_missing(distinct, words)).implode())
    return cells.is_null() | cells.str.strip_chars().str.to_lowercase().is_in(list(words))


def faulty_cells(
    cells: pl.Series, read: pl.Series, words: frozenset[str] = MISSING_AMONG_NUMBERS
) -> pl.Series:
    """Return the indices of cells that were not read although they are not missing, ascending.

    Parameters
    ----------
    cells
        As they stand in the table (n,).
    read
        What was made of them (n,); null where nothing was.
    words
        What stands for nothing.
    """
    if not read.null_count():
        return pl.Series(dtype=pl.UInt32)
    left = (read.is_null() & cells.is_not_null()).arg_true()
    if cells.dtype == pl.String:
        return left.filter(~is_missing(cells.gather(left), words))
    return left.filter(~cells.gather(left).is_nan()) if cells.dtype.is_float() else left


CODE = r"^\s*0[0-9]+\s*$"
"""What a number never begins with, and a code such as a postal one may."""


def as_floats(numbers: pl.Expr) -> pl.Expr:
    """Return numbers or truth values as Float64, null where missing."""
    return numbers.cast(pl.Float64).fill_nan(None)


def numbers(cells: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """Read each cell as a decimal number, Float64 (n,); null where it is not a number, or is missing.

    Infinities are numbers, `nan` is missing; spaces around a number are ignored. With a decimal comma,
    points between groups of three digits are none either.
    """
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        return cells.to_frame().select(as_floats(pl.first())).to_series()
    if decimal_comma:
        cells = cells.str.replace_all(r"\.([0-9]{3})\b", "$1").str.replace(",", ".", literal=True)
    read = cells.cast(pl.Float64, strict=False)
    if read.null_count() > cells.null_count():
        left = read.is_null() & cells.is_not_null()
        stripped = cells.filter(left).str.strip_chars().cast(pl.Float64, strict=False)
        if stripped.null_count() < len(stripped):
            read = read.scatter(left.arg_true(), stripped)
    return read.fill_nan(None)


PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"), ("0", "1"))
"""The word for false, then the word for true; in small letters."""

_NUMBERS = ("0", "1")


def told_pair(words: set[str]) -> tuple[str, str] | None:
    """Return the pair that a column's distinct words are, numbers aside; None where they are no pair."""
    return next((pair for pair in PAIRS if words == set(pair) and pair != _NUMBERS), None)


def booleans(cells: pl.Series) -> pl.Series:
    """Read each cell as a truth value, Boolean (n,); null where it is not one, or is missing."""
    if cells.dtype == pl.Boolean:
        return cells
    if cells.dtype.is_numeric():
        words = cells.cast(pl.Float64).fill_nan(None)
        return pl.select(pl.when(words == 1).then(True).when(words == 0).then(False)).to_series()  # noqa: FBT003
    words = cells.drop_nulls().unique()
    mapping = {word: value for pair in PAIRS for word, value in zip(pair, (False, True), strict=True)}
    truths = (
        words.str.strip_chars()
        .str.to_lowercase()
        .replace_strict(mapping, default=None, return_dtype=pl.Boolean)
    )
    return of_words(truths, words, cells)


def of_words(values: pl.Series, words: pl.Series, cells: pl.Series) -> pl.Series:
    """Return the value of each cell's word (n,); null where the cell is.

    Parameters
    ----------
    values
        Of each word (n_words,).
    words
        All that cells hold, each once (n_words,).
    cells
        Text (n,).
    """
    return values.gather(cells.cast(pl.Enum(words)).to_physical()).rename(cells.name)
