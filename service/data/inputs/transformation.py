"""From a table's columns to a model's inputs, by the statistics of the train set alone.

Its description says all that was fitted, but for the arrays of statistics. Which choices of inputs make a
difference to a table is noted here too: those that make none need no inputs of their own.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, Self, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from search_spaces.input_choices import (
    DateEncoding,
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    Representation,
)
from service.data.inputs.categories import count_categories
from service.data.inputs.category_codes import (
    MAX_CODES,
    CategoryCodes,
    CategoryCodesDescription,
    fit_category_codes,
)
from service.data.inputs.date_days import DateDays, DateDaysDescription, fit_date_days, frequent_days
from service.data.inputs.date_parts import (
    DateParts,
    DatePartsDescription,
    RawDateParts,
    RawDatePartsDescription,
    fit_date_parts,
    fit_raw_date_parts,
)
from service.data.inputs.input_block import TYPES, insist_on_types
from service.data.inputs.numeric_columns import (
    NumericColumns,
    NumericDescription,
    NumericKind,
    fit_numeric_columns,
)
from service.data.inputs.one_hot import (
    HashedColumns,
    HashingDescription,
    OneHotColumns,
    OneHotDescription,
    are_few,
    fit_hashing,
    fit_one_hot,
)
from service.data.inputs.raw_numbers import RawNumbers, RawNumbersDescription, fit_raw_numbers
from service.data.inputs.target_statistics import (
    OutOfFold,
    Targets,
    TargetStatisticsColumns,
    TargetStatisticsDescription,
    fit_target_statistics,
)
from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind

BlockDescription: TypeAlias = (
    NumericDescription
    | OneHotDescription
    | HashingDescription
    | TargetStatisticsDescription
    | DatePartsDescription
    | DateDaysDescription
    | RawNumbersDescription
    | RawDatePartsDescription
    | CategoryCodesDescription
)


class TransformationDescription(BaseModel):
    """How columns become inputs, in the order of the inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format: Literal[1] = 1
    """Version of the fields' names and meanings, and of the arrays beside them."""

    blocks: tuple[Annotated[BlockDescription, Field(discriminator="block")], ...]
    """The inputs' parts."""

    dropped: dict[str, str]
    """Columns that nothing can be learned from, each with the reason."""

    @model_validator(mode="after")
    def _each_column_is_read_once(self) -> Self:
        for place, described in enumerate(self.blocks):
            read = _what_is_read(described)
            if len(set(read)) < len(read):
                raise ValueError(
                    f"expected a block to read each column once, got duplicates in block {place}"
                    f" ({described.block})"
                )
        return self


def _what_is_read(described: BlockDescription) -> list[str]:
    match described:
        case NumericDescription() | RawNumbersDescription():
            return list(described.columns)
        case DatePartsDescription() | RawDatePartsDescription():
            return [f"{it.part} of {it.column}" for it in described.parts]
        case (
            DateDaysDescription()
            | OneHotDescription()
            | HashingDescription()
            | TargetStatisticsDescription()
            | CategoryCodesDescription()
        ):
            return [it.column for it in described.columns]


_INPUTS_AT_ONCE = 400_000
"""Inputs that are made at once: with all that is computed on the way they stay in the processor's cache."""

_LEAST_ROWS = 512
"""Rows that are made at once of however wide a table: each column takes a while to begin with."""

_NUMERIC_KINDS: tuple[NumericKind, ...] = (
    ColumnKind.IMAGE,
    ColumnKind.NUMERIC,
    ColumnKind.BOOLEAN,
    ColumnKind.DATE,
)

_CategoricalColumns: TypeAlias = OneHotColumns | HashedColumns | TargetStatisticsColumns | CategoryCodes
Block: TypeAlias = NumericColumns | DateParts | DateDays | RawNumbers | RawDateParts | _CategoricalColumns


@dataclass(frozen=True, slots=True, eq=False)
class Transformation:
    """How a row becomes inputs, fitted on the train set; the result depends on that row alone.

    Attributes
    ----------
    blocks
        The inputs' parts, in their order.
    dropped
        Columns that nothing can be learned from, each with the reason.
    """

    blocks: tuple[Block, ...]
    dropped: Mapping[str, str]

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return self.starts[-1]

    @property
    def starts(self) -> tuple[int, ...]:
        """Each block's first input, and last the number of all."""
        return (0, *np.cumsum([len(block.input_names) for block in self.blocks]).tolist())

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read, each with its kind."""
        return {name: kind for block in self.blocks for name, kind in block.kinds.items()}

    @property
    def input_names(self) -> tuple[str, ...]:
        """A readable name for each input, such as `age`, `age is missing` or `color=red`."""
        return tuple(name for block in self.blocks for name in block.input_names)

    @property
    def n_categories(self) -> tuple[int, ...]:
        """Categories of each input that has codes, 0 where it is a number; empty where all are numbers."""
        n_codes = tuple(
            n
            for block in self.blocks
            for n in (block.n_codes if isinstance(block, CategoryCodes) else (0,) * len(block.input_names))
        )
        return n_codes if any(n_codes) else ()

    @property
    def numeric_inputs(self) -> tuple[int, ...]:
        """Positions of the inputs that are scaled numbers: neither categories, nor bins, nor circles."""
        return tuple(
            start + j
            for block, start in zip(self.blocks, self.starts, strict=False)
            if isinstance(block, NumericColumns | TargetStatisticsColumns)
            for j, is_number in enumerate(block.are_numbers)
            if is_number
        )

    def apply(self, frame: pl.DataFrame, rows: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """Make the inputs of a table: (n_rows, n_inputs), all finite; of raw ones some are NaN.

        Parameters
        ----------
        frame
            The table, typed.
        rows
            Positions of the rows that are wanted; None for all.

        Raises
        ------
        ValueError
            When a column is not there, or is of another type than its kind is read as.
        """
        insist_on_types(frame, self.kinds)
        starts = self.starts
        n_rows = frame.height if rows is None else len(rows)
        inputs = np.zeros((n_rows, starts[-1]), dtype=np.float32)
        writers = [block.writer(frame) for block in self.blocks]
        n_at_once = max(_LEAST_ROWS, _INPUTS_AT_ONCE // max(1, starts[-1]))

        def write_part(first: int) -> None:
            part = slice(first, min(first + n_at_once, n_rows))
            for write, start, end in zip(writers, starts, starts[1:], strict=False):
                write(part if rows is None else rows[part], inputs[part, start:end])

        with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
            list(threads.map(write_part, range(0, n_rows, n_at_once)))
        return inputs

    def unseen(self, frame: pl.DataFrame) -> dict[str, int]:
        """Count the cells of each categorical column that are in no category of the train set."""
        insist_on_types(frame, self.kinds)
        return {
            name: count
            for block in self.blocks
            if isinstance(block, _CategoricalColumns)
            for name, count in block.unseen(frame).items()
        }

    @property
    def complete(self) -> tuple[str, ...]:
        """The columns that missed no cell in the train set; of pixels that is not known."""
        return tuple(
            name
            for block in self.blocks
            if not isinstance(block, DateParts | DateDays | RawDateParts)
            for name in block.complete
        )

    def are_known(self, column: str, texts: pl.Series) -> NDArray[np.bool_]:
        """Tell of each text, none missing, whether it is a category of the train set: (n_texts,).

        Parameters
        ----------
        column
            A categorical column that is read.
        texts
            The texts (n_texts,).
        """
        block = next(
            block for block in self.blocks if isinstance(block, _CategoricalColumns) and column in block.kinds
        )
        return block.are_known(column, texts)

    def description(self) -> TransformationDescription:
        """Describe all but the arrays; see `read_transformation`."""
        return TransformationDescription(
            blocks=tuple(block.description for block in self.blocks), dropped=dict(self.dropped)
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the statistics that were fitted, by the block's place and their name."""
        return {
            f"{j}_{name}": array
            for j, block in enumerate(self.blocks)
            for name, array in block.arrays().items()
        }


class Fitted(NamedTuple):
    """A transformation, and what the train rows become.

    Attributes
    ----------
    transformation
        For every other row.
    X_train
        Inputs of the train rows: (n_rows, n_inputs). They differ from what the transformation makes of these
        rows in target statistics alone, which are of other folds.
    """

    transformation: Transformation
    X_train: NDArray[np.float32]


def fit_transformation(  # noqa: PLR0913 (the train set and its choices, each by its name)
    frame: pl.DataFrame,
    *,
    kinds: Mapping[str, ColumnKind],
    y: NDArray[np.int64] | NDArray[np.float64],
    n_classes: int,
    choices: InputChoices,
    seed: int,
    rows: NDArray[np.intp] | None = None,
) -> Fitted:
    """Fit on train rows, and on nothing else.

    Inputs come kind by kind: images, numbers, booleans, days since 1970, dates' parts, single days,
    categories; in each in the order of the columns. A column that nothing can be learned from is dropped,
    unless it is an image's.

    Parameters
    ----------
    frame
        The train rows, typed.
    kinds
        Kind of each column that is used; those of other kinds than are learned from are not read.
    rows
        Positions of the train rows, if the frame has others too.
    y
        The train rows' classes or numbers (n_rows,); only target statistics read them.
    n_classes
        Number of classes; 0 in regression.
    choices
        Which representation, scaling and encodings.
    seed
        Of the folds of target statistics.

    Raises
    ------
    ValueError
        When a column is not there or of another type, or `y` has not one target a row.
    BadInputError
        When no column is left to learn from.
    """
    transformation, out_of_fold = fit_blocks(
        frame if rows is None else _chosen(frame, rows),  # a copy, which goes before inputs take memory
        kinds=kinds,
        targets=Targets(y, n_classes),
        choices=choices,
        seed=seed,
    )
    if not transformation.blocks:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in list(transformation.dropped.items())[:5])
        raise BadInputError(f"expected a column to learn from, got none ({reasons or 'no columns'})")
    X_train = transformation.apply(frame, rows)
    for start, means in out_of_fold:  # target statistics are the last block
        first = transformation.starts[-2] + start
        X_train[:, first : first + means.shape[1]] = means
    return Fitted(transformation, X_train)


def _chosen(frame: pl.DataFrame, rows: NDArray[np.intp]) -> pl.DataFrame:
    """Return these rows; of ascending ones, which a filter takes a fraction of the time for, by a filter."""
    if np.any(rows[1:] <= rows[:-1]):
        return frame[rows]
    is_chosen = np.zeros(frame.height, dtype=np.bool_)
    is_chosen[rows] = True
    return frame.filter(is_chosen)


def fit_blocks(
    frame: pl.DataFrame,
    *,
    kinds: Mapping[str, ColumnKind],
    targets: Targets,
    choices: InputChoices,
    seed: int,
) -> tuple[Transformation, list[OutOfFold]]:
    """Fit as `fit_transformation` does, and make no inputs; there may be nothing left to make them of.

    Returns
    -------
    transformation
        For every row but the train rows' target statistics.
    out_of_fold
        What these are, a column after another.

    Raises
    ------
    ValueError
        As for `fit_transformation`.
    """
    if targets.y.shape != (frame.height,):
        raise ValueError(f"expected one target per row, got {targets.y.shape} for {frame.height} rows")
    insist_on_types(frame, {name: kind for name, kind in kinds.items() if kind in TYPES})
    columns = {kind: [name for name in frame.columns if kinds.get(name) is kind] for kind in TYPES}
    blocks: list[Block] = []
    dropped: dict[str, str] = {}
    is_raw = choices.representation is Representation.RAW
    for kind in _NUMERIC_KINDS:
        if columns[kind]:
            numeric, left_out = (
                fit_raw_numbers(frame, columns[kind], kind=kind)
                if is_raw
                else fit_numeric_columns(frame, columns[kind], kind=kind, choices=choices)
            )
            blocks.append(numeric)
            dropped |= left_out
    if dates := columns[ColumnKind.DATE]:
        blocks.append(
            fit_raw_date_parts(frame, dates)
            if is_raw
            else fit_date_parts(frame, dates, encoding=choices.date_encoding)
        )
    if choices.date_encoding is DateEncoding.DAILY and not is_raw:
        blocks.append(fit_date_days(frame, dates))
    found = {name: count_categories(frame, name) for name in columns[ColumnKind.CATEGORICAL]}
    few = {name: it for name, it in found.items() if is_raw or are_few(it, n_rows=frame.height)}
    if few:
        of_few, left_out = fit_category_codes(few) if is_raw else fit_one_hot(few, n_rows=frame.height)
        blocks.append(of_few)
        dropped |= left_out
    # Of many categories more is to be said of each: some have no code of their own, or no input.
    many = {
        name: it
        for name, it in found.items()
        if name not in dropped and (len(it.names) > MAX_CODES if is_raw else name not in few)
    }
    out_of_fold: list[OutOfFold] = []
    if many and not is_raw and choices.high_cardinality_encoding is HighCardinalityEncoding.HASHING:
        blocks.append(fit_hashing(many))
    elif many:
        statistics, out_of_fold = fit_target_statistics(frame, many, targets=targets, seed=seed)
        blocks.append(statistics)
    return Transformation(tuple(it for it in blocks if it.input_names), dropped), out_of_fold


def effective_choices(
    frame: pl.DataFrame,
    *,
    kinds: Mapping[str, ColumnKind],
    choices: InputChoices,
    train_sets: Sequence[NDArray[np.intp]],
) -> InputChoices:
    """Return the choices, with the default in place of each that is not read for these train sets.

    Scaling is not read where numbers have a piecewise-linear encoding; neither is where no column is numeric;
    the encoding of very many categories is not where no column has so many, and that of dates not where there
    are none. Where train rows share no days, an input for each becomes the fine encoding without. Of raw
    inputs none is read. Choices that become the same give the same inputs and targets.

    Parameters
    ----------
    frame, kinds
        As for `fit_transformation`.
    choices
        What a point asks for.
    train_sets
        Positions of the rows of each train set that is fitted on.
    """
    default = InputChoices()
    if choices.representation is Representation.RAW:
        return default._replace(representation=Representation.RAW, target_scale=choices.target_scale)
    columns = {
        kind: [name for name in frame.columns if kinds.get(name) is kind]
        for kind in (ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.DATE)
    }
    if not columns[ColumnKind.NUMERIC]:
        choices = choices._replace(
            numeric_scaling=default.numeric_scaling, numeric_encoding=default.numeric_encoding
        )
    if choices.numeric_encoding is not NumericEncoding.PLAIN:
        choices = choices._replace(numeric_scaling=default.numeric_scaling)
    if choices.high_cardinality_encoding is not default.high_cardinality_encoding and not any(
        has_many_categories(frame.select(name), rows)
        for name in columns[ColumnKind.CATEGORICAL]
        for rows in train_sets
    ):
        choices = choices._replace(high_cardinality_encoding=default.high_cardinality_encoding)
    if not columns[ColumnKind.DATE]:
        return choices._replace(date_encoding=default.date_encoding)
    if choices.date_encoding is DateEncoding.DAILY and not any(
        len(frequent_days(_chosen(frame.select(name), rows)[name]))
        for name in columns[ColumnKind.DATE]
        for rows in train_sets
    ):
        choices = choices._replace(date_encoding=DateEncoding.FINE)
    return choices


def has_many_categories(column: pl.DataFrame, rows: NDArray[np.intp]) -> bool:
    """Tell whether a column, alone in its frame, has too many categories in these rows for an input each."""
    return not are_few(count_categories(_chosen(column, rows), column.columns[0]), n_rows=len(rows))
