"""What a user says of a column is checked, and written as shortly as it was said."""

import pytest
from pydantic import TypeAdapter, ValidationError

from service.tables.column_kinds import ColumnKind
from service.tables.number_format import NumberFormat
from service.tables.said_column import Said, SaidColumn, toml_key
from service.tables.times import DateFormat, EpochTime

SAID = TypeAdapter[SaidColumn](Said)


@pytest.mark.parametrize(
    "written",
    [
        "numeric",
        {"kind": "date", "format": "%d/%m/%Y"},
        {"kind": "numeric", "thousands": ".", "decimal": ","},
        {"missing": ["--", "-999"]},
    ],
)
def test_what_is_said_is_written_as_it_was_said(written: object) -> None:
    said = SAID.validate_python(written)
    again = SAID.dump_python(said, mode="json")
    assert again == written
    assert SAID.validate_python(again) == said


@pytest.mark.parametrize(
    ("written", "match"),
    [
        ("number", "kind"),
        ({"kind": "date", "unit": "kg"}, "unit needs kind"),
        ({"thousands": "."}, "thousands needs kind"),
        ({"kind": "numeric", "format": "%Y"}, "format needs kind"),
        ({"kind": "date", "format": "epoch min"}, "expected a strftime format .* got 'epoch min'"),
        ({"kind": "date", "format": "%d.%m.%Y %H"}, "expected a strftime format .* got '%d.%m.%Y %H'"),
        ({"kind": "date", "format": "day"}, "expected a strftime format"),
        ({"kind": "date", "format": "%d %I:%M"}, "expected a strftime format"),
        (
            {"kind": "numeric", "thousands": ",", "decimal": ","},
            "expected different marks for thousands and decimals",
        ),
        ({"kind": "numeric", "thousands": ";"}, "thousands"),
        ({"size": 3}, "size"),
    ],
)
def test_what_cannot_be_meant_is_refused(written: object, match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        SAID.validate_python(written)


@pytest.mark.parametrize(
    ("said", "reading"),
    [
        (SaidColumn(kind=ColumnKind.NUMERIC), None),
        (SaidColumn(kind=ColumnKind.DATE, format="%d/%m/%Y"), DateFormat(format="%d/%m/%Y")),
        (SaidColumn(kind=ColumnKind.DATE, format="epoch ms"), EpochTime(unit="ms")),
        (
            SaidColumn(kind=ColumnKind.NUMERIC, thousands="."),
            NumberFormat(thousands=".", decimal=",", has_bounds=True),
        ),
        (SaidColumn(kind=ColumnKind.NUMERIC, unit="kg"), NumberFormat(unit="kg", has_bounds=True)),
    ],
)
def test_a_reading_is_what_is_said_of_it(said: SaidColumn, reading: object) -> None:
    assert said.reading == reading


def test_a_key_of_toml_is_bare_where_it_may_be() -> None:
    assert (toml_key("a_b-1"), toml_key("a b"), toml_key('"ü"')) == ("a_b-1", '"a b"', '"\\"ü\\""')
