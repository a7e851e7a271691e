"""Each file is told with what it is for and how it is written."""

from pathlib import Path

import numpy as np
import polars as pl

from service.configuration.study_file import study_from_flags
from service.data.checks.data_check import FileFacts, FileRole, check_data


def frame(n: int, seed: int) -> pl.DataFrame:
    x = np.random.default_rng(seed).normal(size=n)
    return pl.DataFrame({"x": x, "y": np.where(x > 0, "yes", "no")})


def test_three_files_are_told_apart(tmp_path: Path) -> None:
    table, dev, test = (tmp_path / name for name in ("table.csv", "dev.parquet", "test.csv"))
    frame(300, 0).with_columns(pl.when(pl.col("x") < 2).then(pl.col("y")).alias("y")).write_csv(table)
    n_left_out = int((frame(300, 0)["x"] >= 2).sum())
    frame(50, 1).write_parquet(dev)
    text = frame(40, 2).with_columns(pl.col("x").cast(pl.String).str.replace(".", ",", literal=True))
    test.write_text(text.write_csv(separator=";"), encoding="utf-8")
    check = check_data(
        study_from_flags(
            {
                "data.table": str(table),
                "data.dev_table": str(dev),
                "data.test_table": str(test),
                "data.target": "y",
            }
        )[0]
    )
    assert n_left_out > 0
    assert check.n_without_target == n_left_out
    assert check.files == (
        FileFacts(
            path=str(table),
            role=FileRole.TABLE,
            n_examples=300 - n_left_out,
            delimiter=",",
            encoding="utf-8",
            decimal_comma=False,
        ),
        FileFacts(
            path=str(dev),
            role=FileRole.DEV_TABLE,
            n_examples=50,
            delimiter=None,
            encoding=None,
            decimal_comma=False,
        ),
        FileFacts(
            path=str(test),
            role=FileRole.TEST_TABLE,
            n_examples=40,
            delimiter=";",
            encoding="utf-8",
            decimal_comma=True,
        ),
    )
    (warning,) = (warning for warning in check.warnings if warning.about == "few dev examples")
    assert "--folds" not in warning.remedy


def test_a_built_in_table_has_no_delimiter() -> None:
    (file,) = check_data(study_from_flags({"data.table": "iris"})[0]).files
    assert (file.path, file.n_examples, file.delimiter, file.encoding) == ("iris", 150, None, None)
