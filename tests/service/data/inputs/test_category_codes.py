"""Categories have codes by their frequency, as many as a boosting library takes; what is missing has none."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from service.data.inputs.categories import count_categories
from service.data.inputs.category_codes import CategoryCodes, fit_category_codes
from service.data.inputs.transformation import fit_transformation
from service.tables.column_kinds import ColumnKind
from tests.service.data.inputs.frames import inputs_of
from tests.service.raw_space import RAW

Cells = Sequence[str | None]

FEW: Cells = ["b", "a", None, "c", "a", "b", "d", "c", "c"]
MANY: Cells = [f"w{number:03}" for number in range(300) for _ in range(2 + (number >= 200))]
"""300 categories, of which the last 100 are the most frequent."""


def fit(train: Cells) -> CategoryCodes:
    frame = pl.DataFrame({"c": pl.Series(train, dtype=pl.String)})
    codes, dropped = fit_category_codes({"c": count_categories(frame, "c")})
    assert dropped == {}
    return codes


def codes_of(codes: CategoryCodes, cells: Cells) -> NDArray[np.float32]:
    return inputs_of(codes, pl.DataFrame({"c": pl.Series(cells, dtype=pl.String)}))[:, 0]


def test_codes_go_by_frequency_and_then_by_text() -> None:
    codes = fit(FEW)
    assert codes_of(codes, ["c", "a", "b", "d"]).tolist() == [0, 1, 2, 3]
    assert (codes.n_codes, codes.input_names) == ((4,), ("c",))


def test_the_order_of_rows_moves_no_code() -> None:
    for cells in (FEW, MANY):
        shuffled = [cells[row] for row in np.random.default_rng(1).permutation(len(cells))]
        one, other = fit(cells), fit(shuffled)
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(array, other.arrays()[name])


def test_what_is_missing_or_unseen_has_no_code() -> None:
    np.testing.assert_array_equal(codes_of(fit(FEW), [None, "a", "e"]), [np.nan, 1, np.nan])
    np.testing.assert_array_equal(codes_of(fit(["a", "b", "b"]), [None, "b"]), [np.nan, 0])
    assert fit(FEW).complete == ()
    assert fit(["a", "b", "b"]).complete == ("c",)


def test_beyond_254_the_rarest_share_a_code_with_the_unseen_and_not_with_the_missing() -> None:
    codes = fit(MANY)
    assert codes.n_codes == (255,)
    names = [f"w{number:03}" for number in range(300)]
    expected = [*range(100, 254), *[254] * 46, *range(100)]
    assert codes_of(codes, names).tolist() == expected
    np.testing.assert_array_equal(codes_of(codes, ["new", None]), [254, np.nan])
    frame = pl.DataFrame({"c": ["w199", "new", "w000", None, "new"]})
    assert codes.unseen(frame) == {"c": 2}
    assert codes.are_known("c", pl.Series(["w199", "new"])).tolist() == [True, False]


@pytest.mark.parametrize(("n", "n_codes"), [(254, 254), (255, 255), (256, 255)])
def test_there_are_255_codes_at_most(n: int, n_codes: int) -> None:
    names = [f"w{number}" for number in range(n)] * 2
    codes = fit(names)
    found = codes_of(codes, names)
    assert codes.n_codes == (n_codes,)
    np.testing.assert_array_equal(np.unique(found), np.arange(n_codes))


def test_a_column_is_left_out_where_nothing_can_be_learned() -> None:
    columns: dict[str, Cells] = {
        "nothing": [None] * 4,
        "same": ["a"] * 4,
        "all differ": ["a", "b", "c", "d"],
        "all differ with gaps": ["a", "b", "c", None],
        "same with gaps": ["a", "a", None, "a"],
        "two": ["a", "a", "b", "c"],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    codes, dropped = fit_category_codes({name: count_categories(frame, name) for name in columns})
    assert codes.input_names == ("all differ with gaps", "same with gaps", "two")
    assert dropped == {
        "nothing": "every cell is missing in the train set",
        "same": "constant in the train set",
        "all differ": "no category has 2 rows in the train set",
    }


@pytest.mark.parametrize(("n", "is_averaged"), [(254, False), (255, True)])
def test_where_some_share_a_code_target_statistics_stand_beside(n: int, *, is_averaged: bool) -> None:
    cells = [f"w{row % n}" for row in range(1000)]
    frame = pl.DataFrame({"c": cells, "all differ": [f"v{row}" for row in range(1000)]})
    kinds = dict.fromkeys(frame.columns, ColumnKind.CATEGORICAL)
    y = np.random.default_rng(0).normal(size=1000)
    transformation, X_train = fit_transformation(frame, kinds=kinds, y=y, n_classes=0, choices=RAW, seed=0)
    beside = ("c (mean of target)", "c (log-frequency)") if is_averaged else ()
    assert transformation.input_names == ("c", *beside)
    assert transformation.n_categories == (n, *(0 for _ in beside))
    assert set(transformation.dropped) == {"all differ"}
    X = transformation.apply(frame)
    differs = (X_train != X).any(axis=0).tolist()
    assert differs == [name == "c (mean of target)" for name in transformation.input_names]
    later = pl.DataFrame({"c": ["w1", "new", None]})
    assert transformation.unseen(later) == {"c": 1}
    assert transformation.are_known("c", pl.Series(["w1", "new"])).tolist() == [True, False]


def test_scikit_learns_boosting_takes_them_as_they_are() -> None:
    rng = np.random.default_rng(0)
    number = np.concatenate([np.arange(300), rng.integers(0, 300, 2700)])
    cells = pl.Series("c", [f"w{n}" for n in number]).set(pl.Series(rng.random(3000) < 0.1), None)
    frame = pl.DataFrame([cells, pl.Series("x", rng.normal(size=3000)).set(pl.Series(number % 7 == 0), None)])
    kinds = {"c": ColumnKind.CATEGORICAL, "x": ColumnKind.NUMERIC}
    y = number % 2
    transformation, X = fit_transformation(frame, kinds=kinds, y=y, n_classes=2, choices=RAW, seed=0)
    is_categorical = np.array(transformation.n_categories) > 0
    assert transformation.input_names[:2] == ("x", "c")
    assert is_categorical[:2].tolist() == [False, True]
    boosting = HistGradientBoostingClassifier(
        max_iter=20, categorical_features=is_categorical[:2], min_samples_leaf=5, random_state=0
    )
    boosting.fit(X[:, :2], y)
    assert boosting.score(X[:, :2], y) > 0.85  # of no use as numbers: odd and even ones alternate
    later = transformation.apply(pl.DataFrame({"c": ["new", None], "x": [None, 1.0]}, schema=frame.schema))
    assert np.isfinite(boosting.predict_proba(later[:, :2])).all()
