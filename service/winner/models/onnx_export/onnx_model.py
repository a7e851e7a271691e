"""A winner as one ONNX model: raw columns in, probabilities or numbers out, all else inside.

The network is nodes after those of its inputs. Its outputs are probabilities and a label, or a number.
"""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import onnx
from onnx import helper

from search_spaces.network.point import Activation, LossName, NetworkPoint
from service.data.preparation.preparation import TargetScaling
from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.winner.models.model import Model
from service.winner.models.onnx_export.tensor_graph import LABELS_DOMAIN, Tensor, TensorGraph, side_by_side
from service.winner.models.onnx_export.transformation_nodes import network_inputs
from service.winner.models.trained_model import Member, TrainedModel, power_of_two_below
from workers.messages import State
from workers.metrics.decision_rule import DecisionRule
from workers.network.activations import SELU_ALPHA, SELU_SCALE
from workers.network.architecture import Parameters, architecture_of, embeds_numbers
from workers.network.batch_normalization import EPSILON
from workers.network.learner import PARAMETERS
from workers.network.losses import make_loss, resolved_loss
from workers.network.network_kind import numeric_features
from workers.network.periodic_embedding import N_OUTPUTS, EmbeddingParameters
from workers.network.target_range import clips_predictions, target_range
from workers.train_dev_data import Task

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
        A column's categories are hashed, or the model is no network: ONNX cannot do that.
    ValueError
        A category is missing.
    """
    described, trained = model.description, model.trained
    points = [_network_point(each) for each in trained.members]
    kinds = {name: kind for each in trained.transformations for name, kind in each.kinds.items()}
    graph = TensorGraph(frozenset(kinds))
    columns = add_raw_columns(graph, kinds)
    inputs = {id(each): network_inputs(each, columns, categories) for each in trained.transformations}
    predictions = [
        _predicted(inputs[id(each.preparation.transformation)], each, point, trained)
        for each, point in zip(trained.members, points, strict=True)
    ]
    averaged = _averaged(predictions, [each.weight for each in trained.members])
    if trained.task is Task.CLASSIFICATION:
        _add_class_outputs(averaged, described.class_names, trained.rule)
    else:
        meaning = f"{described.target}, in its own unit"
        graph.add_output(averaged, "prediction", ("n_examples", 1), meaning=meaning)
    exported = packed(graph, described.study)
    exported.producer_version = described.proctor_version
    exported.doc_string = f"Predicts {described.target}: trial {described.trial} of study {described.study}."
    return exported


def onnx_content(model: Model, categories: Mapping[str, Collection[str]]) -> bytes:
    """Return the bytes of `model.onnx`; the same model gives the same bytes. See `onnx_model`."""
    content: bytes = onnx_model(model, categories).SerializeToString(deterministic=True)
    return content


def _network_point(member: Member) -> NetworkPoint:
    point = member.hyperparameters
    if not isinstance(point, NetworkPoint):
        raise BadInputError(f"ONNX: expected a network, got a model of the kind {point.kind}")
    return point


def _predicted(X: Tensor, member: Member, point: NetworkPoint, trained: TrainedModel) -> Tensor:
    """Return a member's probabilities float32 (n_examples, n_classes), or numbers float64 (n_examples, 1).

    Parameters
    ----------
    X
        Its inputs.
    member, point
        The member, and its hyperparameters.
    trained
        The model that it is of.
    """
    task, n_outputs = trained.task, trained.n_outputs
    Z = _output_units(
        X,
        point,
        member.state,
        n_inputs=member.preparation.transformation.n_inputs,
        n_units=make_loss(point, task=task, n_outputs=n_outputs).n_units,
    )
    if clips_predictions(point, task):
        low, high = target_range(member.state, n_outputs=n_outputs)
        Z = Z.apply("Max", low).apply("Min", high)
    scaling = member.preparation.target_scaling
    if scaling is not None:
        return _in_target_unit(Z, scaling)
    return _probabilities(Z, resolved_loss(point, task=task, n_outputs=n_outputs))


def _output_units(
    X: Tensor,
    hyperparameters: NetworkPoint,
    state: State,
    *,
    n_inputs: int,
    n_units: int,
) -> Tensor:
    """Return the output layer's pre-activations, float32 (n_examples, n_units).

    Parameters
    ----------
    X
        The inputs, float32 (n_examples, n_inputs).
    hyperparameters
        Those that the network was trained with.
    state
        What it learned.
    n_inputs, n_units
        Sizes of the first and the last layer.
    """
    architecture = architecture_of(
        hyperparameters,
        n_features=n_inputs,
        n_units=n_units,
        numeric_features=numeric_features(state) if embeds_numbers(hyperparameters) else None,
    )
    parameters = Parameters(state[PARAMETERS], architecture)
    A = X
    if parameters.embedding is not None:
        A = side_by_side([X, _embeddings(X, parameters.embedding, columns=architecture.embedded)])
    if parameters.feature_scale is not None:
        A = A * parameters.feature_scale
    n_hidden = len(architecture.sizes) - 2
    for layer, (W, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        if layer < len(parameters.gains):
            A = A.apply("MatMul", W).apply(
                "BatchNormalization",
                parameters.gains[layer],
                b,
                parameters.running_means[layer],
                parameters.running_variances[layer],
                epsilon=EPSILON,
            )
        else:
            A = A.apply("Gemm", W, b)
        if layer < n_hidden:
            Z, A = A, activated(A, hyperparameters)
            if parameters.activation_shares:
                A = Z + (A - Z) * parameters.activation_shares[layer]
    return A


def _embeddings(X: Tensor, parameters: EmbeddingParameters, *, columns: Sequence[int]) -> Tensor:
    """Return the embeddings of some inputs, a column's next to each other, float32 (n_examples, n)."""
    n_embedded = N_OUTPUTS * len(columns)
    x = X.apply("Gather", X.graph.constant(np.array(columns, np.int64)), axis=1)
    by_column = x.apply("Transpose", perm=[1, 0]).apply("Unsqueeze", X.graph.constant(np.array([2])))
    frequencies, phases = parameters.waves[:, np.newaxis, :, 0], parameters.waves[:, np.newaxis, :, 1]
    cosines: Tensor = (by_column * (2 * math.pi) * frequencies + phases).apply("Cos")
    combined = cosines.apply("MatMul", parameters.weights.transpose(0, 2, 1))
    E: Tensor = combined + parameters.biases[:, np.newaxis]
    by_example = E.apply("Transpose", perm=[1, 0, 2])
    return by_example.apply("Reshape", X.graph.constant(np.array([-1, n_embedded])))


def activated(Z: Tensor, hyperparameters: NetworkPoint) -> Tensor:  # noqa: PLR0911 (a function each)
    """Return g(Z), elementwise: the activation that the hyperparameters name."""
    match hyperparameters.activation:
        case Activation.RELU:
            return Z.apply("Relu")
        case Activation.LEAKY_RELU:
            return Z.apply("LeakyRelu", alpha=hyperparameters.leaky_slope)
        case Activation.TANH:
            return Z.apply("Tanh")
        case Activation.SIGMOID:
            return Z.apply("Sigmoid")
        case Activation.GELU:
            return Z * (((Z * (1 / math.sqrt(2))).apply("Erf") + 1) * 0.5)
        case Activation.SELU:
            return Z.apply("Selu", alpha=SELU_ALPHA, gamma=SELU_SCALE)
        case Activation.MISH:
            return Z * Z.apply("Softplus").apply("Tanh")


def _add_class_outputs(probabilities: Tensor, class_names: Sequence[str], rule: DecisionRule) -> None:
    """Add `probabilities` (n_examples, n_classes), and `label` (n_examples,), as the rule decides it.

    Parameters
    ----------
    probabilities
        The model's.
    class_names
        In the order of the probabilities.
    rule
        Decides labels.
    """
    graph = probabilities.graph
    names = graph.constant(np.array(class_names, dtype=object))
    scores = probabilities.cast(np.float64) * np.array(rule.weights) if rule.weights else probabilities
    label = names.apply("Gather", scores.apply("ArgMax", dtype=np.int64, axis=1, keepdims=0))
    in_order = f"of the classes {list(class_names)}, in this order"
    graph.add_output(probabilities, "probabilities", ("n_examples", len(class_names)), meaning=in_order)
    graph.add_output(label, "label", ("n_examples",), meaning=_meaning_of_label(class_names, rule))


def _meaning_of_label(class_names: Sequence[str], rule: DecisionRule) -> str:
    if not rule.weights:
        return "the most probable class"
    weights = ", ".join(
        f"{name}: {weight:.4g}" for name, weight in zip(class_names, rule.weights, strict=True)
    )
    return f"the class whose probability times its weight is highest; weights {weights}"


def _averaged(predictions: Sequence[Tensor], weights: Sequence[int]) -> Tensor:
    """Average predictions of one shape in float64, as `trained_model.average` does."""
    if len(predictions) == 1:
        return predictions[0]
    scale = power_of_two_below(sum(weights))
    first, *others = [
        each.cast(np.float64) * (scale * weight) for each, weight in zip(predictions, weights, strict=True)
    ]
    mean = first.apply("Sum", *others) / (sum(weights) * scale)
    return mean.cast(predictions[0].dtype)


def _probabilities(Z: Tensor, loss: LossName) -> Tensor:
    if loss is LossName.BINARY:
        return side_by_side([Z.apply("Neg").apply("Sigmoid"), Z.apply("Sigmoid")])
    return Z.apply("Softmax", axis=1)


def _in_target_unit(Z: Tensor, scaling: TargetScaling) -> Tensor:
    y = (Z.cast(np.float64) * scaling.deviation).shifted(scaling.mean)
    y = y.apply("Exp") if scaling.is_log else y
    return y.clip(scaling.low, scaling.high)
