"""Numbers as people write them: with thousands marks, a unit, brackets for a minus, magnitudes, bounds."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.tables.cells import shown
from service.tables.column_kinds import ColumnKind

LEAST_SHARE = 0.9
"""Of a column's distinct words, those that a reading must read; the others are slips."""

Thousands = Literal["", ",", ".", " ", "'", "_"]
Decimal = Literal[".", ","]

MAGNITUDES = {
    "million": "e6",
    "billion": "e9",
    "Mio.": "e6",
    "Mio": "e6",
    "Mrd.": "e9",
    "Mrd": "e9",
    "mn": "e6",
    "bn": "e9",
    "K": "e3",
    "k": "e3",
    "M": "e6",
    "B": "e9",
}
"""Suffixes of numbers, the longer first, with the exponents that they mean; a small m is a unit."""

_MARKS: dict[Thousands, str] = {"": "", ",": ",", ".": r"\.", " ": r"\s", "'": "['\u2019]", "_": "_"}
_DECIMALS: dict[Decimal, str] = {".": r"\.", ",": ","}

STYLES: tuple[tuple[Thousands, Decimal], ...] = (
    ("", "."),
    (",", "."),
    (".", ","),
    (" ", "."),
    (" ", ","),
    ("'", "."),
    ("'", ","),
    ("_", "."),
)
"""Thousands and decimal mark, the likelier first: 1,234 alone is more than a thousand."""

_CURRENCIES = """
    AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW KWD MXN
    MYR NGN NOK NZD PEN PHP PKR PLN QAR RMB RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR RS RS.
    KR KR. FR FR. ZŁ KČ FT
"""
_CURRENCY_WORDS = frozenset(_CURRENCIES.split())

_LONGEST_SIGN = 4
_BLANK = re.compile(r"\s")  # also those that no page breaks at
_BOUND = "[<>]=?|[≤≥]"
_SIGN = r"[+\-\u2212]"
_UNIT = r"[^\d\s.,()<>≤≥+\-\u2212'\u2019_][^\d()<>≤≥+\-\u2212]{0,14}?"

_MAGNITUDE = "|".join(map(re.escape, MAGNITUDES))
_ANY_BODY = r"\.?\d(?:[\d.,'\u2019_]|\s(?=\d))*(?:[eE][+-]?\d+)?"


def _pattern(body: str, unit: str) -> str:
    """Return what a number looks like: both arguments are patterns, and no unit is an empty one.

    The groups are those of Python and of Polars alike: bound, open, sign, before, inner, second, body, times,
    behind, close, plus.
    """
    before, behind = (rf"(?P<{place}>{unit})??\s*" if unit else "" for place in ("before", "behind"))
    return (
        rf"^(?P<bound>{_BOUND})?\s*(?P<open>\()?\s*(?P<sign>{_SIGN})?\s*{before}(?P<inner>\()?"
        rf"(?P<second>{_SIGN})?\s*(?P<body>{body})\s*(?P<times>{_MAGNITUDE})??\s*{behind}"
        rf"(?P<close>\))?(?P<plus>\+)?$"
    )


_WRITTEN = re.compile(_pattern(_ANY_BODY, _UNIT))


class _Word(NamedTuple):
    """A number taken apart."""

    body: str
    unit: str
    is_bound: bool
    is_plain: bool


class NumberFormat(BaseModel):
    """One way to write numbers.

    Whatever the format, a minus may be U+2212, a negative number may stand in brackets, and a magnitude such
    as K or M may follow.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reads: Literal["number"] = "number"
    """Tells the readings apart."""

    thousands: Thousands = ""
    """The mark between groups of three digits; a blank is a space of any width."""

    decimal: Decimal = "."
    """The decimal mark."""

    unit: str = ""
    """The unit before or after every number, such as $, %, or kg."""

    has_bounds: bool = False
    """Whether a number may be a bound, as <5 or 65+ is."""

    @property
    def kind(self) -> ColumnKind:
        """What the values are."""
        return ColumnKind.NUMERIC

    @property
    def noun(self) -> str:
        """The expected cell, for a message."""
        example = f"1{self.thousands}234{self.decimal}5" + f" {self.unit}" * bool(self.unit)
        return f"a number written like {example!r}"

    @classmethod
    def told(cls, words: Sequence[str], *, decimal_comma: bool = False) -> Self | None:
        """Return the format that most words have; None where they are no such numbers, or plain ones.

        Parameters
        ----------
        words
            Some of a column's distinct cells, without those that are missing.
        decimal_comma
            Whether the table's numbers have a decimal comma, so that 1,234 is little more than one.
        """
        found = [word for word in map(_taken_apart, words) if word is not None]
        if len(found) < LEAST_SHARE * len(words) or all(word.is_plain for word in found):
            return None
        units = Counter(word.unit for word in found if word.body != "0")
        (unit, n_of_unit), *_ = units.most_common() or [("", 0)]
        n_of_unit += sum(word.body == "0" and word.unit in {"", unit} for word in found)
        has_bounds = any(word.is_bound for word in found)
        n_exact = sum(not word.is_bound for word in found)
        if n_of_unit < LEAST_SHARE * len(words) or 2 * n_exact <= len(found):
            return None
        bodies = [word.body for word in found if word.unit == unit or word.body == "0"]
        styles = sorted(STYLES, key=lambda style: style[1] != ",") if decimal_comma else STYLES
        n_read = {style: sum(map(bool, map(_body(*style).fullmatch, bodies))) for style in styles}
        thousands, decimal = max(styles, key=n_read.__getitem__)
        if n_read[thousands, decimal] < LEAST_SHARE * len(words):
            return None
        return cls(thousands=thousands, decimal=decimal, unit=unit, has_bounds=has_bounds)

    def values(self, cells: pl.Series) -> pl.Series:
        """Read each cell, Float64 (n,); a bound as its number; null where it is not a number."""
        parts = self._parts(cells)
        digits = pl.col("body")
        if self.thousands:
            digits = digits.str.replace_all(_MARKS[self.thousands], "")
        if self.decimal != ".":
            digits = digits.str.replace(self.decimal, ".", literal=True)
        exponent = pl.col("times").fill_null("").replace(MAGNITUDES)
        size = (digits + exponent).cast(pl.Float64, strict=False)
        is_negative = pl.any_horizontal(
            pl.col("sign", "second").is_in(["-", "\u2212"]).fill_null(value=False)
        )
        value = pl.when(is_negative | pl.col("close").is_not_null()).then(-size).otherwise(size)
        return parts.select(value.alias(cells.name)).to_series()

    def bound_signs(self, cells: pl.Series) -> pl.Series:
        """Tell which cells are bounds, Float64 (n,): -1 of a value below, 1 of one above, 0 of a number."""
        parts = self._parts(cells)
        bound = pl.col("bound")
        is_below, is_above = bound.str.contains("[<≤]"), bound.str.contains(r"[>≥+]")
        mark = (
            pl.when(is_below).then(-1.0).when(is_above).then(1.0).when(pl.col("body").is_not_null()).then(0.0)
        )
        return parts.select(mark.alias(cells.name)).to_series()

    def _parts(self, cells: pl.Series) -> pl.DataFrame:
        """Take each cell apart: columns of text that are null where a part, or the whole, is not there."""
        pattern = _pattern(_body(self.thousands, self.decimal).pattern, self._unit_pattern)
        text = pl.col("cell").str.strip_chars()
        parts = cells.to_frame("cell").select(text.str.extract_groups(pattern).alias("parts")).unnest("parts")
        bound = pl.coalesce("bound", "plus")
        n_opened = pl.sum_horizontal(pl.col("open", "inner").is_not_null())
        fits = n_opened == pl.col("close").is_not_null().cast(pl.UInt32)
        fits &= pl.sum_horizontal(pl.col("sign", "second").is_not_null()) < 2
        if self.unit:
            n_units = pl.sum_horizontal(pl.col("before", "behind").is_not_null())
            fits &= (n_units == 1) | ((n_units == 0) & (pl.col("body") == "0"))
        if not self.has_bounds:
            fits &= bound.is_null()
        return parts.with_columns(
            pl.when(fits).then(pl.col("body")).alias("body"), pl.when(fits).then(bound).alias("bound")
        )

    @property
    def _unit_pattern(self) -> str:
        """What the unit looks like; a currency's letters may be small."""
        unit = re.escape(self.unit)
        return f"(?i:{unit})" if self.unit.upper() in _CURRENCY_WORDS else unit

    def said_of(self, cell: str, value: float) -> str:
        """Tell in words how a cell was read."""
        return f"read {shown(_BLANK.sub(' ', cell))} as {value:.15g}" + ", a bound" * (
            self.has_bounds and _is_bound(cell)
        )


def unit_of(word: str) -> str:
    """Return the unit of a number; empty where it has none, or is no number."""
    found = _taken_apart(word)
    return "" if found is None else found.unit


def _body(thousands: Thousands, decimal: Decimal) -> re.Pattern[str]:
    """Return a pattern of digits in groups, or all in one, with their decimals and an exponent."""
    point = _DECIMALS[decimal]
    whole = r"\d+"
    if thousands:
        mark = _MARKS[thousands]
        whole = rf"(?:[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|[1-9]\d?(?:{mark}\d\d)+{mark}\d{{3}}|\d+)"
    return re.compile(rf"(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?")


def _taken_apart(word: str) -> _Word | None:
    """Take a word apart; None where it is no number, or one of codes such as 007."""
    found = _WRITTEN.fullmatch(word.strip())
    if found is None or bool(found["open"]) + bool(found["inner"]) != bool(found["close"]):
        return None
    before, behind = (found["before"] or "").strip(), (found["behind"] or "").strip()
    magnitude = next((it for it in MAGNITUDES if behind.startswith(it)), "")
    rest = behind.removeprefix(magnitude).strip()
    if magnitude and (not rest or ((rest.isupper() or not rest.isalpha()) and _is_currency(rest))):
        behind = rest
    if before and (behind or not _is_currency(before)):
        return None
    unit, body = before or behind, found["body"]
    if unit.upper() in _CURRENCY_WORDS:
        unit = unit.upper()
    if re.match(r"0\d", body) and unit:
        return None
    is_bound = (found["bound"] or found["plus"]) is not None
    is_plain = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", word.strip()) is not None
    return _Word(body, unit, is_bound, is_plain)


def _is_bound(cell: str) -> bool:
    word = _taken_apart(cell)
    return word is not None and word.is_bound


def _is_currency(text: str) -> bool:
    """Return whether a text is a currency's code or sign, such as USD, $ or US$."""
    is_sign = bool(text) and unicodedata.category(text[-1]) == "Sc" and len(text) <= _LONGEST_SIGN
    return text.upper() in _CURRENCY_WORDS or (is_sign and (text[:-1] + "A").isalpha())
