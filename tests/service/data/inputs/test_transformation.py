"""What the train rows say, and nothing else, decides what becomes of any row, and of each row alone.

Choices that make no difference to a table are told, and make none.
"""

from functools import cache
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from search_spaces.input_choices import (
    DateEncoding,
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
)
from service.data.inputs.transformation import Fitted, Transformation, effective_choices, fit_transformation
from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from tests.service.data.inputs.frames import ALL_CHOICES, KINDS, any_frames, fitted, mixed_frame
from tests.service.raw_space import RAW

every_choice = pytest.mark.parametrize("choices", ALL_CHOICES, ids="-".join)
TRAIN = mixed_frame(300, seed=0)
BINS_AND_STATISTICS = InputChoices(
    numeric_encoding=NumericEncoding.PIECEWISE_LINEAR,
    high_cardinality_encoding=HighCardinalityEncoding.TARGET_STATISTICS,
)


@cache
def fit_on_train(choices: InputChoices) -> Fitted:
    return fitted(TRAIN, choices)


def are_as_they_may_be(X: NDArray[np.float32], choices: InputChoices) -> bool:
    """Whether inputs are finite; raw ones may be missing."""
    return bool((np.isfinite(X) | np.isnan(X) if choices == RAW else np.isfinite(X)).all())


def assert_same(first: Fitted, second: Fitted) -> None:
    assert first.transformation.description() == second.transformation.description()
    arrays, others = first.transformation.arrays(), second.transformation.arrays()
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)
    np.testing.assert_array_equal(first.X_train, second.X_train)


@every_choice
def test_fitting_twice_is_the_same_to_the_last_bit(choices: InputChoices) -> None:
    assert_same(fitted(TRAIN, choices), fitted(TRAIN.clone(), choices))


@every_choice
@settings(max_examples=30)
@given(later=any_frames())
def test_what_later_rows_hold_moves_nothing_and_never_becomes_infinite(
    choices: InputChoices, later: pl.DataFrame
) -> None:
    once = fit_on_train(choices)
    before = once.transformation.apply(TRAIN)
    X = once.transformation.apply(later)
    assert X.shape == (later.height, once.transformation.n_inputs)
    assert (X.dtype.name, X.flags.c_contiguous) == ("float32", True)
    assert are_as_they_may_be(X, choices)
    together = once.transformation.apply(pl.concat([TRAIN, later]))
    np.testing.assert_array_equal(together[: TRAIN.height], before)
    np.testing.assert_array_equal(together[TRAIN.height :], X)


@every_choice
@settings(max_examples=60)
@given(train=any_frames(min_rows=2), later=any_frames())
def test_whatever_the_train_rows_hold_no_input_is_infinite(
    choices: InputChoices, train: pl.DataFrame, later: pl.DataFrame
) -> None:
    transformation, X_train = fitted(train, choices)
    assert are_as_they_may_be(X_train, choices)
    assert are_as_they_may_be(transformation.apply(later), choices)
    assert X_train.shape == (train.height, len(transformation.input_names))


@every_choice
def test_train_rows_become_what_the_same_rows_become_later_but_for_target_statistics(
    choices: InputChoices,
) -> None:
    transformation, X_train = fitted(TRAIN, choices)
    X = transformation.apply(TRAIN)
    differs = [
        name
        for j, name in enumerate(transformation.input_names)
        if not np.array_equal(X_train[:, j], X[:, j], equal_nan=True)
    ]
    is_averaged = choices.high_cardinality_encoding is HighCardinalityEncoding.TARGET_STATISTICS
    assert differs == (["street (mean of class 1)"] if is_averaged else [])


@every_choice
@settings(max_examples=20)
@given(rows=st.lists(st.integers(0, 299), max_size=40))
def test_a_row_s_inputs_depend_on_that_row_alone(choices: InputChoices, rows: list[int]) -> None:
    transformation, _ = fit_on_train(choices)
    X = transformation.apply(TRAIN)[rows]
    np.testing.assert_array_equal(transformation.apply(TRAIN[rows]), X)
    np.testing.assert_array_equal(transformation.apply(TRAIN, np.array(rows, dtype=np.intp)), X)


@every_choice
@pytest.mark.parametrize("is_ascending", [True, False])
def test_train_rows_among_others_are_all_that_is_fitted_on(
    choices: InputChoices, *, is_ascending: bool
) -> None:
    rows = np.random.default_rng(0).permutation(TRAIN.height)[:200]
    rows = np.sort(rows) if is_ascending else rows
    y = np.arange(200) % 2
    among_others, alone = (
        fit_transformation(frame, kinds=KINDS, y=y, n_classes=2, choices=choices, seed=0, rows=positions)
        for frame, positions in ((TRAIN, rows), (TRAIN[rows], None))
    )
    assert_same(among_others, alone)


def test_tables_larger_than_a_block_of_rows_become_what_their_parts_do() -> None:
    frame = mixed_frame(9000, seed=1)
    transformation, _ = fitted(frame)
    X = transformation.apply(frame)
    parts = [transformation.apply(frame[first : first + 777]) for first in range(0, frame.height, 777)]
    np.testing.assert_array_equal(X, np.concatenate(parts))


@every_choice
def test_the_order_of_train_rows_moves_statistics_by_rounding_at_most(choices: InputChoices) -> None:
    order = np.random.default_rng(5).permutation(TRAIN.height)
    y = np.random.default_rng(6).integers(0, 2, TRAIN.height)
    fits = [
        fit_transformation(frame, kinds=KINDS, y=targets, n_classes=2, choices=choices, seed=0).transformation
        for frame, targets in ((TRAIN, y), (TRAIN[order], y[order]))
    ]
    assert fits[0].description() == fits[1].description()
    for name, array in fits[0].arrays().items():
        other = fits[1].arrays()[name]
        if is_of_sums(name):
            numbers, others = array.astype(np.float64), other.astype(np.float64)
            np.testing.assert_allclose(numbers, others, rtol=1e-12, atol=1e-14, err_msg=name)
        else:
            np.testing.assert_array_equal(array, other, err_msg=name)


def is_of_sums(name: str) -> bool:
    return name.endswith(("scaling_mean", "scaling_deviation")) or "statistics" in name


def test_inputs_have_names_that_people_can_read() -> None:
    names = fitted(TRAIN).transformation.input_names
    assert names[:7] == ("pixel", "size", "age", "wild", "age is missing", "wild is missing", "is member")
    assert names[7:10] == ("is member is missing", "sold (days)", "sold is missing")
    assert names[10:12] == ("sold (day of year, sine)", "sold (day of year, cosine)")
    assert names[16:21] == ("color=blue", "color=green", "color=red", "color=teal", "color=(missing)")
    assert names[21:23] == ("street (hash 1 of 64)", "street (hash 2 of 64)")
    assert names[-1] == "street=(missing)"


def numeric_names(transformation: Transformation) -> list[str]:
    return [transformation.input_names[j] for j in transformation.numeric_inputs]


def test_numbers_are_neither_categories_nor_marks_of_missing_cells_nor_points_on_circles() -> None:
    assert numeric_names(fitted(TRAIN).transformation) == ["pixel", "size", "age", "wild", "sold (days)"]


def test_statistics_of_a_category_are_numbers_and_bins_are_none() -> None:
    names = numeric_names(fit_on_train(BINS_AND_STATISTICS).transformation)
    assert names == ["pixel", "sold (days)", "street (mean of class 1)", "street (log-frequency)"]


def test_each_day_has_an_input_beside_the_finer_shapes_of_a_date() -> None:
    plain, fine, daily = (
        fit_on_train(InputChoices(date_encoding=encoding)).transformation for encoding in DateEncoding
    )
    n_days = TRAIN["sold"].drop_nulls().dt.date().n_unique()
    assert (fine.n_inputs, daily.n_inputs) == (plain.n_inputs + 15 + 60, fine.n_inputs + n_days)
    days = [name for name in daily.input_names if name not in set(fine.input_names)]
    assert days == [f"sold={day}" for day in TRAIN["sold"].drop_nulls().dt.date().unique().sort()]
    first = daily.input_names.index(days[0])
    assert daily.input_names[first - 1] == "sold (time of day, cosine 6)"
    assert daily.input_names[first + n_days] == "color=blue"

    later = TRAIN.head(1).with_columns(sold=pl.datetime(2031, 7, 1, 15))
    inputs = dict(zip(daily.input_names, daily.apply(later)[0].tolist(), strict=True))
    assert not any(inputs[day] for day in days)
    assert [inputs[f"sold (days) (bin {t} of 16)"] for t in (1, 16)] == [1, 1]
    assert inputs["sold (weekday, sine)"] == pytest.approx(np.sin(2 * np.pi / 7))
    assert inputs["sold (day of year, cosine 2)"] == pytest.approx(1, abs=0.01)


def test_an_input_a_day_is_made_where_one_train_set_has_enough_rows_of_its_days() -> None:
    daily = InputChoices(date_encoding=DateEncoding.DAILY)
    days = pl.Series("sold", [*range(200), *[1, 2] * 100], dtype=pl.Int32)
    frame = days.cast(pl.Date).cast(pl.Datetime("us")).to_frame()
    own, shared = np.arange(200), np.arange(200, 400)

    def effective(*train_sets: NDArray[np.intp]) -> DateEncoding:
        return effective_choices(frame, kinds=KINDS, choices=daily, train_sets=train_sets).date_encoding

    assert (effective(own), effective(own, shared)) == (DateEncoding.FINE, DateEncoding.DAILY)


def test_raw_inputs_are_one_a_column_and_one_a_part_of_a_date() -> None:
    transformation = fit_on_train(RAW).transformation
    assert transformation.input_names == (
        *("pixel", "size", "age", "wild", "is member", "sold (days)"),
        *(f"sold ({part})" for part in ("day of year", "weekday", "time of day")),
        *("color", "street"),
    )
    n_streets = TRAIN["street"].drop_nulls().n_unique()
    assert transformation.n_categories == (*[0] * 9, 4, n_streets)
    X = transformation.apply(TRAIN)
    for j, column in ((1, "size"), (2, "age"), (4, "is member"), (5, "sold"), (9, "color"), (10, "street")):
        np.testing.assert_array_equal(np.isnan(X[:, j]), TRAIN[column].is_null().to_numpy(), err_msg=column)
    numbers = fitted(TRAIN.select("size", "is member", "sold"), RAW).transformation
    assert numbers.n_categories == ()
    assert all(fit_on_train(choices).transformation.n_categories == () for choices in ALL_CHOICES[:-1])


def test_only_the_kinds_that_are_learned_from_are_read() -> None:
    frame = TRAIN.with_columns(key=pl.Series(range(300)), when=pl.col("sold"), other=pl.col("size"))
    kinds = {"key": ColumnKind.ID, "when": ColumnKind.TIME, "size": ColumnKind.NUMERIC}
    y = np.zeros(300)
    transformation, X_train = fit_transformation(
        frame, kinds=kinds, y=y, n_classes=0, choices=InputChoices(), seed=0
    )
    assert transformation.kinds == {"size": ColumnKind.NUMERIC}
    np.testing.assert_array_equal(transformation.apply(TRAIN.select("color", "size")), X_train)


def test_columns_that_nothing_can_be_learned_from_are_dropped_with_the_reason() -> None:
    frame = (
        TRAIN.head(4)
        .with_columns(
            size=pl.lit(2.0),
            age=pl.lit(None, dtype=pl.Float64),
            wild=pl.Series([np.inf, None, None, -np.inf]),
            color=pl.Series(["red", "green", "blue", "teal"]),
            street=pl.lit("Elm Street"),
        )
        .with_columns(pl.Series("is member", [True, False, True, True]))
    )
    transformation, _ = fitted(frame.with_columns(sold=pl.lit(None, dtype=pl.Datetime("us"))))
    assert transformation.dropped == {
        "size": "constant in the train set",
        "age": "every cell is missing in the train set",
        "wild": "no cell is a finite number in the train set",
        "sold": "every cell is missing in the train set",
        "color": "no category has 2 rows in the train set",
        "street": "constant in the train set",
    }
    assert transformation.input_names == ("pixel", "is member")
    raw = fitted(frame.with_columns(sold=pl.lit(None, dtype=pl.Datetime("us"))), RAW).transformation
    assert (raw.dropped, raw.input_names) == (transformation.dropped, transformation.input_names)


@every_choice
def test_columns_that_missed_no_cell_are_known(choices: InputChoices) -> None:
    assert fit_on_train(choices).transformation.complete == ("size",)


@every_choice
def test_unseen_categories_are_counted(choices: InputChoices) -> None:
    transformation, _ = fit_on_train(choices)
    later = TRAIN.head(5).with_columns(
        color=pl.Series(["mauve", "red", None, "mauve", "teal"]),
        street=pl.Series(["street 1", "street 4", "lane", "alley", None]),
    )
    assert transformation.unseen(later) == {"color": 2, "street": 2}
    assert transformation.unseen(TRAIN) == {"color": 0, "street": 0}


def test_a_table_of_constants_is_refused() -> None:
    with pytest.raises(
        BadInputError, match=r"expected a column to learn .*\(size: constant in the train set\)"
    ):
        fitted(pl.DataFrame({"size": [1.0, 1.0]}))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (TRAIN.drop("age"), "every column that was learned from, got none called 'age'"),
        (TRAIN.cast({"age": pl.Int64}), r"expected Float64 in a numeric column, got Int64 \('age'\)"),
        (TRAIN.cast({"sold": pl.Datetime("ms")}), "expected .*'us'.* in a date column, got .*'ms'"),
    ],
)
def test_a_table_of_other_columns_is_refused(frame: pl.DataFrame, message: str) -> None:
    transformation, _ = fitted(TRAIN)
    with pytest.raises(ValueError, match=message):
        transformation.apply(frame)
    with pytest.raises(ValueError, match=message):
        fit_transformation(
            frame, kinds=KINDS, y=np.zeros(frame.height), n_classes=0, choices=InputChoices(), seed=0
        )


def test_each_row_has_a_target() -> None:
    with pytest.raises(ValueError, match=r"expected one target per row, got \(299,\) for 300 rows"):
        fit_transformation(TRAIN, kinds=KINDS, y=np.zeros(299), n_classes=0, choices=InputChoices(), seed=0)


@every_choice
def test_a_table_without_rows_becomes_one_without_rows(choices: InputChoices) -> None:
    transformation, _ = fit_on_train(choices)
    assert transformation.apply(TRAIN.clear()).shape == (0, transformation.n_inputs)
    assert transformation.unseen(TRAIN.clear()) == {"color": 0, "street": 0}


def test_columns_are_found_by_name_whatever_stands_around_them() -> None:
    transformation, _ = fit_on_train(ALL_CHOICES[0])
    turned = TRAIN.with_columns(extra=pl.lit("x")).select(pl.col(["extra", *reversed(TRAIN.columns)]))
    np.testing.assert_array_equal(transformation.apply(turned), transformation.apply(TRAIN))


def test_thousands_of_columns_are_fitted_as_each_would_be_alone() -> None:
    cells = (np.random.default_rng(0).random((40, 3000)) < 0.2).astype(np.float64)
    wide = pl.DataFrame(cells, schema=[f"x{j}" for j in range(3000)])
    choices = InputChoices(numeric_scaling=NumericScaling.QUANTILE)

    def inputs(frame: pl.DataFrame) -> NDArray[np.float32]:
        kinds = dict.fromkeys(frame.columns, ColumnKind.NUMERIC)
        return fit_transformation(
            frame, kinds=kinds, y=np.zeros(40), n_classes=0, choices=choices, seed=0
        ).X_train

    parts = [inputs(wide[:, first : first + 100]) for first in range(0, 3000, 100)]
    np.testing.assert_array_equal(inputs(wide), np.hstack(parts))


EVERY = [
    InputChoices(*chosen)
    for chosen in product(NumericScaling, NumericEncoding, HighCardinalityEncoding, DateEncoding)
]
TRAIN_ROWS = mixed_frame(200, seed=0)
ALL_ROWS = np.arange(200)
DAYS_OF_THEIR_OWN = pl.int_range(200).cast(pl.Date).cast(pl.Datetime("us"))


@pytest.mark.parametrize(
    ("frame", "n_different"),
    [
        (TRAIN_ROWS, 24),
        (TRAIN_ROWS.drop("sold"), 8),
        (TRAIN_ROWS.drop("street"), 12),
        (TRAIN_ROWS.drop("size", "age", "wild"), 6),
        (TRAIN_ROWS.with_columns(sold=DAYS_OF_THEIR_OWN), 16),
        (TRAIN_ROWS.select("pixel", "color"), 1),
    ],
    ids=["all", "no dates", "few categories", "no numbers", "days of their own", "neither"],
)
def test_choices_give_the_same_inputs_exactly_where_they_become_the_same(
    frame: pl.DataFrame, n_different: int
) -> None:
    kinds = {name: KINDS[name] for name in frame.columns}
    inputs: dict[InputChoices, bytes] = {}
    for choices in EVERY:
        effective = effective_choices(frame, kinds=kinds, choices=choices, train_sets=[ALL_ROWS])
        made = fitted(frame, choices).X_train.tobytes()
        assert inputs.setdefault(effective, made) == made
        np.testing.assert_array_equal(fitted(frame, effective).X_train.tobytes(), made)
    assert len(inputs) == len(set(inputs.values())) == n_different


def test_an_encoding_of_very_many_categories_is_read_where_one_train_set_has_too_many() -> None:
    averaged = InputChoices(high_cardinality_encoding=HighCardinalityEncoding.TARGET_STATISTICS)
    frame = pl.DataFrame({"street": [*[f"street {row % 100}" for row in range(200)], *map(str, range(200))]})
    few, many = np.arange(200), np.arange(100, 400)

    def effective(*train_sets: NDArray[np.intp]) -> InputChoices:
        return effective_choices(frame, kinds=KINDS, choices=averaged, train_sets=train_sets)

    assert effective(few, few) == InputChoices()
    assert effective(few, many) == averaged
    assert fitted(frame[few], averaged).transformation.input_names[0] == "street=street 0"
    assert fitted(frame[many], averaged).transformation.input_names[0] == "street (mean of class 1)"


def test_raw_inputs_have_no_choices() -> None:
    for choices in EVERY:
        asked = choices._replace(representation=RAW.representation)
        assert effective_choices(TRAIN_ROWS, kinds=KINDS, choices=asked, train_sets=[ALL_ROWS]) == RAW
        assert_same(fitted(TRAIN, asked), fit_on_train(RAW))
