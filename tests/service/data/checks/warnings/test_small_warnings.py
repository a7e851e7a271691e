"""Constant columns, many categories, dates, rare classes and skewed targets: each where it begins."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import skew

from search_spaces.hyperparameters import HighCardinalityEncoding, InputChoices
from service.data.checks.warnings.columns import constant_columns, many_categories, unused_dates
from service.data.checks.warnings.targets import rare_classes, similar_classes, skewed_target, skewness
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise


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


@pytest.mark.parametrize(("n_distinct", "expected"), [(64, []), (65, ["c"])])
def test_more_than_64_categories_are_many(n_distinct: int, expected: list[str]) -> None:
    assert named(many_categories(known_data({"c": [f"w{row % n_distinct}" for row in range(N)]}))) == expected


def test_of_many_categories_the_other_encoding_is_offered_unless_both_are_tried() -> None:
    hashing, statistics = (
        InputChoices(high_cardinality_encoding=encoding)
        for encoding in (HighCardinalityEncoding.HASHING, HighCardinalityEncoding.TARGET_STATISTICS)
    )
    columns = {"c": [f"w{row % 90}" for row in range(N)]}
    (warning,) = many_categories(known_data(columns, choices=(statistics,)))
    assert warning.remedy.endswith('[space] high_cardinality_encoding = "hashing"')
    (warning,) = many_categories(known_data(columns, choices=(hashing,)))
    assert warning.remedy.endswith('[space] high_cardinality_encoding = "target_statistics"')
    assert named(many_categories(known_data(columns, choices=(hashing, statistics)))) == []


def test_a_date_is_told_unless_sets_are_split_by_time_or_group() -> None:
    days = [f"{date(2024, 1, 1) + timedelta(row % 300)}" for row in range(N)]
    columns = {"day": days, "x": noise(N), "other": [row % 30 for row in range(N)]}
    (warning,) = unused_dates(known_data(columns))
    assert warning.remedy.endswith('[columns] day = "time"')
    for kind in (ColumnKind.TIME, ColumnKind.GROUP):
        assert named(unused_dates(known_data(columns, said={"other": kind}))) == []


@pytest.mark.parametrize(("n_rare", "expected"), [(29, ["class 'rare' has 29 known examples"]), (30, [])])
def test_a_class_with_fewer_than_30_known_examples_is_rare(n_rare: int, expected: list[str]) -> None:
    y = np.zeros(N, dtype=np.int64)
    y[:n_rare] = 1
    data = known_data({"x": noise(N)}, y=y, class_names=("often", "rare"))
    assert [warning.sentence for warning in rare_classes(data)] == expected


def test_classes_of_similar_names_are_named_with_their_known_examples() -> None:
    y = np.arange(N) % 4
    (warning,) = similar_classes(known_data({"x": noise(N)}, y=y, class_names=("YES", "Yes", "no", "yes")))
    assert warning.about == "similar classes"
    assert warning.sentence.endswith("'YES' (250), 'Yes' (250) and 'yes' (250)")
    assert (
        warning.remedy
        == "they count as different classes; if they mean the same, spell them alike in the file"
    )
    assert not list(similar_classes(known_data({"x": noise(N)}, class_names=("no", "yes"))))
    assert not list(similar_classes(known_data({"x": noise(N)}, y=noise(N), class_names=())))


def test_the_skewness_is_scipys() -> None:
    for numbers in (np.exp(noise(500)), noise(500) * 1e200, -np.exp(noise(50)) * 1e-200):
        assert skewness(numbers) == pytest.approx(skew(numbers / np.abs(numbers).max()), rel=1e-9)
    assert skewness(np.full(9, 0.0)) == 0


def test_the_logarithm_of_a_skewed_target_is_offered() -> None:
    y = np.exp(noise(N))
    (warning,) = skewed_target(known_data({"x": noise(N, seed=1)}, y=y, class_names=()))
    assert warning.remedy.endswith("[data] log_target = true")
    assert f"their skewness is {skew(y):.1f}" in warning.sentence


@pytest.mark.parametrize(
    ("y", "learns_logarithm"),
    [
        pytest.param(np.exp(noise(N)), True, id="it is learned already"),
        pytest.param(np.exp(noise(N)) - 0.5, False, id="not all are above 0"),
        pytest.param(np.exp(noise(N) / 4), False, id="hardly skewed"),
        pytest.param(10 - np.exp(noise(N) / 2), False, id="skewed to the other side"),
    ],
)
def test_the_logarithm_is_not_offered_elsewhere(y: np.ndarray, learns_logarithm: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    data = known_data({"x": noise(N, seed=1)}, y=y, class_names=(), learns_logarithm=learns_logarithm)
    assert list(skewed_target(data)) == []


def test_a_class_has_no_logarithm() -> None:
    assert list(skewed_target(known_data({"x": noise(N)}))) == []
