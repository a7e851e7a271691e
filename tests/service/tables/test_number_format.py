"""Numbers are read in the spellings that people use, and what only looks like numbers is left alone."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.tables.number_format import NumberFormat

READ = {
    "thousands, by commas": (["1,234.56", "12", "1,000,000"], [1234.56, 12, 1e6]),
    "thousands, by points": (["1.234,56", "12", "1.000.000"], [1234.56, 12, 1e6]),
    "thousands, by spaces": (["1 234,5", "1\u00a0000", "1\u202f000\u2009000"], [1234.5, 1000, 1e6]),
    "thousands, by apostrophes": (["1'234.5", "1\u2019000", "7"], [1234.5, 1000, 7]),
    "thousands, by underscores": (["1_234.5", "1_000_000"], [1234.5, 1e6]),
    "lakhs": (["1,23,456", "12,34,567.5"], [123456, 1234567.5]),
    "commas that may be either": (["1,234", "5,678"], [1234, 5678]),
    "a decimal comma": (["1,5", "-2,75", "3"], [1.5, -2.75, 3]),
    "dollars": (["$1,234.50", "-$3", "$-4", "$0.5"], [1234.5, -3, -4, 0.5]),
    "euros behind": (["5 €", "7,50 €", "1.234,50€"], [5, 7.5, 1234.5]),
    "a currency's code": (["EUR 5", "EUR 7.5"], [5, 7.5]),
    "rupees": (["Rs. 500", "Rs. 1,500"], [500, 1500]),
    "percent": (["12%", "3.5 %", "-1%"], [12, 3.5, -1]),
    "a unit": (["39.4 kg", "40kg", "0"], [39.4, 40, 0]),
    "a unit of two words": (["5 sq ft", "6.5 sq ft"], [5, 6.5]),
    "degrees": (["20°C", "\u22123 °C"], [20, -3]),
    "brackets for a minus": (["(5.00)", "7", "($1,000)"], None),
    "brackets for a minus, in dollars": (["($5.00)", "$7", "$(1,000)"], [-5, 7, -1000]),
    "a typographic minus": (["\u22125", "3.5"], [-5, 3.5]),
    "magnitudes": (["1.5M", "200K", "3B", "12", "2bn"], [1.5e6, 2e5, 3e9, 12, 2e9]),
    "magnitudes of money": (["$1.5M", "$200K"], [1.5e6, 2e5]),
    "magnitudes of German money": (["1,5 Mrd. €", "200 Mio. €", "3 €"], [1.5e9, 2e8, 3]),
    "a sign in brackets": (["(-5.00)", "7.00", "(3.00)"], [-5, 7, -3]),
    "a currency's small code": (["5 usd", "7.5 USD"], [5, 7.5]),
    "powers": (["5 MW", "3 mW"], None),
    "rates": (["9600 Baud", "1200 Baud"], [9600, 1200]),
    "an exponent": (["1e3 kg", "2.5 kg"], [1000, 2.5]),
    "plain numbers": (["1", "2.5", "-3e4", "+7"], None),
    "plain words": (["red", "green"], None),
    "units that differ": (["5 kg", "3 lb"], None),
    "a unit that is missing from some": (["5%", "0.05"], None),
    "labels": (["A12", "A13", "B7"], None),
    "codes with a unit": (["007 kg", "008 kg"], None),
    "ranges": (["10-19", "20-29"], None),
    "ranks": (["1st", "2nd", "3rd"], None),
    "versions": (["1.2.3", "1.10.0"], None),
    "dates": (["2023.07.01", "2022.01.02"], None),
    "times of day": (["10:30", "11:20"], None),
    "two bounds": (["<=50K", ">50K"], None),
}


@pytest.mark.parametrize(("words", "expected"), READ.values(), ids=READ.keys())
def test_each_spelling_has_its_value(words: list[str], expected: list[float] | None) -> None:
    told = NumberFormat.told(words)
    values = None if told is None else told.values(pl.Series(words)).to_list()
    assert values == expected


def test_among_decimal_commas_a_lone_comma_is_one() -> None:
    told = NumberFormat.told(["1,234", "5,678"], decimal_comma=True)
    assert told is not None
    assert told.values(pl.Series(["1,234", "1.234,5"])).to_list() == [1.234, 1234.5]


def test_bounds_are_read_as_their_number_and_marked() -> None:
    cells = pl.Series(["<5", "≤ 6", "7", ">8.5", "≥9", "65+", None, "x"])
    told = NumberFormat.told(["<5", "7", "8", "9", "65+"])
    assert told is not None
    assert told.values(cells).to_list() == [5, 6, 7, 8.5, 9, 65, None, None]
    assert told.bound_signs(cells).to_list() == [-1, -1, 0, 1, 1, 1, None, None]
    without = NumberFormat(unit="%")
    assert without.values(pl.Series(["<5%", "5%"])).to_list() == [None, 5]


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "kg",
        "1,23 kg",
        "12,34,5 kg",
        "1.2.3 kg",
        "5",
        "(5 kg",
        "5 kg)",
        "5 lb",
        "1 2 kg",
        "1 kg 2",
        "kg5kg",
        "--5 kg",
    ],
)
def test_what_a_format_does_not_allow_is_not_read(cell: str) -> None:
    assert NumberFormat(thousands=",", unit="kg").values(pl.Series([cell, "1,234 kg"])).to_list() == [
        None,
        1234,
    ]


STYLES = st.builds(
    NumberFormat,
    thousands=st.sampled_from(["", ",", ".", " ", "'", "_"]),
    decimal=st.sampled_from([".", ","]),
    unit=st.sampled_from(["", "$", "%", "kg", "€", "US$", "sq ft"]),
).filter(lambda style: style.thousands != style.decimal)


def written(value: float, style: NumberFormat, *, is_bracketed: bool, is_behind: bool) -> str:
    """Write a number with two decimals in a style."""
    digits = (
        f"{abs(value):,.2f}".replace(",", "\0").replace(".", style.decimal).replace("\0", style.thousands)
    )
    digits = f"{digits} {style.unit}" if is_behind else f"{style.unit}{digits}"
    if value >= 0:
        return digits
    return f"({digits})" if is_bracketed else f"-{digits}"


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20),
    STYLES,
    st.fixed_dictionaries({"is_bracketed": st.booleans(), "is_behind": st.booleans()}),
)
def test_a_number_that_is_written_and_read_is_the_same_number(
    hundredths: list[int], style: NumberFormat, how: dict[str, bool]
) -> None:
    values = [number / 100 for number in hundredths]
    cells = [written(value, style, **how) for value in values]
    assert style.values(pl.Series(cells)).to_list() == values
    told = NumberFormat.told([*cells, written(-1234567.25, style, **how)])  # which no other style reads
    if told is not None:  # plain numbers have no format
        assert told.values(pl.Series(cells)).to_list() == values
