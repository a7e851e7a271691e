"""A table in memory and some of its examples: from files, or one that scikit-learn ships, by its name."""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError, TablePlaceError
from service.tables.cells import shown
from service.tables.column_kinds import ColumnKind
from service.tables.columns import without_words
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.raw_table import RawTable, open_raw_batches, read_raw_table
from service.tables.header import listed, refuse_single_column, target_index
from service.tables.input_files import nearest_file
from service.tables.said_column import SaidColumn, said_by_name
from service.tables.targets import TargetColumn, read_target, without_target
from workers.train_dev_data import Task

MIN_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What a user declares about a table.

    Attributes
    ----------
    target
        The column to predict. A file needs it; a built-in table has its own.
    task
        What to predict; None infers it from the target, as `service.tables.targets` says.
    said
        What the user declares about columns, by name or pattern.
    missing
        Words that stand for a missing cell in any column, the target among them.
    dialect
        How CSV files are written.
    sheet
        Which sheet of Excel workbooks is the table, by name; None for the first.
    refuses_missing_targets
        Whether a row without a target is refused rather than left out.
    """

    target: str | None = None
    task: Task | None = None
    said: Mapping[str, SaidColumn] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    dialect: CsvDialect | None = None
    sheet: str | None = None
    refuses_missing_targets: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All examples of one question, before any split.

    Attributes
    ----------
    name
        The built-in table's name, or the file's without its ending.
    frame
        The cells of all columns, the target's among them, of the rows that have a target.
    target_name
        What is predicted.
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    class_names
        Name of each class index; empty in regression.
    task
        Classification or regression.
    said
        What the user declares about columns, by name.
    missing
        Words that stand for a missing cell in any column.
    decimal_comma
        Whether numbers may be written with one.
    files
        Where its rows come from, in this order, each as it was read but without its cells.
    file_of_row, row_in_file
        Of each example: the index of its file, and its row in it, from 0, int64 (n_examples,).
    n_without_target
        Rows that were left out.
    target_notes
        What people should hear of how the target was understood, in sentences.
    """

    name: str
    frame: pl.DataFrame
    target_name: str
    y: NDArray[np.int64] | NDArray[np.float64]
    class_names: tuple[str, ...]
    task: Task
    said: Mapping[str, SaidColumn]
    decimal_comma: bool
    files: tuple[RawTable, ...]
    file_of_row: NDArray[np.int64]
    row_in_file: NDArray[np.int64]
    n_without_target: int = 0
    missing: tuple[str, ...] = ()
    target_notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The kinds that the user says, by name."""
        return {name: said.kind for name, said in self.said.items() if said.kind is not None}

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of all columns but the target."""
        return tuple(name for name in self.frame.columns if name != self.target_name)

    def features_of(self, rows: NDArray[np.int64]) -> Iterator[pl.Series]:
        """Yield some examples' cells, in ascending order, a column after another, without the target's."""
        is_wanted = self._mask(rows)
        for name in self.feature_names:
            yield self.frame[name].filter(is_wanted).rechunk()  # in one piece it is read faster

    def cells_of(self, name: str, rows: NDArray[np.int64]) -> pl.Series:
        """Return one column's cells of some examples, in ascending order."""
        return self.frame[name].filter(self._mask(rows))

    def features(self, rows: NDArray[np.int64]) -> pl.DataFrame:
        """Return the cells of some examples, in ascending order, without the target's."""
        return self.frame.select(self.feature_names).filter(self._mask(rows))

    def _mask(self, rows: NDArray[np.int64]) -> pl.Series:
        """Mark rows: to filter by a mark takes a fraction of the time of gathering them."""
        is_wanted = np.zeros(self.frame.height, dtype=bool)
        is_wanted[rows] = True
        return pl.Series(is_wanted)

    def without_cells(self) -> Self:
        """Return the table without its cells, which take memory."""
        return replace(self, frame=self.frame.clear())

    def place(self, row: int, column: str) -> str:
        """Name the place of one cell, by its row among the examples."""
        file = self.files[self.file_of_row[row]]
        return f"({file.place(int(self.row_in_file[row]), column)})"


def load_table(table: str, *further: str, options: TableOptions = TableOptions()) -> Table:
    """Load a built-in table, or files whatever their endings.

    Parameters
    ----------
    table
        A built-in table's name, which goes before a file of that name (`./digits` is the file); or a path.
    further
        Paths of files with the same columns, whose rows come after the table's.
    options
        What is said of it.

    Raises
    ------
    BadInputError
        There is no such table, or it is not one that can be learned from.
    """
    for name in (table, *further):
        check_table(name)
    if table in BUILT_IN_TABLES:
        if further:
            raise BadInputError(
                f"--dev-table and --test-table cannot be used with a built-in table, got {table}"
            )
        if options.sheet is not None:
            raise BadInputError(
                f"--sheet cannot be used with a built-in table, got {shown(options.sheet)} for {table}"
            )
        return _built_in(table, options)
    files = [
        read_raw_table(Path(name), dialect=options.dialect, sheet=options.sheet) for name in (table, *further)
    ]
    if options.sheet is not None and all(file.sheet is None for file in files):
        raise BadInputError(
            f"--sheet {shown(options.sheet)}: expected an Excel workbook, got another file ({table})"
        )
    return _joined(files, options)


def check_table(table: str) -> None:
    """Refuse what names no table; a file is not opened.

    Raises
    ------
    TablePlaceError
        There is neither a built-in table nor a file of that name; the nearest name is offered.
    """
    path = Path(table)
    if table not in BUILT_IN_TABLES and not _exists(path):
        nearest = nearest_word(table, BUILT_IN_TABLES) or nearest_file(path)
        hint = f"; did you mean {nearest if isinstance(nearest, str) else nearest.name}?" if nearest else ""
        message = (
            f"no file {table!r}, and no built-in table of that name ({', '.join(BUILT_IN_TABLES)}){hint}"
        )
        raise TablePlaceError(message, place=table, meant=nearest)


def check_target(table: str, target: str | None) -> None:
    """Refuse a target that is not in a table, by the table's header alone.

    Raises
    ------
    BadInputError
        The table cannot be read, has no such column, or is a file for which no target is named.
    """
    if table in BUILT_IN_TABLES:
        _check_built_in_target(table, _read_built_in(table).target_name, target)
        return
    names = open_raw_batches(Path(table), n_rows=1).names
    refuse_single_column(names, table)
    target_index(names, target, table)


def _check_built_in_target(name: str, own: str, target: str | None) -> None:
    if target not in {None, own}:
        raise BadInputError(f"the target of the built-in table {name} is {own!r}, got {target!r}")


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # it may be there but not for us: the reading says why
        return True
    return True


_TARGETS = {
    "breast_cancer": "diagnosis",
    "diabetes": "progression",
    "digits": "digit",
    "iris": "species",
    "wine": "cultivar",
}
BUILT_IN_TABLES = tuple(_TARGETS)
"""Their names."""

_IMAGES = frozenset({"digits"})


class BuiltInTable(NamedTuple):
    """A table as it ships.

    Attributes
    ----------
    frame
        Its columns, the target's last.
    target_name, task, class_names
        What is predicted; no names in regression.
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    image_columns
        Those that are an image's pixels.
    """

    frame: pl.DataFrame
    target_name: str
    task: Task
    class_names: tuple[str, ...]
    y: NDArray[np.int64] | NDArray[np.float64]
    image_columns: tuple[str, ...]


def _read_built_in(name: str) -> BuiltInTable:
    """Read a table that is named in `BUILT_IN_TABLES`."""
    data, target_name = _digits() if name == "digits" else _of_scikit_learn(name), _TARGETS[name]
    class_names, features, X = data.class_names, data.features, data.X
    y = data.targets.astype(np.int64) if class_names else data.targets
    target = pl.Series(target_name, [class_names[label] for label in y] if class_names else y)
    return BuiltInTable(
        frame=pl.DataFrame([*(pl.Series(n, X[:, i]) for i, n in enumerate(features)), target]),
        target_name=target_name,
        task=Task.CLASSIFICATION if class_names else Task.REGRESSION,
        class_names=class_names,
        y=y,
        image_columns=features if name in _IMAGES else (),
    )


class _Data(NamedTuple):
    """What scikit-learn has of a table, targets as numbers, float64; class names are empty in regression."""

    X: NDArray[np.float64]
    targets: NDArray[np.float64]
    features: tuple[str, ...]
    class_names: tuple[str, ...]


def _of_scikit_learn(name: str) -> _Data:
    from sklearn import datasets  # noqa: PLC0415 (half a second, which few commands need)

    data = getattr(datasets, f"load_{name}")()
    return _Data(
        data.data.astype(np.float64),
        data.target.astype(np.float64),
        tuple(str(feature) for feature in data.feature_names),
        tuple(str(label) for label in data.get("target_names", ())),
    )


def _digits() -> _Data:
    """Read scikit-learn's file of digits, without importing scikit-learn, which takes half a second."""
    found = find_spec("sklearn")
    if found is None or found.origin is None:
        return _of_scikit_learn("digits")
    file = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if not file.is_file():
        return _of_scikit_learn("digits")
    with gzip.open(file, "rt", encoding="ascii") as lines:
        cells = np.loadtxt(lines, delimiter=",")
    pixels = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
    return _Data(cells[:, :-1], cells[:, -1], pixels, tuple(str(digit) for digit in range(10)))


def _built_in(name: str, options: TableOptions) -> Table:
    read = _read_built_in(name)
    _check_built_in_target(name, read.target_name, options.target)
    if options.task not in {None, read.task}:
        raise BadInputError(f"the task of the built-in table {name} is {read.task}, got {options.task}")
    n_examples = len(read.y)
    said = said_by_name(options.said, read.frame.columns, target=read.target_name, file=name)
    return Table(
        name=name,
        frame=read.frame,
        target_name=read.target_name,
        y=read.y,
        class_names=read.class_names,
        task=read.task,
        said=dict.fromkeys(read.image_columns, SaidColumn(kind=ColumnKind.IMAGE)) | said,
        decimal_comma=False,
        files=(RawTable(Path(name), read.frame.clear()),),
        file_of_row=np.zeros(n_examples, dtype=np.int64),
        row_in_file=np.arange(n_examples),
    )


def _joined(files: list[RawTable], options: TableOptions) -> Table:
    first = files[0]
    names = tuple(first.frame.columns)
    place = str(first.path)
    refuse_single_column(names, place)
    target_name = names[target_index(names, options.target, place)]
    frame = _stacked(files)
    lengths = [file.frame.height for file in files]
    file_of_row = np.repeat(np.arange(len(files)), lengths)
    row_in_file = np.concatenate([np.arange(length) for length in lengths])
    files = [replace(file, frame=file.frame.clear()) for file in files]

    if options.missing:
        words = [word.strip().lower() for word in options.missing]
        frame = frame.with_columns(without_words(frame[target_name], words))
    without = without_target(frame[target_name]).to_numpy()
    if without.any() and not options.refuses_missing_targets:
        kept = ~without
        frame, file_of_row, row_in_file = frame.filter(kept), file_of_row[kept], row_in_file[kept]
    n_left_out = int(without.sum()) if not options.refuses_missing_targets else 0
    if frame.height < MIN_EXAMPLES:
        left_out = f", and {n_left_out} without a target" if n_left_out else ""
        raise BadInputError(f"expected at least {MIN_EXAMPLES} rows, got {frame.height}{left_out} ({place})")

    def place_of(row: int) -> str:
        return f"({files[file_of_row[row]].place(int(row_in_file[row]), target_name)})"

    decimal_comma = any(file.decimal_comma for file in files)
    column = TargetColumn(frame[target_name], place, place_of, decimal_comma)
    read = read_target(column, task=options.task)
    return Table(
        name=first.path.stem,
        frame=frame,
        target_name=target_name,
        y=read.y,
        class_names=read.class_names,
        task=read.task,
        said=said_by_name(options.said, names, target=target_name, file=place),
        decimal_comma=decimal_comma,
        files=tuple(files),
        file_of_row=file_of_row,
        row_in_file=row_in_file,
        n_without_target=n_left_out,
        missing=options.missing,
        target_notes=read.notes,
    )


def _stacked(files: list[RawTable]) -> pl.DataFrame:
    """Put the files' rows below one another, by the names of the first one's columns."""
    names = files[0].frame.columns
    for file in files[1:]:
        missing = tuple(name for name in names if name not in file.frame.columns)
        if missing:
            raise BadInputError(
                f"expected the columns of {files[0].path}, missing: {listed(missing)} ({file.path})"
            )
    frames = [file.frame.select(names) for file in files]
    schemas = [frame.schema for frame in frames]  # once: a wide one takes long to make
    for name in names:
        types = {schema[name] for schema in schemas}
        if len(types) > 1 and not all(dtype.is_numeric() for dtype in types):
            frames = [frame.with_columns(pl.col(name).cast(pl.String)) for frame in frames]
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="vertical_relaxed")


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Examples as they stand in the table.

    Attributes
    ----------
    frame
        The cells of all columns but the target, as they were read (n_examples rows).
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    rows
        Their row numbers among the table's examples, from 0, ascending: int64 (n_examples,).
    units
        Numbers that rows share which came as one, (n_examples,): rows of a group, or copies of a record; None
        where each row came by itself.
    """

    frame: pl.DataFrame
    y: NDArray[np.int64] | NDArray[np.float64]
    rows: NDArray[np.int64]
    units: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        """Return their number."""
        return len(self.y)
