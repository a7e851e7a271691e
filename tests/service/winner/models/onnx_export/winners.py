"""Winners whose networks are drawn rather than trained, and what they predict by both ways."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
import polars as pl
from numpy.typing import NDArray

from search_spaces.input_choices import InputChoices, TargetScale
from search_spaces.network.point import NetworkPoint
from service.data.inputs.transformation import Transformation
from service.data.preparation.preparation import fit_preparation
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column
from service.winner.models.model import FORMAT, Model, ModelDescription, describe_parts
from service.winner.models.onnx_export.onnx_model import add_raw_columns, onnx_content, packed
from service.winner.models.onnx_export.tensor_graph import TensorGraph
from service.winner.models.onnx_export.transformation_nodes import network_inputs
from service.winner.models.trained_model import Member, TrainedModel
from tests.service.data.inputs.frames import KINDS
from workers.messages import State
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric
from workers.network.architecture import Parameters, architecture_of, embeds_numbers
from workers.network.learner import NUMERIC_FEATURES, PARAMETERS
from workers.network.losses import make_loss
from workers.network.target_range import TARGET_RANGE, clips_predictions
from workers.train_dev_data import Task

SMALL = NetworkPoint(depth=2, width=8)


def drawn_winner(
    train: pl.DataFrame,
    hyperparameters: NetworkPoint = SMALL,
    *,
    n_classes: int = 3,
    choices: InputChoices | None = None,
    kinds: Mapping[str, ColumnKind] = KINDS,
    log_target: bool = False,
    weights: Sequence[int] = (1,),
    label_weights: tuple[float, ...] = (),
) -> Model:
    """Fit a preparation on a train set, its targets drawn, and draw a network's parameters for it.

    Parameters
    ----------
    train
        Typed columns, of which those of `kinds` are used.
    hyperparameters
        The network's.
    n_classes
        0 for a regression.
    choices
        Of inputs; those of the hyperparameters where none are given.
    kinds
        Kind of each column.
    log_target
        Whether a regression's network predicts a logarithm.
    weights
        Of the networks that are averaged.
    label_weights
        By which labels are decided.
    """
    random = np.random.default_rng(11)
    task = Task.CLASSIFICATION if n_classes else Task.REGRESSION
    y = random.integers(0, n_classes, train.height) if n_classes else random.lognormal(3, 1, train.height)
    columns = tuple(Column(name=name, kind=kind) for name, kind in kinds.items() if name in train.columns)
    chosen = hyperparameters.input_choices if choices is None else choices
    preparation = fit_preparation(
        train,
        y,
        columns=columns,
        task=task,
        n_classes=n_classes,
        choices=chosen._replace(target_scale=TargetScale.LOG if log_target else TargetScale.STANDARD),
        seed=5,
    ).preparation
    loss = make_loss(hyperparameters, task=task, n_outputs=n_classes or 1)
    transformation = preparation.transformation
    network = TrainedModel(
        task=task,
        n_outputs=n_classes or 1,
        members=tuple(
            Member(
                hyperparameters,
                _drawn_state(random, hyperparameters, transformation, n_units=loss.n_units),
                preparation,
                weight,
            )
            for weight in weights
        ),
        rule=DecisionRule(label_weights),
    )
    preparations, members = describe_parts(network)
    description = ModelDescription(
        format=FORMAT,
        proctor_version="0.1.0",
        study="drawn",
        trial=0,
        is_reproduced=True,
        task=task,
        target="y",
        class_names=tuple(f"class {k}" for k in range(n_classes)),
        columns=columns,
        preparations=preparations,
        metric=Metric.LOG_LOSS if n_classes else Metric.RMSE,
        label_weights=label_weights,
        dev_figures={},
        members=members,
        shapes={},
        arrays_sha256="",
    )
    return Model(description, network)


def categories_of(train: pl.DataFrame) -> dict[str, list[str]]:
    """Return the categories of each column of text."""
    return {it.name: it.drop_nulls().unique().to_list() for it in train if it.dtype == pl.String}


def raw_columns(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return typed columns as the graph's inputs are to be fed, (n_rows, 1) each."""
    return {name: _raw(frame[name])[:, np.newaxis] for name in names}


def onnx_outputs(content: bytes, frame: pl.DataFrame) -> dict[str, NDArray[Any]]:
    """Run a graph on a typed frame; return its outputs by name."""
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [it.name for it in session.get_outputs()]
    outputs = session.run(names, raw_columns(frame, [it.name for it in session.get_inputs()]))
    return dict(zip(names, outputs, strict=True))


def onnx_inputs(
    transformation: Transformation, frame: pl.DataFrame, *, train: pl.DataFrame
) -> NDArray[np.float32]:
    """Return the network's inputs as the graph makes them (n_rows, n_inputs)."""
    graph = TensorGraph(frozenset(transformation.kinds))
    X = network_inputs(transformation, add_raw_columns(graph, transformation.kinds), categories_of(train))
    graph.add_output(X, "inputs", ("n_examples", transformation.n_inputs), meaning="")
    inputs: NDArray[np.float32] = onnx_outputs(packed(graph, "inputs").SerializeToString(), frame)["inputs"]
    return inputs


def both_predictions(
    model: Model, frame: pl.DataFrame, *, train: pl.DataFrame
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return what onnxruntime and the network predict: probabilities, or numbers (n_rows,)."""
    outputs = onnx_outputs(onnx_content(model, categories_of(train)), frame)
    network = model.trained
    expected = network.predict(network.inputs(frame))
    if model.trained.task is Task.REGRESSION:
        return outputs["prediction"][:, 0], expected
    return outputs["probabilities"], expected


def _raw(cells: pl.Series) -> NDArray[Any]:
    if cells.dtype == pl.String:
        return cells.fill_null("").to_numpy().astype(object)
    if cells.dtype == pl.Datetime:
        return cells.cast(pl.Int64).cast(pl.Float64).to_numpy() / 1e6
    return cells.cast(pl.Float64).to_numpy()


def _drawn_state(
    random: np.random.Generator,
    hyperparameters: NetworkPoint,
    transformation: Transformation,
    *,
    n_units: int,
) -> State:
    numbers = transformation.numeric_inputs
    architecture = architecture_of(
        hyperparameters, n_features=transformation.n_inputs, n_units=n_units, numeric_features=numbers
    )
    flat = random.normal(size=architecture.n_parameters).astype(np.float32)
    parameters = Parameters(flat, architecture)
    for W in parameters.weights:
        np.divide(W, np.sqrt(len(W)), out=W)
    for variance in parameters.running_variances:
        np.exp(variance, out=variance)
    state: dict[str, NDArray[Any]] = {PARAMETERS: flat}
    if embeds_numbers(hyperparameters):
        state[NUMERIC_FEATURES] = np.array(numbers, np.int64)
    if clips_predictions(hyperparameters, Task.REGRESSION):
        state[TARGET_RANGE] = np.array([[-0.5] * n_units, [0.25] * n_units], np.float32)
    return state
