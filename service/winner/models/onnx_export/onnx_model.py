"""A winner as one ONNX model: raw columns in, probabilities or numbers out, all else inside."""

from collections.abc import Collection, Mapping

import onnx

from service.winner.models.model import Model
from service.winner.models.onnx_export.network_nodes import output_units
from service.winner.models.onnx_export.packing import packed
from service.winner.models.onnx_export.prediction_nodes import add_class_outputs, add_number_output
from service.winner.models.onnx_export.raw_columns import add_raw_columns
from service.winner.models.onnx_export.tensor_graph import TensorGraph
from service.winner.models.onnx_export.transformation_nodes import network_inputs
from workers.losses import make_loss, resolved_loss


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
