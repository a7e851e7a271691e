"""Two files of one question, the second from elsewhere: its `a` is shifted, its colors are others."""

from pathlib import Path

import numpy as np
import polars as pl

from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig


def mismatched_data(directory: Path, *, shift: float = 2.0, n: int = 600) -> DataConfig:
    """Write `train.csv` and `elsewhere.csv` to a directory, half as many rows in the second.

    What is predicted is the sign of b + c, plus a in the second file, whose mean is `shift` there and 0 in
    the first; without a shift, both are alike.
    """
    rng = np.random.default_rng(0)
    for name, n_rows, is_elsewhere in (("train", n, False), ("elsewhere", n // 2, bool(shift))):
        a, b, c = rng.normal(size=(3, n_rows))
        a += shift * is_elsewhere
        share_of_red = 0.8 if is_elsewhere else 0.3
        pl.DataFrame(
            {
                "a": a,
                "b": b,
                "c": c,
                "color": np.where(rng.random(n_rows) < share_of_red, "red", "blue"),
                "y": np.where(b + c + a * is_elsewhere > 0, "yes", "no"),
            }
        ).write_csv(directory / f"{name}.csv")
    return DataConfig(
        table=str(directory / "train.csv"), dev_table=str(directory / "elsewhere.csv"), target="y"
    )


def mismatched_config(directory: Path, *, shift: float = 2.0, n: int = 600) -> StudyConfig:
    """Write the files, and return a study of them."""
    return StudyConfig(name="mismatched", data=mismatched_data(directory, shift=shift, n=n))
