"""What classes are called: as the table writes them, one name for one number; and names that nearly agree."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.cells import shown

MOST_LISTED = 3
"""Groups of names that a sentence lists; more are counted."""

INTEGER = r"^\s*[+-]?[0-9]+\s*$"
"""How text holds an integer."""

_INTEGER = re.compile(INTEGER)


class NamedNumbers(NamedTuple):
    """Classes that are numbers, by name.

    Attributes
    ----------
    labels
        Each example's class, by name (n_examples,).
    names
        Of the classes, in the order of their numbers.
    note
        Which spellings were merged; empty where none were.
    """

    labels: pl.Series
    names: tuple[str, ...]
    note: str


def named_numbers(cells: pl.Series, values: pl.Series, *, decimal_comma: bool) -> NamedNumbers:
    """Name classes that are numbers as the cells write them.

    `01` is called `01`, and `2.50` is called `2.50`. A whole number loses decimals that are zeros alone:
    `1.0` is called `1`. Where a column has several spellings of one number, such as `1` and `01`, they are
    one class under the plainest name of the number.

    Parameters
    ----------
    cells
        As they stand in the table, under the column's name: text or numbers (n_examples,).
    values
        The numbers that they hold, Float64 (n_examples,); none is missing.
    decimal_comma
        Whether text has numbers written with one.
    """
    is_text = cells.dtype == pl.String
    written = (cells if is_text or cells.dtype.is_integer() else values).cast(pl.String).str.strip_chars()
    value_of = dict(pl.DataFrame({"written": written, "value": values}).unique().iter_rows())
    names = {text: _plainest(text, value, decimal_comma=decimal_comma) for text, value in value_of.items()}
    merged: dict[str, list[str]] = {}
    if is_text:
        spellings = defaultdict(list)
        for text in sorted(names):
            spellings[names[text]].append(text)
        merged = {name: texts for name, texts in spellings.items() if len(texts) > 1}
        alone = (texts[0] for texts in spellings.values() if len(texts) == 1)
        names |= {text: _without_zeros(text, decimal_comma=decimal_comma) for text in alone}
    number_of = {names[text]: value for text, value in value_of.items()}
    return NamedNumbers(
        labels=written.replace_strict(names, return_dtype=pl.String),
        names=tuple(sorted(number_of, key=lambda name: (number_of[name], name))),
        note=_note(cells.name, merged),
    )


def _plainest(text: str, value: float, *, decimal_comma: bool) -> str:
    """Spell a number in one way, which is no other number's."""
    if _INTEGER.fullmatch(text):
        return str(int(text))  # also where it has more digits than a float
    if value.is_integer():
        return str(int(value))
    return repr(value).replace(".", ",") if decimal_comma else repr(value)


def _without_zeros(text: str, *, decimal_comma: bool) -> str:
    return re.sub(r"^([+-]?[0-9]+),0+$" if decimal_comma else r"^([+-]?[0-9]+)\.0*$", r"\1", text)


def _note(column: str, merged: Mapping[str, Sequence[str]]) -> str:
    if not merged:
        return ""
    groups = [f"{_listed(map(shown, texts))} are one class, {shown(name)}" for name, texts in merged.items()]
    return f"target {shown(column)}: different spellings of the same number are merged: {_first_of(groups)}"


def similar_names(names: Sequence[str], y: NDArray[np.int64] | NDArray[np.float64]) -> str:
    """Say which classes have names that differ only in case or blanks; empty where none do.

    Parameters
    ----------
    names
        Of all classes; none in regression.
    y
        Class indices of the known examples, which are counted (n_known,).
    """
    alike = defaultdict(list)
    for index, name in enumerate(names):
        alike[" ".join(normalize("NFC", name).casefold().split())].append((index, name))
    groups = [
        _listed(f"{shown(name)} ({(y == index).sum():,})" for index, name in group)
        for group in alike.values()
        if len(group) > 1
    ]
    if not groups:
        return ""
    return f"classes that differ only in case or blanks, with their known examples: {_first_of(groups)}"


SIMILAR_NAMES_REMEDY = "they count as different classes; if they mean the same, spell them alike in the file"


def _listed(parts: Iterable[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}"


def _first_of(groups: Sequence[str]) -> str:
    more = len(groups) - MOST_LISTED
    return "; ".join([*groups[:MOST_LISTED], *([f"and {more} more"] if more > 0 else [])])
