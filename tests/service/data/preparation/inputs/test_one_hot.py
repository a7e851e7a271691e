"""One input a category, 0 or 1; what is rare or unseen shares one, what misses has its own."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from service.data.preparation.inputs.categories import count_categories
from service.data.preparation.inputs.one_hot import OneHotColumn, OneHotColumns, fit_one_hot
from tests.service.data.preparation.inputs.frames import inputs_of


def fit(cells: list[str | None], *, n_rows: int | None = None) -> tuple[OneHotColumns, dict[str, str]]:
    found = {"color": count_categories(frame(cells), "color")}
    return fit_one_hot(found, n_rows=len(cells) if n_rows is None else n_rows)


def frame(cells: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"color": cells}, schema={"color": pl.String})


@given(st.lists(st.sampled_from(["red", "green", "blue", "", "épicé", "teal"]), min_size=12, max_size=40))
def test_it_agrees_with_scikit_learn(cells: list[str | None]) -> None:
    columns, dropped = fit(cells)
    encoder = OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist", sparse_output=False)
    encoder.fit(frame(cells).to_numpy())
    if dropped:
        assert len(set(cells)) == 1
        return
    later = [*cells, "mauve"]
    expected = encoder.transform(frame(later).to_numpy())
    assert inputs_of(columns, frame(later)).tolist() == expected.tolist()


def test_rare_and_unseen_categories_are_other() -> None:
    columns, _ = fit(["red", "red", "blue", "blue", "teal"])
    assert columns.input_names == ("color=blue", "color=red", "color=(other)")
    assert inputs_of(columns, frame(["teal", "mauve", "red", None])).tolist() == [
        [0, 0, 1],
        [0, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
    ]


def test_where_nothing_is_rare_the_unseen_are_all_zeros() -> None:
    columns, _ = fit(["red", "red", "blue", "blue", None])
    assert columns.input_names == ("color=blue", "color=red", "color=(missing)")
    assert inputs_of(columns, frame(["mauve", None])).tolist() == [[0, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(("n_rows", "least"), [(10, 2), (2_999, 2), (3_000, 3), (10_000_000, 100)])
def test_a_category_s_own_input_takes_a_thousandth_of_the_rows_but_2_at_least_and_100_at_most(
    n_rows: int, least: int
) -> None:
    cells: list[str | None] = [*["enough"] * least, *["few"] * (least - 1)]
    columns, _ = fit(cells, n_rows=n_rows)
    assert columns.input_names == ("color=enough", "color=(other)")


def test_several_columns_stand_side_by_side() -> None:
    table = pl.DataFrame({"a": ["x", "y", "x", "y"], "b": ["n", "n", None, None]})
    columns, _ = fit_one_hot({name: count_categories(table, name) for name in "ab"}, n_rows=4)
    assert columns.input_names == ("a=x", "a=y", "b=n", "b=(missing)")
    assert inputs_of(columns, table).tolist() == [[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [0, 1, 0, 1]]


def test_a_category_stands_once_in_a_description() -> None:
    with pytest.raises(ValueError, match=r"duplicate category \(color\)"):
        OneHotColumn(column="color", categories=("red",), rare=("red",), has_missing=False)
