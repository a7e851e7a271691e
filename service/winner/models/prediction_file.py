"""Predictions for a file of new examples: a row in, a row out, in the file's order and in bounded memory.

Pieces of the file are predicted in threads while the next ones are read and earlier ones are written.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from service.errors import BadInputError, ProctorError
from service.tables.cells import shown
from service.tables.columns import Column, LenientFrame, typed_frame
from service.tables.files.raw_table import RawTable
from service.tables.header import listed
from service.tables.new_examples import NewExamples
from service.tables.results_in_order import results_in_order
from service.winner.models.model import Model
from service.winner.models.new_cells import NewCells, find_new_cells
from service.winner.models.staging import staged_file
from workers.train_dev_data import Task

Write = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Predicted:
    """The predictions that were written.

    Attributes
    ----------
    n_examples
        Rows.
    found
        What their cells have that the train set did not; of columns that the file lacks nothing is reported.
    """

    n_examples: int
    found: NewCells


def write_predictions(
    model: Model, new: NewExamples, output: Path | None, *, probabilities: bool
) -> Predicted:
    """Predict all new examples, and return what was found in them.

    The columns that are kept of the file come first, as they are there. The next has the target's name and
    holds class names or numbers in the target's unit. A class's probability stands in a column
    `TARGET=CLASS`. A number is written with as many digits as it takes to read it back to the last bit:
    probabilities as float32, numbers of a regression as float64.

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
        A row of the new examples cannot be read; probabilities of numbers are asked for; a column that is
        kept has the name of one of the output; or the output is no place for a file.
    ProctorError
        The output cannot be written.
    """
    names = _header(model, probabilities=probabilities)
    _check_kept(new, names)
    trained = model.trained

    def predicted(table: RawTable) -> tuple[str, Predicted]:
        typed = _typed(table, new.columns)
        found = find_new_cells(trained.preparations, table.frame, LenientFrame(typed, {}))
        predictions = trained.predict(trained.inputs(typed))
        rows = pl.DataFrame([*table.frame.select(new.kept), *_rows(model, predictions, names)])
        return rows.write_csv(include_header=False), Predicted(len(rows), found.without(new.absent))

    total = Predicted(0, NewCells())
    # BLAS has one limit for all threads: the pieces', which come and go, are within this one.
    with threadpool_limits(1), _opened(output, new.path) as write:
        write(pl.DataFrame(schema=dict.fromkeys([*new.kept, *names], pl.String)).write_csv())
        for text, piece in results_in_order(predicted, new.pieces()):
            write(text)
            total = Predicted(total.n_examples + piece.n_examples, total.found + piece.found)
    return total


def notes_on(model: Model, predicted: Predicted, new: NewExamples) -> list[str]:
    """Return a line for whatever should be known of a file that was predicted."""
    notes = (note_on_unread_columns(model, new), note_on_absent_columns(new))
    return [
        *(note for note in notes if note),
        *(f"{new.path}: {sentence}" for sentence in predicted.found.sentences),
    ]


def note_on_unread_columns(model: Model, new: NewExamples) -> str:
    """Say in a line which columns of a file the model does not read; nothing where it reads all."""
    target = model.description.target
    others = tuple(name for name in new.extra_names if name != target)
    parts = [f"the target {shown(target)}"] * (target in new.extra_names)
    parts += [listed(others)] * bool(others)
    return f"{new.path}: columns that the model does not read: {', '.join(parts)}" if parts else ""


def note_on_absent_columns(new: NewExamples) -> str:
    """Say in a line which columns a file does not have; nothing where it has all."""
    if not new.absent:
        return ""
    return f"{new.path}: missing columns, read as missing cells: {listed(new.absent)}"


def _typed(table: RawTable, columns: Sequence[Column]) -> pl.DataFrame:
    written = {"decimal_comma": table.decimal_comma}
    return typed_frame(
        table.frame,
        [column.model_copy(update=written) for column in columns],
        place=table.place,
    )


def _header(model: Model, *, probabilities: bool) -> list[str]:
    target, names = model.description.target, model.description.class_names
    if not probabilities:
        return [target]
    if model.description.task is Task.REGRESSION:
        raise BadInputError(f"--proba: expected a classification, got the numeric target {shown(target)}")
    return [target, *(f"{target}={name}" for name in names)]


def _check_kept(new: NewExamples, names: Sequence[str]) -> None:
    for name in new.kept:
        if name in names:
            raise BadInputError(
                f"--keep: {shown(name)} is also a column of the predictions; rename it in the file"
                f" ({new.path})"
            )


def _rows(model: Model, predictions: NDArray[np.floating], names: list[str]) -> pl.DataFrame:
    if model.description.task is Task.REGRESSION:
        return pl.DataFrame({names[0]: predictions})
    classes = pl.Series(names[0], model.description.class_names)
    labels = classes.gather(model.trained.rule.labels(predictions))
    columns = [pl.Series(name, predictions[:, k]) for k, name in enumerate(names[1:])]
    return pl.DataFrame([labels, *columns])


@contextmanager
def _opened(output: Path | None, source: Path) -> Iterator[Write]:
    """Open the output: what is written first is its header."""
    try:
        if output is None:
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")  # a class may be called anything
            yield sys.stdout.write
            sys.stdout.flush()
        else:
            _check_place(output, source)
            with (
                staged_file(output.resolve()) as partial,  # a link stays one
                partial.open("x", encoding="utf-8", newline="") as file,
            ):
                yield file.write
    except BrokenPipeError:
        raise  # whoever read the output has had enough
    except OSError as error:
        raise ProctorError(
            f"{output or 'standard output'}: predictions cannot be written: {error.strerror}"
        ) from error


def _check_place(output: Path, source: Path) -> None:
    """Refuse what a rename would do harm to."""
    if output.exists() and not output.is_file():
        kind = "a directory" if output.is_dir() else "a device or pipe (`-o -` is standard output)"
        raise BadInputError(f"-o: expected a file for the predictions, got {kind} ({output})")
    if output.exists() and output.samefile(source):
        raise BadInputError(f"-o: expected another file than the one to predict ({output})")
    if not output.parent.is_dir():
        raise BadInputError(f"-o: there is no directory {output.parent} ({output})")
