"""A winner as one ONNX model: raw columns in, probabilities or numbers out, all else inside."""

from collections.abc import Collection, Mapping

import numpy as np
import onnx
from onnx import helper

from service.tables.column_kinds import ColumnKind
from service.winner.models.model import Model
from service.winner.models.onnx_export.prediction_nodes import (
    add_class_outputs,
    add_number_output,
    output_units,
)
from service.winner.models.onnx_export.tensor_graph import LABELS_DOMAIN, Tensor, TensorGraph
from service.winner.models.onnx_export.transformation_nodes import network_inputs
from workers.network.losses import make_loss, resolved_loss

_OPSET, _LABELS_OPSET, _IR_VERSION = 17, 3, 8
"""Of 2022: any runtime of today reads them."""


def packed(graph: TensorGraph, name: str) -> onnx.ModelProto:
    """Pack a graph under a name, and check it: types and shapes fit, each tensor is written once.

    Raises
    ------
    onnx.checker.ValidationError
        It is no graph.
    """
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, graph.inputs, graph.outputs, list(graph.constants.values())),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(LABELS_DOMAIN, _LABELS_OPSET)],
        ir_version=_IR_VERSION,
        producer_name="proctor",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


_MEANINGS = {
    ColumnKind.NUMERIC: "a number; NaN where missing",
    ColumnKind.IMAGE: "a number; NaN where missing",
    ColumnKind.BOOLEAN: "1 where true, 0 where false; NaN where missing",
    ColumnKind.DATE: "seconds since 1970-01-01T00:00:00; NaN where missing",
    ColumnKind.CATEGORICAL: "a category, without spaces around it; empty where missing",
}


def add_raw_columns(graph: TensorGraph, kinds: Mapping[str, ColumnKind]) -> dict[str, Tensor]:
    """Add an input (n_examples, 1) for each column, named as the column is.

    Categories are texts; all else is float64, since float32 has no place for the seconds of a date.

    Parameters
    ----------
    graph
        Where they are added.
    kinds
        The columns that are read, each with its kind.
    """
    return {
        name: graph.add_input(
            name, np.object_ if kind is ColumnKind.CATEGORICAL else np.float64, meaning=_MEANINGS[kind]
        )
        for name, kind in kinds.items()
    }


def onnx_model(model: Model, categories: Mapping[str, Collection[str]]) -> onnx.ModelProto:
    """Write a winner's transformation and its networks, averaged where they are several, as one graph.

    Its inputs are the columns that the transformation reads, each under its own name, (n_examples, 1): texts
    where the column is categorical, else float64; see `raw_columns` for what they hold. Its outputs are
    `probabilities` and `label`, or `prediction`.

    Parameters
    ----------
    model
        The winner.
    categories
        Of each column that has target statistics, the texts of the train set's categories.

    Raises
    ------
    BadInputError
        A column's categories are hashed: ONNX cannot do that.
    ValueError
        A category is missing.
    """
    described, network = model.description, model.network
    transformation = network.preparation.transformation
    graph = TensorGraph(frozenset(transformation.kinds))
    columns = add_raw_columns(graph, transformation.kinds)
    X = network_inputs(transformation, columns, categories)
    task, n_outputs = network.task, network.n_outputs
    loss = resolved_loss(network.hyperparameters, task=task, n_outputs=n_outputs)
    n_units = make_loss(network.hyperparameters, task=task, n_outputs=n_outputs).n_units
    networks = [
        output_units(X, network.hyperparameters, own, n_inputs=transformation.n_inputs, n_units=n_units)
        for own in network.parameters
    ]
    if described.target_scaling is None:
        add_class_outputs(networks, described.class_names, loss, network.rule)
    else:
        add_number_output(networks, described.target_scaling, target=described.target)
    exported = packed(graph, described.study)
    exported.producer_version = described.proctor_version
    exported.doc_string = f"Predicts {described.target}: trial {described.trial} of study {described.study}."
    return exported


def onnx_content(model: Model, categories: Mapping[str, Collection[str]]) -> bytes:
    """Return the bytes of `model.onnx`; the same model gives the same bytes. See `onnx_model`."""
    content: bytes = onnx_model(model, categories).SerializeToString(deterministic=True)
    return content
