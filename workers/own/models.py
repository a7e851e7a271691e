"""An estimator and a learner alike: something that advances, predicts, and says what it has learned."""

import io
import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search_spaces.own.point import OwnPoint
from workers.failures import TrainingFailedError
from workers.messages import State
from workers.model_source import ModelSource, Role
from workers.own.loading import given_arguments, loaded
from workers.own.user_code import where
from workers.train_dev_data import Task

SOURCE, PICKLE, LEARNED = "source", "pickle", "learned/"
"""In a state: the source as JSON and the pickled model, both as bytes (uint8); before names of arrays."""

MOST_OFF = 1e-3
"""How far the sum of an example's probabilities may be from 1."""


class Shape:
    """What a model reads and predicts."""

    def __init__(self, task: Task, *, n_features: int, n_outputs: int) -> None:
        self.task, self.n_features, self.n_outputs = task, n_features, n_outputs

    def arguments(self, seed: int) -> dict[str, Any]:
        """Return what the study gives to whoever takes it, by name."""
        return {
            "n_features": self.n_features,
            "n_outputs": self.n_outputs,
            "task": self.task.value,
            "seed": seed,
        }


class OwnModel(Protocol):
    """The user's model; its methods raise whatever the user's code raises, and TrainingFailedError."""

    def advance(self, X: NDArray[np.float32], y: NDArray[Any]) -> float | None:
        """Learn for an epoch; return the train loss where it is known."""

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return predictions (n_examples, n_outputs)."""

    def learned(self) -> State:
        """Return what it has learned, in arrays of its own."""


class EstimatorModel:
    """A scikit-learn estimator, fitted in its first epoch; further ones change nothing."""

    def __init__(self, estimator: Any, source: ModelSource, shape: Shape, *, is_fitted: bool) -> None:  # noqa: ANN401 (the user's)
        self._estimator, self._source, self._shape = estimator, source, shape
        self._is_fitted = is_fitted

    def advance(self, X: NDArray[np.float32], y: NDArray[Any]) -> float | None:
        """Fit it."""
        if not self._is_fitted:
            self._estimator.fit(X, y)
            self._is_fitted = True
        return None

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return numbers, or the classes' probabilities: 0 for a class that the train set lacks."""
        shape = self._shape
        if shape.task is Task.REGRESSION:
            return checked(self._estimator.predict(X), self._where, shape, n_examples=len(X))
        if not hasattr(self._estimator, "predict_proba"):
            name = type(self._estimator).__name__
            raise TrainingFailedError(f"{self._where}: {name} has no predict_proba, which classes need")
        raw = np.asarray(self._estimator.predict_proba(X))
        classes = np.asarray(self._estimator.classes_).astype(np.int64)
        if raw.shape != (len(X), len(classes)):
            raise TrainingFailedError(
                f"{self._where}: expected probabilities of shape {(len(X), len(classes))}, got {raw.shape}"
            )
        probabilities = np.zeros((len(X), shape.n_outputs))
        probabilities[:, classes] = raw
        return checked(probabilities, self._where, shape, n_examples=len(X))

    def learned(self) -> State:
        """Return it pickled."""
        return _pickled(self._estimator, self._where)

    @property
    def _where(self) -> str:
        return where(self._source, loaded(self._source))


class LearnerModel:
    """An object of the user's that learns in epochs."""

    def __init__(self, learner: Any, source: ModelSource, shape: Shape) -> None:  # noqa: ANN401 (the user's)
        self._learner, self._source, self._shape = learner, source, shape

    def advance(self, X: NDArray[np.float32], y: NDArray[Any]) -> float | None:
        """Let it learn for an epoch."""
        loss = self._learner.advance(X, y)
        try:
            return None if loss is None else float(loss)
        except (TypeError, ValueError):
            raise TrainingFailedError(
                f"{self._where('advance')}: expected a train loss or None, got {type(loss).__name__}"
            ) from None

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what it predicts."""
        return checked(self._learner.predict(X), self._where("predict"), self._shape, n_examples=len(X))

    def learned(self) -> State:
        """Return its state; where it says none, the whole object pickled."""
        if not hasattr(self._learner, "state"):
            return _pickled(self._learner, self._where("predict"))
        said = self._learner.state()
        if not isinstance(said, Mapping):
            raise TrainingFailedError(
                f"{self._where('state')}: expected a mapping of arrays, got {type(said).__name__}"
            )
        state = {f"{LEARNED}{name}": np.array(array) for name, array in said.items()}
        for name, array in state.items():
            if array.dtype.kind not in "biufc":
                raise TrainingFailedError(
                    f"{self._where('state')}: expected arrays of numbers, got {array.dtype} for"
                    f" {name.removeprefix(LEARNED)!r}"
                )
        return state

    def load(self, state: State) -> None:
        """Give it a state back."""
        self._learner.load({name.removeprefix(LEARNED): array.copy() for name, array in state.items()})

    def _where(self, method: str) -> str:
        return where(self._source, getattr(type(self._learner), method, None))


def made(source: ModelSource, point: OwnPoint, shape: Shape, *, seed: int) -> OwnModel:
    """Make the user's model, untrained.

    Parameters
    ----------
    source
        Who makes it.
    point
        The arguments.
    shape
        What it reads and predicts.
    seed
        Source of all randomness.

    Raises
    ------
    TrainingFailedError
        What was made has not the methods that it needs. Whatever else the user's code raises is raised.
    """
    factory = loaded(source)
    model = factory(**point.arguments, **given_arguments(source, shape.arguments(seed)))
    needed = ("fit", "predict") if source.role is Role.ESTIMATOR else ("advance", "predict")
    for method in needed:
        if not callable(getattr(model, method, None)):
            raise TrainingFailedError(
                f"{where(source, factory)}: expected {source.attribute} to return an object with"
                f" {' and '.join(needed)}, got {type(model).__name__}"
            )
    if source.role is Role.LEARNER:
        if hasattr(model, "state") and not callable(getattr(model, "load", None)):
            raise TrainingFailedError(
                f"{where(source, factory)}: expected a method load beside state, got"
                f" {type(model).__name__} without it"
            )
        return LearnerModel(model, source, shape)
    _seed(model, seed)
    return EstimatorModel(model, source, shape, is_fitted=False)


def restored(source: ModelSource, state: State, point: OwnPoint, shape: Shape) -> OwnModel:
    """Make a model that has learned what a state says.

    Raises
    ------
    TrainingFailedError
        As for `made`.
    """
    if PICKLE in state:
        loaded(source)  # what the pickle may name
        # Only from memory, ours or our worker's: `service.winner.models.model` reads no such state.
        model = pickle.loads(state[PICKLE].tobytes())  # noqa: S301
        if source.role is Role.LEARNER:
            return LearnerModel(model, source, shape)
        return EstimatorModel(model, source, shape, is_fitted=True)
    model = made(source, point, shape, seed=0)
    if not isinstance(model, LearnerModel):
        raise TypeError("expected the state of an estimator to be pickled")
    model.load({name: array for name, array in state.items() if name.startswith(LEARNED)})
    return model


def source_bytes(source: ModelSource) -> NDArray[np.uint8]:
    """Return a source as an array, to travel in a state."""
    words = {
        "role": source.role.value,
        "path": source.path,
        "attribute": source.attribute,
        "content": source.content.hex(),
    }
    return np.frombuffer(json.dumps(words).encode(), np.uint8)


def source_of(state: State) -> ModelSource:
    """Return the source that travels in a state."""
    words = json.loads(state[SOURCE].tobytes())
    return ModelSource(
        Role(words["role"]), words["path"], words["attribute"], bytes.fromhex(words["content"])
    )


def checked(raw: Any, place: str, shape: Shape, *, n_examples: int) -> NDArray[np.float32]:  # noqa: ANN401 (the user's)
    """Return predictions as they are judged, float32 (n_examples, n_outputs).

    Raises
    ------
    TrainingFailedError
        They have another shape, are not finite, or are no probabilities; beginning with `place`.
    """
    found = np.asarray(raw)
    expected = (n_examples, shape.n_outputs)
    if shape.n_outputs == 1 and found.shape == (n_examples,):
        found = found[:, np.newaxis]
    if found.shape != expected or found.dtype.kind not in "iuf":
        raise TrainingFailedError(
            f"{place}: expected predictions of shape {expected}, got {found.dtype} of shape {found.shape}"
        )
    if not np.isfinite(found).all():
        raise TrainingFailedError(f"{place}: a prediction is not finite")
    if shape.task is Task.CLASSIFICATION:
        sums = found.sum(axis=1, dtype=np.float64)
        if found.min(initial=0) < 0 or np.abs(sums - 1).max(initial=0) > MOST_OFF:
            raise TrainingFailedError(f"{place}: expected probabilities that add up to 1 in each row")
    return found.astype(np.float32)


def _seed(estimator: Any, seed: int) -> None:  # noqa: ANN401 (the user's)
    """Set each `random_state` of an estimator and its steps."""
    get_params: Callable[..., dict[str, Any]] | None = getattr(estimator, "get_params", None)
    if get_params is None:
        return
    names = sorted(
        name for name in get_params(deep=True) if name == "random_state" or name.endswith("__random_state")
    )
    words = np.random.SeedSequence(seed).generate_state(len(names))
    if names:
        estimator.set_params(**{name: int(word) for name, word in zip(names, words, strict=True)})


def _pickled(model: Any, place: str) -> State:  # noqa: ANN401 (the user's)
    file = io.BytesIO()
    try:
        pickle.dump(model, file, protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise TrainingFailedError(f"{place}: what was fitted cannot be pickled: {error}") from error
    return {PICKLE: np.frombuffer(file.getvalue(), np.uint8)}
