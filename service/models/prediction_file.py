"""Predictions for a file of new examples: a row in, a row out, in the file's order and in bounded memory."""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInputError, ProctorError
from service.models.model import Model
from service.models.staging import staged_file
from service.tables.csv_cells import shown
from service.tables.csv_features import FeatureFile
from service.tables.csv_header import listed
from workers.train_dev_data import Task

BLOCK_SIZE = 4096
"""Examples in memory at once."""


def write_predictions(model: Model, new: FeatureFile, output: Path | None, *, probabilities: bool) -> int:
    """Predict all new examples, and return how many there were.

    The first column has the target's name and holds class names or numbers in the target's unit. A class's
    probability stands in a column `TARGET=CLASS`. A number is written with as many digits as it takes to
    read it back to the last bit: probabilities as float32, numbers of a regression as float64.

    Parameters
    ----------
    model
        Predicts.
    new
        The examples.
    output
        A CSV file, there when all is in it or not at all; None for standard output, where predictions come
        as they are made.
    probabilities
        Whether a column for each class's probability is added.

    Raises
    ------
    BadInputError
        A row of the new examples cannot be read; probabilities of numbers are asked for; or the output is no
        place for a file.
    ProctorError
        The output cannot be written.
    """
    with _opened(output, new.path) as write_rows:
        write_rows([_header(model, probabilities=probabilities)])
        n_examples = 0
        for X in new.blocks(BLOCK_SIZE):
            write_rows(_rows(model, X, probabilities=probabilities))
            n_examples += len(X)
    return n_examples


def note_on_unread_columns(model: Model, new: FeatureFile) -> str:
    """Say in a line which columns of a file the model does not read; nothing where it reads all."""
    target = model.description.target
    others = tuple(name for name in new.extra_names if name != target)
    parts = [f"the target {shown(target)}"] * (target in new.extra_names)
    parts += [listed(others)] * bool(others)
    return f"columns that the model does not read: {', '.join(parts)} ({new.path})" if parts else ""


def _header(model: Model, *, probabilities: bool) -> list[str]:
    target, names = model.description.target, model.description.class_names
    if not probabilities:
        return [target]
    if model.description.task is Task.REGRESSION:
        raise BadInputError(f"--proba: a class has a probability, the target {shown(target)} is a number")
    return [target, *(f"{target}={name}" for name in names)]


def _rows(model: Model, X: NDArray[np.float64], *, probabilities: bool) -> list[list[str]]:
    predictions = model.network.predict(X)
    if model.description.task is Task.REGRESSION:
        return [[repr(value)] for value in predictions.tolist()]
    names = [model.description.class_names[index] for index in predictions.argmax(axis=1)]
    if not probabilities:
        return [[name] for name in names]
    return [[name, *map(str, row)] for name, row in zip(names, predictions, strict=True)]


@contextmanager
def _opened(output: Path | None, source: Path) -> Iterator[Callable[[list[list[str]]], object]]:
    """Open the output for rows."""
    try:
        if output is None:
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")  # a class may be called anything
            yield csv.writer(sys.stdout, lineterminator="\n").writerows
            sys.stdout.flush()
        else:
            _check_place(output, source)
            with (
                staged_file(output.resolve()) as partial,  # a link stays one
                partial.open("x", encoding="utf-8", newline="") as file,
            ):
                yield csv.writer(file, lineterminator="\n").writerows
    except BrokenPipeError:
        raise  # whoever read the output has had enough
    except OSError as error:
        raise ProctorError(
            f"predictions cannot be written: {error.strerror} ({output or 'standard output'})"
        ) from error


def _check_place(output: Path, source: Path) -> None:
    """Refuse what a rename would do harm to."""
    if output.exists() and not output.is_file():
        kind = "a directory" if output.is_dir() else "a device or pipe (`-o -` is standard output)"
        raise BadInputError(f"-o: predictions are written to a file, found {kind} ({output})")
    if output.exists() and output.samefile(source):
        raise BadInputError(
            f"-o: predictions would take the place of the examples that they are for ({output})"
        )
    if not output.parent.is_dir():
        raise BadInputError(f"-o: there is no directory {output.parent} ({output})")
