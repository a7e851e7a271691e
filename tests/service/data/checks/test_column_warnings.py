"""Columns to see to are told from those that are as they should be; each warning begins where it should."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from search_spaces.input_choices import HighCardinalityEncoding, InputChoices, NumericEncoding, NumericScaling
from service.data.checks.column_warnings import (
    code_like,
    constant_columns,
    group_like,
    has_name_of_ids,
    heavy_tails,
    id_like,
    many_categories,
    reach,
    sentinels,
    unused_dates,
)
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise
from tests.service.raw_space import RAW

DRAWN = np.random.default_rng(1).choice(10**9, N, replace=False)


def test_an_id_that_is_left_out_is_told_with_what_to_write() -> None:
    names = [f"name {row}" for row in range(N)]
    by_number, by_text = id_like(known_data({"row": range(N), "name": names, "x": noise(N)}))
    assert by_number.sentence == "is not learned from: it numbers the rows"
    assert by_number.remedy == 'if it does tell something about new examples, [columns] row = "numeric"'
    assert by_text.remedy == 'if it does tell something about new examples, [columns] name = "categorical"'


def test_drawn_numbers_are_taken_for_ids_and_may_be_said_to_be_some() -> None:
    (warning,) = id_like(known_data({"drawn": DRAWN}))
    assert "learned from, but has a different whole number in nearly every row" in warning.sentence
    assert warning.remedy == 'if it only names the rows, [columns] drawn = "id"'
    for kind in (ColumnKind.ID, ColumnKind.NUMERIC):
        assert named(id_like(known_data({"drawn": DRAWN, "x": noise(N)}, said={"drawn": kind}))) == []


@pytest.mark.parametrize(("n_repeated", "expected"), [(90, ["text"]), (110, [])])
def test_texts_that_are_nearly_all_others_are_taken_for_ids(n_repeated: int, expected: list[str]) -> None:
    texts = [f"text {max(row, n_repeated)}" for row in range(N)]
    assert named(id_like(known_data({"text": texts}))) == expected


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(np.floor(np.exp(noise(N) + 20)), id="amounts"),
        pytest.param(np.floor(noise(N) * 1e8), id="normal numbers"),
        pytest.param(DRAWN + 0.5, id="fractions"),
        pytest.param(np.r_[DRAWN[1:], np.inf], id="an infinity"),
        pytest.param(DRAWN % 500, id="numbers of several rows"),
    ],
)
def test_other_numbers_are_not_taken_for_ids(cells: np.ndarray) -> None:
    assert named(id_like(known_data({"x": cells}))) == []


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


EVEN = np.linspace(0, 1, 1001)


def with_end(end: float) -> NDArray[np.float64]:
    """Return numbers of median 0.5 and quartile range 0.5, but for a last one."""
    return np.append(EVEN, end)


@pytest.mark.parametrize(("end", "expected"), [(50, []), (51, ["x"]), (-50, ["x"]), (-49, [])])
def test_more_than_100_quartile_ranges_from_the_median_are_told(end: float, expected: list[str]) -> None:
    assert named(heavy_tails(known_data({"x": with_end(end)}))) == expected


@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e305])
def test_the_reach_has_no_unit(unit: float) -> None:
    assert reach(pl.Series(with_end(50.5) * unit)) == pytest.approx(100, rel=2e-3)


def test_infinities_and_missing_cells_do_not_reach_anywhere() -> None:
    cells = pl.Series([None, *EVEN, float("inf"), float("-inf")])
    assert reach(cells) == pytest.approx(1)
    assert reach(pl.Series([float("inf"), None], dtype=pl.Float64)) == 0


def test_numbers_without_a_range_between_their_quartiles_are_not_judged() -> None:
    assert reach(pl.Series([0.0] * 100 + [1e9])) == 0


def test_quartiles_of_very_many_rows_are_told_by_some_and_ends_by_all() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=400_001)
    numbers[1] = 1000.0
    quartiles = np.quantile(numbers, [0.25, 0.5, 0.75])
    exact = (1000 - quartiles[1]) / (quartiles[2] - quartiles[0])
    assert reach(pl.Series(numbers)) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(
    "choice",
    [
        InputChoices(numeric_scaling=NumericScaling.ROBUST),
        InputChoices(numeric_encoding=NumericEncoding.PIECEWISE_LINEAR),
        RAW,
    ],
)
def test_nothing_is_told_where_another_scaling_is_tried(choice: InputChoices) -> None:
    columns = {"x": with_end(1e6)}
    assert named(heavy_tails(known_data(columns))) == ["x"]
    assert named(heavy_tails(known_data(columns, choices=(InputChoices(), choice)))) == []


RNG = np.random.default_rng(3)
AGES = RNG.integers(20, 90, N).astype(float)
DAYS: list[object] = [date(2023, 1, 1) + timedelta(days=int(n)) for n in RNG.integers(0, 300, N)]


def with_some(cells: list[object], value: object, n_cells: int) -> list[object]:
    return [value] * n_cells + cells[n_cells:]


@pytest.mark.parametrize(
    ("cells", "value", "remedy"),
    [
        (AGES.tolist(), -999.0, "[columns] x = { missing = [-999] }"),
        (AGES.tolist(), 99999.0, "[columns] x = { missing = [99999] }"),
        ((AGES * 30 + noise(N)).tolist(), -999.0, "[columns] x = { missing = [-999] }"),
        (DAYS, date(9999, 12, 31), '[columns] x = { missing = ["9999-12-31"] }'),
        (DAYS, date(1900, 1, 1), '[columns] x = { missing = ["1900-01-01"] }'),
    ],
)
def test_a_value_far_from_all_others_is_named_with_its_share(
    cells: list[object], value: object, remedy: str
) -> None:
    (warning,) = sentinels(known_data({"x": with_some(cells, value, 30)}))
    assert "in 30 of 1,000 rows, beyond all its other values" in warning.sentence
    assert warning.remedy.endswith(remedy)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(with_some(AGES.tolist(), 99.0, 30), id="an old age"),
        pytest.param(with_some((AGES * 20).tolist(), 999.0, 30), id="within the range"),
        pytest.param(with_some(AGES.tolist(), -999.0, 1), id="one cell"),
        pytest.param(with_some(DAYS, date(2023, 12, 31), 30), id="an honest date"),
        pytest.param([999.0] * N, id="nothing else"),
    ],
)
def test_honest_values_are_left_alone(cells: list[object]) -> None:
    assert named(sentinels(known_data({"x": cells, "other": noise(N)}))) == []


def test_codes_have_as_many_digits_each_and_are_spread_evenly() -> None:
    codes = RNG.choice(RNG.integers(10_000, 100_000, 300), N).astype(float)
    (warning,) = code_like(known_data({"zip": codes}))
    assert warning.remedy == 'if they are names, [columns] zip = "categorical"'
    assert named(code_like(known_data({"zip": codes}, said={"zip": ColumnKind.NUMERIC}))) == []


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(np.floor(np.exp(noise(N) / 2 + 10.5)), id="salaries"),
        pytest.param(RNG.integers(1_000, 10_000, N).astype(float) // 9, id="four digits"),
        pytest.param(RNG.integers(10_000, 20_000, N).astype(float) // 10 * 10, id="a narrow range"),
        pytest.param(RNG.choice([10_000.5, 50_000.5, 99_000.5], N), id="fractions"),
    ],
)
def test_amounts_are_no_codes(cells: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert named(code_like(known_data({"x": cells}))) == []


def test_columns_without_two_values_in_the_train_set_are_told() -> None:
    columns = {
        "same": [3.5] * N,
        "same word": ["x"] * N,
        "nothing": [None] * N,
        "only in dev": [0] * (N - 1) + [1],
        "with gaps": [None, 3.5] * (N // 2),
        "two": [0.5] * (N - 201) + [1.5] + [0.5] * 200,
    }
    warnings = list(constant_columns(known_data(columns)))
    assert [warning.column for warning in warnings] == ["same", "same word", "nothing", "only in dev"]
    assert warnings[0].sentence == "is left out: constant in the train set"
    assert warnings[2].sentence == "is left out: every cell is missing in the train set"


@pytest.mark.parametrize(
    ("n_rare", "expected"), [(80, []), (81, ["c"])], ids=["a tenth of the train rows", "more"]
)
def test_categories_are_many_where_more_than_a_tenth_of_train_rows_is_of_rare_ones(
    n_rare: int, expected: list[str]
) -> None:
    words = [*[f"rare{row}" for row in range(n_rare)], *[f"w{row % 5}" for row in range(N - n_rare)]]
    assert named(many_categories(known_data({"c": words}))) == expected


def test_of_many_categories_the_other_encoding_is_offered_unless_both_are_tried() -> None:
    hashing, statistics = (
        InputChoices(high_cardinality_encoding=encoding)
        for encoding in (HighCardinalityEncoding.HASHING, HighCardinalityEncoding.TARGET_STATISTICS)
    )
    columns = {"c": [f"w{row % 600}" for row in range(N)]}
    (warning,) = many_categories(known_data(columns, choices=(statistics,)))
    assert warning.remedy.endswith('[space] high_cardinality_encoding = "hashing"')
    (warning,) = many_categories(known_data(columns, choices=(hashing,)))
    assert warning.remedy.endswith('[space] high_cardinality_encoding = "target_statistics"')
    assert named(many_categories(known_data(columns, choices=(hashing, statistics)))) == []


@pytest.mark.parametrize("n_distinct", [90, 300])
def test_raw_columns_are_not_told_of_encodings_that_they_do_not_have(n_distinct: int) -> None:
    data = known_data({"c": [f"w{row % n_distinct}" for row in range(N)]}, choices=(RAW,))
    assert named(many_categories(data)) == []


def test_a_date_is_told_unless_sets_are_split_by_time_or_group() -> None:
    days = [f"{date(2024, 1, 1) + timedelta(row % 300)}" for row in range(N)]
    columns = {"day": days, "x": noise(N), "other": [row % 30 for row in range(N)]}
    (warning,) = unused_dates(known_data(columns))
    assert warning.remedy.endswith('[columns] day = "time"')
    for kind in (ColumnKind.TIME, ColumnKind.GROUP):
        assert named(unused_dates(known_data(columns, said={"other": kind}))) == []
