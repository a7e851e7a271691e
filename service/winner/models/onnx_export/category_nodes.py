"""Inputs of categorical columns, as nodes: each text is looked up once."""

from collections.abc import Collection, Mapping

import numpy as np

from service.data.inputs.categories import category_hash
from service.data.inputs.one_hot import HashedColumns, OneHotColumn, OneHotColumns
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.errors import BadInputError
from service.tables.csv_header import listed
from service.winner.models.onnx_export.tensor_graph import LABELS_DOMAIN, Tensor

_MISSING = ""


def one_hot_inputs(block: OneHotColumns, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Return the inputs of each column, 0 or 1: float32 (n_examples, n_inputs of the column)."""
    return [_one_hot(it, columns[it.column]) for it in block.description.columns]


def target_statistics_inputs(
    block: TargetStatisticsColumns, columns: Mapping[str, Tensor], categories: Mapping[str, Collection[str]]
) -> list[Tensor]:
    """Return the inputs of each column: float32 (n_examples, n_inputs of the column).

    Parameters
    ----------
    block
        What was fitted; it has the hashes of categories, not their texts.
    columns
        The raw columns, by name.
    categories
        Texts of the train set's categories, by the column's name; others may be among them.

    Raises
    ------
    ValueError
        A category of the train set is not among them.
    """
    inputs = []
    fitted = zip(block.description.columns, block.known, block.tables(), strict=True)
    for described, known, table in fitted:
        places = {int(known_hash): place for place, known_hash in enumerate(known)}
        by_text = {text: places.get(category_hash(text)) for text in sorted(categories[described.column])}
        rows = {text: row for text, row in by_text.items() if row is not None}
        if len(set(rows.values())) < len(known):
            raise ValueError(
                f"expected a text for each category of the train set, got {len(rows)} of {len(known)} (column"
                f" {described.column!r})"
            )
        other, missing = len(known), len(known) + 1
        row = _looked_up(columns[described.column], rows | {_MISSING: missing}, elsewhere=other)
        statistics = row.graph.constant(table)
        flat = row.apply("Reshape", row.graph.constant(np.array([-1])))
        inputs.append(statistics.apply("Gather", flat))
    return inputs


def hashing_refusal(block: HashedColumns) -> BadInputError:
    """Say why there is no graph of hashed columns."""
    names = listed(tuple(it.column for it in block.description.columns))
    return BadInputError(
        "--onnx: ONNX has no operator for the hash of a category; a study with the constant"
        f' high_cardinality_encoding = "target_statistics" can be exported (hashed: {names})'
    )


def _one_hot(read: OneHotColumn, texts: Tensor) -> Tensor:
    n_inputs, n = len(read.input_names), len(read.categories)
    nowhere = n_inputs  # an input that is not there: the row stays all zeros
    other = n if read.rare else nowhere
    positions = {category: position for position, category in enumerate(read.categories)}
    positions |= dict.fromkeys(read.rare, other)
    positions[_MISSING] = n_inputs - 1 if read.has_missing else nowhere
    position = _looked_up(texts, positions, elsewhere=other)
    return position.equals(np.arange(n_inputs)[np.newaxis]).cast(np.float32)


def _looked_up(texts: Tensor, numbers: Mapping[str, int], *, elsewhere: int) -> Tensor:
    """Return the number of each text, int64 (n_examples, 1)."""
    return texts.apply(
        "LabelEncoder",
        dtype=np.int64,
        domain=LABELS_DOMAIN,
        keys_strings=list(numbers),
        values_int64s=list(numbers.values()),
        default_int64=elsewhere,
    )
