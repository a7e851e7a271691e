"""Columns of persons and shops are told by their name, or by how often a text comes."""

import pytest

from service.data.checks.warnings.columns import group_like, has_name_of_ids
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise


@pytest.mark.parametrize("name", ["id", "ID", "shop_id", "shopId", "shopID", "shop id", "user.id", "UUID"])
def test_names_of_ids_are_known(name: str) -> None:
    assert has_name_of_ids(name)


@pytest.mark.parametrize("name", ["paid", "grid", "GRID", "valid", "id_of_nothing", "idea", ""])
def test_other_names_are_none(name: str) -> None:
    assert not has_name_of_ids(name)


@pytest.mark.parametrize(
    ("n_distinct", "expected"), [(9, []), (10, ["shop_id"]), (890, ["shop_id"]), (901, [])]
)
def test_a_column_called_id_is_one_of_groups_where_ids_repeat(n_distinct: int, expected: list[str]) -> None:
    data = known_data({"shop_id": [row % n_distinct * 7 for row in range(N)]})
    assert named(group_like(data)) == expected


@pytest.mark.parametrize(("n_distinct", "expected"), [(19, []), (20, ["who"]), (500, ["who"]), (501, [])])
def test_a_text_with_2_to_50_rows_is_one_of_groups(n_distinct: int, expected: list[str]) -> None:
    assert named(group_like(known_data({"who": [f"p{row % n_distinct}" for row in range(N)]}))) == expected


def test_numbers_of_another_name_are_no_groups() -> None:
    assert named(group_like(known_data({"age": [row % 80 for row in range(N)]}))) == []


@pytest.mark.parametrize("kind", [ColumnKind.GROUP, ColumnKind.TIME])
def test_nothing_is_offered_where_groups_or_times_are_said(kind: ColumnKind) -> None:
    columns = {"who": [f"p{row % 100}" for row in range(N)], "x": noise(N)}
    assert named(group_like(known_data(columns))) == ["who"]
    assert named(group_like(known_data({**columns, "said": range(N)}, said={"said": kind}))) == []


def test_what_to_write_is_told_for_any_name() -> None:
    (warning,) = group_like(known_data({'the "id"\\id': [row % 50 for row in range(N)]}))
    assert warning.sentence == "has 50 values in 1,000 rows, like names of persons or shops"
    assert warning.remedy == r'if you will predict for new ones, [columns] "the \"id\"\\id" = "group"'
