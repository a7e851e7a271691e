"""From a large file to arrays that are ready to train on, beside pandas with scikit-learn; and predicting it.

    .venv/bin/python -m benchmarks.tables [--rows 1000000] [--rounds 3] [--growth] [--json FILE]

Each measurement has a process of its own: its seconds without imports, and its peak memory. `reader` reads
the file with Polars and does nothing else; `proctor` is what a study does before its first trial, splitting
and fingerprints included; `pandas` reads, splits twice, imputes with indicators, scales and one-hot encodes
with scikit-learn's ColumnTransformer fitted on the train part, and needs `pip install pandas pyarrow`;
`predict` is `proctor predict` with a small network. `--growth` measures proctor on more and on fewer rows.
"""

import argparse
import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from benchmarks.machine import processor, versions
from benchmarks.mixed_table import TARGET, write_mixed_table

GROWTH = (10_000, 100_000, 1_000_000, 3_000_000)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(_measured(MEASURED[chosen.measure[0]], Path(chosen.measure[1]))))
        return
    print(processor(), versions("numpy", "polars", "pandas", "pyarrow", "scikit-learn"))
    found: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as directory:
        for n_rows in (*GROWTH, chosen.rows) if chosen.growth else (chosen.rows,):
            names = ["proctor"] if chosen.growth and n_rows != chosen.rows else list(MEASURED)
            if find_spec("pandas") is None:
                names = [name for name in names if name != "pandas"]
            for kind, path in write_mixed_table(n_rows, Path(directory)).items():
                found[f"{n_rows:,} rows, {kind}"] = {
                    name: _medians(name, path, n_rounds=chosen.rounds) for name in names
                }
                _print(f"{n_rows:,} rows, {kind}", found[f"{n_rows:,} rows, {kind}"])
                path.unlink()
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2))


def _print(title: str, figures: dict[str, dict[str, float]]) -> None:
    print(title)
    proctor = figures["proctor"]
    for name, one in figures.items():
        ratio = (
            f"{one['seconds'] / proctor['seconds']:6.2f} x the time of proctor" if name != "proctor" else ""
        )
        matrices = f"  matrices {one['matrices']:,.0f} MB" if "matrices" in one else ""
        print(f"  {name:8} {one['seconds']:7.2f} s  peak {one['peak']:7,.0f} MB  {ratio}{matrices}")


def _medians(name: str, path: Path, *, n_rounds: int) -> dict[str, float]:
    rounds = []
    for _ in range(n_rounds):
        words = [sys.executable, "-m", "benchmarks.tables", "--measure", name, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 (our own words)
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: median(one[key] for one in rounds) for key in rounds[0]}


def _measured(work: Callable[[Path], tuple[float, float]], path: Path) -> dict[str, float]:
    """Return seconds, peak memory and, where there are any, the size of the final matrices (MB)."""
    seconds, matrices = work(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    figures = {"seconds": seconds, "peak": peak * 1.048576}
    return figures | ({"matrices": matrices / 1e6} if matrices else {})


def _reader(path: Path) -> tuple[float, float]:
    began = time.perf_counter()
    frame = pl.read_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.read_parquet(path)
    seconds = time.perf_counter() - began
    assert frame.width == 30  # noqa: S101 (the frame is used)
    return seconds, 0.0


def _proctor(path: Path) -> tuple[float, float]:
    from service.configuration.study_file import study_from_flags  # noqa: PLC0415 (each in its process)
    from service.data.preparation.prepared_data import prepare_data  # noqa: PLC0415

    config, _ = study_from_flags({"data.table": str(path), "data.target": TARGET})
    began = time.perf_counter()
    data = prepare_data(config).train_dev
    return time.perf_counter() - began, data.X_train.nbytes + data.X_dev.nbytes


def _pandas(path: Path) -> tuple[float, float]:
    import pandas as pd  # noqa: PLC0415 (only this one needs it)
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.model_selection import train_test_split  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler  # noqa: PLC0415

    began = time.perf_counter()
    frame: Any = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    y = LabelEncoder().fit_transform(frame.pop(TARGET))
    held_out = min(len(y) // 5, 10_000)
    rest, _, y_rest, _ = train_test_split(frame, y, test_size=held_out, stratify=y, random_state=0)
    train, dev, _, _ = train_test_split(rest, y_rest, test_size=held_out, stratify=y_rest, random_state=0)
    numbers = train.select_dtypes("number").columns
    others = [name for name in train.columns if name not in set(numbers)]
    one_hot = OneHotEncoder(
        min_frequency=100, handle_unknown="infrequent_if_exist", sparse_output=False, dtype=np.float32
    )
    columns = ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
                numbers,
            ),
            ("words", one_hot, others),
        ]
    )
    X_train = columns.fit_transform(train).astype(np.float32)
    X_dev = columns.transform(dev).astype(np.float32)
    return time.perf_counter() - began, X_train.nbytes + X_dev.nbytes


def _predict(path: Path) -> tuple[float, float]:
    """Fit a small network on the first rows, and predict the whole file with it."""
    from service.python.estimators import ProctorClassifier  # noqa: PLC0415
    from service.tables.new_examples import open_examples  # noqa: PLC0415
    from service.winner.models.prediction_file import write_predictions  # noqa: PLC0415

    first = pl.read_csv(path, n_rows=5000) if path.suffix == ".csv" else pl.read_parquet(path, n_rows=5000)
    features = first.drop(TARGET)
    classifier = ProctorClassifier(trials=1, space="small", max_epochs=2)
    model = classifier.fit(features, first[TARGET].to_numpy()).model_
    with tempfile.TemporaryDirectory() as directory, contextlib.redirect_stdout(sys.stderr):
        began = time.perf_counter()
        new = open_examples(path, model.description.columns)
        write_predictions(model, new, Path(directory) / "out.csv", probabilities=False)
        return time.perf_counter() - began, 0.0


MEASURED: dict[str, Callable[[Path], tuple[float, float]]] = {
    "reader": _reader,
    "proctor": _proctor,
    "pandas": _pandas,
    "predict": _predict,
}

if __name__ == "__main__":
    main()
