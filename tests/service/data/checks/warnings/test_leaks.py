"""A column that tells the target is found whatever it holds; one that tells nearly all is not."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from service.data.checks.warnings.leaks import leaks
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise

Y = np.random.default_rng(3).integers(0, 3, N)
CLASSES = ("a", "b", "c")
CODES = np.random.default_rng(4).permutation(60)
CODE = Y + 3 * np.random.default_rng(5).integers(0, 20, N)
PRICE = np.exp(2 * noise(N, seed=6))


def columns_told(columns: dict[str, Any], **more: Any) -> list[str | None]:  # noqa: ANN401 (of known_data)
    """Return the columns that are told as leaks, beside one of noise."""
    return named(leaks(known_data({"noise": noise(N, seed=7), **columns}, **more)))


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(np.array(["x", "y", "z"])[Y], id="a word a class"),
        pytest.param(Y * 0.5, id="a number a class"),
        pytest.param(Y + noise(N) / 20, id="ranges of numbers"),
        pytest.param([f"code {code}" for code in CODES[CODE]], id="many words, each of one class"),
        pytest.param(np.where(Y > 0, Y, np.nan), id="a class is told by what is missing"),
        pytest.param(np.where(Y == 2, np.inf, Y), id="a class is told by infinities"),
        pytest.param([f"{2020 + label}-01-0{1 + label}" for label in Y], id="dates"),
    ],
)
def test_a_column_that_tells_the_class_is_found(cells: Any) -> None:  # noqa: ANN401 (cells of any kind)
    assert columns_told({"told": cells}, y=Y, class_names=CLASSES) == ["told"]


def test_the_accuracy_is_of_examples_that_were_not_learned_from() -> None:
    words = [f"word {max(row, 5)}" for row in range(N)]  # learned by heart, nearly all would be right
    assert columns_told({"word": words}, y=Y, class_names=CLASSES) == []
    (warning,) = leaks(known_data({"told": Y * 1.5}, y=Y, class_names=CLASSES))
    assert warning.sentence == "predicts the target by itself: 100.0 % of rows right"
    assert warning.remedy == 'if it is known only after the target, [columns] told = "ignore"'


@pytest.mark.parametrize(("share_wrong", "expected"), [(0.004, ["told"]), (0.03, [])])
def test_99_percent_are_nearly_all(share_wrong: float, expected: list[str]) -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(N) < share_wrong
    assert columns_told({"told": np.where(wrong, (Y + 1) % 3, Y)}, y=Y, class_names=CLASSES) == expected


def test_a_rare_class_makes_no_leak_of_a_column_that_misses_it() -> None:
    y = (np.arange(N) % 50 == 0).astype(np.int64)
    assert columns_told({"flag": np.arange(N) % 2}, y=y) == []
    assert columns_told({"told": np.where(y, 5.0, 1.0) + noise(N) / 10}, y=y) == ["told"]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(PRICE * -0.3 + 7, id="in another unit"),
        pytest.param(np.log(PRICE), id="its logarithm"),
        pytest.param(np.round(PRICE, 2), id="rounded"),
    ],
)
def test_a_column_that_tells_the_number_is_found(cells: np.ndarray) -> None:
    assert columns_told({"told": cells}, y=PRICE, class_names=()) == ["told"]


def test_words_and_folded_numbers_that_tell_the_number_are_found() -> None:
    y = np.random.default_rng(1).integers(0, 40, N) * 2.5
    words = [f"{number} of them" for number in y]
    folded = np.random.default_rng(2).random(N)
    signs = np.where(np.arange(N) % 2, 1, -1)
    assert columns_told({"told": words}, y=y, class_names=()) == ["told"]
    assert columns_told({"told": folded * signs}, y=folded**2, class_names=()) == ["told"]


def test_a_good_column_is_no_leak() -> None:
    y = noise(N)
    assert columns_told({"good": y + noise(N, seed=1) / 8}, y=y, class_names=()) == []
    X, labels = load_breast_cancer(return_X_y=True)
    columns = {f"x{column}": X[:, column] for column in range(30)}
    assert named(leaks(known_data(columns, y=labels.astype(np.int64)))) == []


def test_pixels_and_ignored_columns_are_not_asked() -> None:
    said = {"pixel": ColumnKind.IMAGE, "ignored": ColumnKind.IGNORE}
    columns = {"pixel": Y, "ignored": Y, "told": Y}
    assert columns_told(columns, y=Y, class_names=CLASSES, said=said) == ["told"]
    assert (
        named(leaks(known_data({"pixel": Y}, y=Y, class_names=CLASSES, said={"pixel": ColumnKind.IMAGE})))
        == []
    )


def test_of_few_examples_nothing_is_said() -> None:
    y = np.arange(39) % 2
    assert named(leaks(known_data({"told": y * 1.0}, y=y))) == []
    y = np.arange(40) % 2
    assert named(leaks(known_data({"told": y * 1.0}, y=y))) == ["told"]


def test_another_draw_of_many_examples_finds_the_same() -> None:
    n = 12_000
    y = np.random.default_rng(0).integers(0, 2, n)
    columns = {"told": y + noise(n) / 20, "good": y + noise(n)}
    for seed in range(3):
        assert named(leaks(known_data(columns, y=y, seed=seed))) == ["told"]
