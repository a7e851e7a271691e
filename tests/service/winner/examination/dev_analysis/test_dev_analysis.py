"""What a study keeps of where its winner errs: true of the file's own rows, whatever the table."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.study_config import TrainingConfig
from service.tables.column_kinds import ColumnKind
from service.winner.examination.conclusion import measure_winner
from service.winner.examination.dev_analysis.dev_analysis import analyse_dev
from service.winner.examination.dev_analysis.values import DevAnalysis, ExampleLoss, SliceKind
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.wired_data import wired
from workers.metrics.metric import Metric

TRAINING = TrainingConfig(max_epochs=8, patience=8)


def flipped_table(n: int = 900) -> pl.DataFrame:
    """Make a table in which the labels of one city are noise, and those of rows without an income, too."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    city = rng.choice(["Berlin", "Bonn", "Ulm"], size=n, p=[0.15, 0.45, 0.4])
    label = (x > 0) ^ ((city == "Berlin") & (rng.random(n) < 0.5))
    return pl.DataFrame(
        {
            "x": x,
            "city": city,
            "income": [None if row % 5 == 0 else float(row % 37) for row in range(n)],
            "label": np.where(label, "good", "bad"),
        }
    )


@pytest.fixture
def study_of(tmp_path: Path) -> Iterator[Callable[..., IrisStudy]]:
    """Run a study of a table and conclude it, its test set sealed."""
    studies: list[IrisStudy] = []

    def run(table: pl.DataFrame, target: str, **changes: Any) -> IrisStudy:  # noqa: ANN401 (any field of a study)
        directory = tmp_path / f"study {len(studies)}"
        directory.mkdir()
        table.write_csv(directory / "table.csv")
        data = DataConfig(table=str(directory / "table.csv"), target=target)
        changes = {"trials": 2, "data": data, "training": TRAINING, **changes}
        study = search_iris(new_store(directory), **changes)
        studies.append(study)
        study.conclude(keep_sealed=True)
        return study

    yield run
    for study in studies:
        study.store.close()


def analysis_of(study: IrisStudy) -> DevAnalysis:
    analysis = study.report.dev_analysis
    assert analysis is not None
    return analysis


def test_where_labels_are_noise_is_the_first_clear_slice_and_the_rows_are_the_files(
    study_of: Callable[..., IrisStudy],
) -> None:
    table = flipped_table()
    study = study_of(table, "label")
    found = analysis_of(study)

    first = found.slices[0]
    assert (first.column, first.values, first.kind, first.is_clear) == (
        "city",
        "Berlin",
        SliceKind.VALUE,
        True,
    )
    assert found.n_examples == found.n_dev == 180
    assert found.loss is ExampleLoss.ERROR
    assert found.confusion is not None
    assert found.residuals is None
    assert sum(map(sum, found.confusion.counts)) == 180

    winner = study.report.winner
    assert winner is not None
    assert winner.figures is not None
    dev = winner.figures["dev"]
    n_wrong = sum(sum(row) for row in found.confusion.counts) - sum(
        row[index] for index, row in enumerate(found.confusion.counts)
    )
    assert n_wrong / 180 == pytest.approx(dev["error"])
    counts = dict(zip(found.confusion.classes, map(sum, found.confusion.counts), strict=True))
    assert found.calibrated_class == min(counts, key=lambda name: counts[name])
    n_of_class = sum(each.actual * each.n_examples for each in found.calibration)
    assert n_of_class == pytest.approx(counts[found.calibrated_class])

    assert len(found.worst_examples) == 20
    assert [each.loss for each in found.worst_examples] == sorted(
        (each.loss for each in found.worst_examples), reverse=True
    )
    known = {int(row) for row in study.prepared.split.known.rows[study.prepared.split.folds[0].dev]}
    for each in found.worst_examples:
        assert each.file == "table.csv"
        assert each.actual == table["label"][each.row - 1]
        assert each.row - 1 in known


def test_a_regression_tells_residuals_and_its_noisy_rows(study_of: Callable[..., IrisStudy]) -> None:
    rng = np.random.default_rng(0)
    n = 900
    x = rng.normal(size=n)
    gaps = rng.random(n) < 0.2
    noise = rng.normal(size=n) * np.where(gaps, 3.0, 0.1)
    table = pl.DataFrame(
        {
            "x": x,
            "age": [None if gap else value for gap, value in zip(gaps, rng.random(n), strict=True)],
            "y": np.round(1000 + 10 * x + noise, 3),
        }
    )
    study = study_of(table, "y")
    found = analysis_of(study)
    clear = [(each.column, each.kind) for each in found.slices if each.is_clear]
    assert ("age", SliceKind.MISSING) in clear
    assert found.loss is ExampleLoss.SQUARED_ERROR
    assert found.confusion is None
    assert found.residuals is not None
    assert len(found.residuals.points) == 180
    for each in found.worst_examples:
        actual, predicted = (float(text.replace(",", "")) for text in (each.actual, each.predicted))
        assert actual == pytest.approx(table["y"][each.row - 1], rel=1e-4)
        assert each.loss == pytest.approx(abs(predicted - actual), abs=0.11)


@pytest.mark.parametrize("metric", ["balanced_error", "roc_auc"])
def test_slices_go_by_the_studys_metric(metric: str, study_of: Callable[..., IrisStudy]) -> None:
    study = study_of(flipped_table(), "label", metric=Metric(metric))
    losses = {"balanced_error": ExampleLoss.BALANCED_ERROR, "roc_auc": ExampleLoss.LOG_LOSS}
    assert analysis_of(study).loss is losses[metric]


def test_the_same_study_has_the_same_analysis_to_the_last_bit(study_of: Callable[..., IrisStudy]) -> None:
    one = study_of(flipped_table(), "label")
    other = study_of(flipped_table(), "label", n_workers=3)
    assert analysis_of(one).model_dump_json() == analysis_of(other).model_dump_json()


def test_no_test_row_is_read_for_it(study_of: Callable[..., IrisStudy]) -> None:
    study = study_of(
        flipped_table().with_columns(day=pl.int_range(900) % 300), "label", columns={"day": ColumnKind.TIME}
    )
    wired_study = replace(study, prepared=wired(study.prepared))
    measure_winner(study.stored, wired_study.prepared, store=study.store, pool=study.pool)
    assert analysis_of(wired_study) == analysis_of(study)


def test_over_folds_there_is_none(study_of: Callable[..., IrisStudy]) -> None:
    study = study_of(flipped_table(200), "label", split=SplitConfig(folds=3), trials=1)
    assert study.prepared.dev_examples is None
    assert study.report.winner is not None
    assert study.report.dev_analysis is None


def test_of_drawn_examples_it_says_so_and_predicts_those(study_of: Callable[..., IrisStudy]) -> None:
    study = study_of(flipped_table(), "label")
    whole = study.prepared.dev_examples
    assert whole is not None
    drawn = replace(
        whole,
        positions=whole.positions[10:110],
        rows=whole.rows[10:110],
        values=whole.values[10:110],
    )
    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    fewer = replace(candidate, prepared=replace(study.prepared, dev_examples=drawn))
    found = analyse_dev(fewer, Metric.ERROR, seed=0)
    assert found is not None
    assert (found.n_examples, found.n_dev) == (100, 180)
    by_row = {each.row: each for each in analysis_of(study).worst_examples}
    shared = [each for each in found.worst_examples if each.row in by_row]
    assert len(shared) > 3
    assert all(each == by_row[each.row] for each in shared)


def weird_tables() -> dict[str, tuple[pl.DataFrame, dict[str, object]]]:
    """Return tables that leave an analysis little to go by, and what their studies are told."""
    n = 60
    x = np.arange(n) / 7
    easy = pl.DataFrame({"x": np.repeat([-1.0, 1.0], n // 2), "y": np.repeat(["a", "b"], n // 2)})
    easy = easy.with_columns(row=pl.int_range(n) * 3.7)
    return {
        "a dev set of one example": (
            pl.DataFrame({"x": x[:10], "y": x[:10] ** 2}),
            {"split": SplitConfig(dev_fraction=0.1, test_fraction=0.1)},
        ),
        "all predictions are right": (easy, {}),
        "empty and constant columns": (
            pl.DataFrame({"x": x, "empty": [""] * n, "same": [5.0] * n, "word": ["w"] * n, "y": x % 3}),
            {},
        ),
        "all targets are one number but one": (pl.DataFrame({"x": x, "y": [1.5] * (n - 1) + [2.5]}), {}),
        "odd text": (
            pl.DataFrame(
                {"x": ["\x1b[31m", "<script>", "ü" * 500, "\u202e"] * 15, "z": x, "y": ["\x07a", "b"] * 30}
            ),
            {},
        ),
        "very large numbers": (pl.DataFrame({"x": x, "z": 1e300 * x, "y": 1e15 * (x % 3)}), {}),
        "infinite cells": (pl.DataFrame({"x": [*x[:-2], np.inf, -np.inf], "y": x % 3}), {}),
    }


@pytest.mark.parametrize("name", weird_tables())
def test_no_table_is_too_odd_for_it(name: str, study_of: Callable[..., IrisStudy]) -> None:
    table, changes = weird_tables()[name]
    study = study_of(table, "y", **changes)
    found = analysis_of(study)
    assert found.n_examples == found.n_dev == study.prepared.n_examples["dev"]
    assert DevAnalysis.model_validate_json(found.model_dump_json()) == found
    assert sum(each.n_examples for each in found.calibration) == found.n_dev
    assert not any(each.is_clear for each in found.slices)
    if name == "a dev set of one example":
        assert found.n_dev == 1
        assert (found.n_slices, len(found.worst_examples)) == (0, 1)


def test_a_dev_file_of_one_class_is_told_of_under_its_own_rows(
    study_of: Callable[..., IrisStudy], tmp_path: Path
) -> None:
    table = flipped_table(300)
    table.write_csv(tmp_path / "train.csv")
    dev = table.with_columns(x=pl.col("x") + 0.5).filter(label="good")
    dev.write_csv(tmp_path / "dev.csv")
    data = DataConfig(table=str(tmp_path / "train.csv"), dev_table=str(tmp_path / "dev.csv"), target="label")
    study = study_of(table, "label", data=data, split=SplitConfig(no_test=True), metric=Metric.BALANCED_ERROR)
    found = analysis_of(study)
    assert found.confusion is not None
    assert found.confusion.classes == ("bad", "good")
    assert sum(found.confusion.counts[0]) == 0
    assert "label" not in {each.column for each in found.slices}
    assert {each.file for each in found.worst_examples} == {"dev.csv"}
    assert {each.actual for each in found.worst_examples} == {"good"}


def test_a_built_in_table_is_named_and_its_pixels_are_not_sliced_by(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), table="digits", trials=1)
    study.conclude(keep_sealed=True)
    found = analysis_of(study)
    assert {each.column for each in found.slices} == {"digit"}
    assert {each.kind for each in found.slices} == {SliceKind.CLASS}
    assert found.n_slices == 10
    assert {each.file for each in found.worst_examples} == {"digits"}
    study.store.close()
