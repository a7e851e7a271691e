"""What is told of a table is so, and each warning comes where it is due and nowhere else."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from service.configuration.study_file import study_from_flags
from service.data.checks.data_check import DataCheck, check_data
from service.errors import BadInputError

N = 3000
Check = Callable[..., DataCheck]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return what checks a table of these columns beside two of noise and a target that they decide."""

    def check(
        columns: Mapping[str, Any] | None = None,
        *,
        n: int = N,
        y: Sequence[object] | NDArray[Any] | None = None,
        **flags: object,
    ) -> DataCheck:
        rng = np.random.default_rng(5)
        noise = {name: rng.normal(size=n) for name in ("u", "v", "w")}
        decided = np.where(noise["u"] + noise["v"] + rng.normal(size=n) > 0, "yes", "no")
        frame = pl.DataFrame({**noise, **(columns or {}), "y": decided if y is None else y})
        frame.write_csv(tmp_path / "table.csv")
        overrides = {"data.table": str(tmp_path / "table.csv"), "data.target": "y", **flags}
        return check_data(study_from_flags(overrides)[0])

    return check


def about(check: DataCheck) -> list[tuple[str, str | None]]:
    return [(warning.about, warning.column) for warning in check.warnings]


def test_columns_sets_and_classes_are_told(check: Check) -> None:
    some = [None if row % 10 == 0 else ["red", "green"][row % 2] for row in range(N)]
    found = check({"color": some}, **{"columns.w": "id"})
    assert found.n_examples == {"train": 1800, "dev": 600, "test": 600}
    assert set(found.class_counts) == {"no", "yes"}
    assert sum(found.class_counts.values()) == 2400
    color = found.columns[3]
    assert (color.name, color.kind, color.is_said, color.is_learned_from) == (
        "color",
        "categorical",
        False,
        True,
    )
    assert color.distinct == 2
    assert 180 < color.missing < 300
    assert set(color.values) == {"red", "green"}
    w = found.columns[2]
    assert (w.kind, w.is_said, w.is_learned_from, w.distinct) == ("id", True, False, 2400)
    assert about(found) == []


def test_a_regressions_target_is_told(check: Check) -> None:
    y = np.exp(np.random.default_rng(0).normal(size=N) * 1.5)
    found = check(y=y)
    assert found.numbers is not None
    assert found.numbers.low < 0.1
    assert 0.8 < found.numbers.median < 1.2 < found.numbers.high
    assert found.numbers.has_logarithm
    assert found.numbers.skewness > 3
    assert not found.class_counts


WARNINGS: dict[str, tuple[Mapping[str, Any], tuple[str, str]]] = {
    "a text in every row": ({"c": [f"name {row}" for row in range(N)]}, ("id", "c")),
    "the row's number": ({"c": range(N)}, ("id", "c")),
    "one value": ({"c": ["same"] * N}, ("constant", "c")),
    "no value": ({"c": [None] * N}, ("constant", "c")),
    "a heavy tail": ({"c": [*np.linspace(0, 1, N - 200), *[1e6] * 200]}, ("heavy tail", "c")),
    "many categories": ({"c": [f"word {row % 70}" for row in range(N)]}, ("categories", "c")),
    "a date": ({"c": [f"2024-01-{1 + row % 28:02}" for row in range(N)]}, ("date", "c")),
    "a name of ids": ({"shop_id": [row * 37 % 100 for row in range(N)]}, ("group", "shop_id")),
}


@pytest.mark.parametrize(("columns", "warning"), WARNINGS.values(), ids=WARNINGS.keys())
def test_a_column_to_see_to_is_named(
    check: Check, columns: Mapping[str, Any], warning: tuple[str, str]
) -> None:
    assert warning in about(check(columns))


QUIET: dict[str, Mapping[str, Any]] = {
    "numbers": {"c": np.linspace(0, 1, N) ** 2},
    "numbers with a moderate tail": {"c": [*np.linspace(0, 1, N - 200), *[40.0] * 200]},
    "a text in nearly every row twice": {"c": ["a", "b", "c"] * (N // 3)},
    "one value with gaps": {"c": [None, "same"] * (N // 2)},
    "few categories": {"c": [f"word {row % 20}" for row in range(N)]},
    "whole numbers": {"rooms": [row % 7 for row in range(N)]},
}


@pytest.mark.parametrize("columns", QUIET.values(), ids=QUIET.keys())
def test_a_column_as_any_other_is_not_warned_of(check: Check, columns: Mapping[str, Any]) -> None:
    assert about(check(columns)) == []


@pytest.mark.parametrize("kind", ["number", "word"])
def test_a_column_that_tells_the_class_by_itself_is_named(check: Check, kind: str) -> None:
    rng = np.random.default_rng(5)
    u, v = rng.normal(size=N), rng.normal(size=N)
    rng.normal(size=N)
    is_yes = u + v + rng.normal(size=N) > 0
    told = (
        np.where(is_yes, 3.5, 1.5) + rng.normal(size=N) / 10
        if kind == "number"
        else np.where(is_yes, "p", "q")
    )
    warnings = {warning.column: warning for warning in check({"told": told}).warnings}
    assert warnings["told"].about == "leak"
    assert warnings["told"].sentence == "predicts the target by itself: 100.0 % of rows right"
    assert warnings["told"].remedy.endswith('[columns] told = "ignore"')
    nearly = np.where(rng.random(N) < 0.03, ~is_yes, is_yes)
    assert about(check({"told": np.where(nearly, "p", "q")})) == []


def test_a_column_that_tells_the_number_by_itself_is_named(check: Check) -> None:
    y = np.random.default_rng(0).normal(size=N)
    assert about(check({"told": 3 - y}, y=y)) == [("leak", "told")]
    assert about(check({"told": 3 - y + np.random.default_rng(1).normal(size=N) / 5}, y=y)) == []


def test_a_rare_class_is_named(check: Check) -> None:
    y = ["often"] * (N // 2 - 20) + ["also"] * (N // 2) + ["seldom"] * 20
    (warning,) = check(y=y).warnings
    assert (warning.about, warning.sentence) == ("rare class", "class 'seldom' has 16 known examples")


def test_dev_examples_like_train_examples_are_counted(check: Check) -> None:
    base = np.random.default_rng(2).normal(size=N // 2)
    columns = {name: np.repeat(base * factor, 2) for name, factor in (("u", 1), ("v", 2), ("w", 3))}
    varied = {**columns, "x": np.random.default_rng(3).normal(size=N)}
    (warning,) = check(varied).warnings
    assert warning.about == "duplicates"
    n_near = int(warning.sentence.split()[0])
    assert 300 < n_near < 520  # of 600, the other halves of three pairs in four are train examples


def test_a_small_dev_set_is_told_with_its_interval_and_folds_offered(check: Check) -> None:
    (warning,) = check(n=500).warnings
    assert warning.about == "few dev examples"
    assert "with 100 dev examples, an error of 10 % is known to ± 5.9 %" in warning.sentence
    assert warning.remedy == "--folds 5 evaluates each trial on all 400 known examples, in turn"
    assert about(check(n=500, **{"split.folds": 5})) == []


def test_it_is_the_same_whatever_the_test_sets_cells_hold(check: Check, tmp_path: Path) -> None:
    found = []
    for cells in ("0.5,1,2,yes", "x,,1e300,no"):
        (tmp_path / "test.csv").write_text("u,v,w,y\n" + f"{cells}\n" * 40)
        found.append(check(**{"data.test_table": str(tmp_path / "test.csv")}))
    assert found[0] == found[1]
    assert found[0].n_examples["test"] == 40


def test_what_cannot_be_read_is_refused(check: Check) -> None:
    with pytest.raises(BadInputError, match=r"'c' is numeric: expected a number, got '1x'"):
        check({"c": [*map(str, np.linspace(0, 1, N - 400)), *["1x"] * 5, *["0.5"] * 395]})
