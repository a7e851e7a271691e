"""Four ways to train the same network by the same mini-batches: Proctor, scikit-learn, PyTorch twice.

Each trains a ReLU network by softmax cross-entropy and Adam in float32, without regularization, on the same
mini-batches in the same order. An epoch includes what belongs to its steps: targets are encoded, the loss is
summed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from search_spaces.network.point import NetworkPoint, NumericEmbedding
from workers.network.architecture import architecture_of
from workers.network.gradient_descent import GradientDescent
from workers.network.initialization import draw_parameters
from workers.network.losses import make_loss
from workers.network.network import Network
from workers.train_dev_data import Task

LEARNING_RATE = 1e-3
N_CLASSES = 10
N_TRAIN = 1437
N_EMBEDDED = 30
"""Features with embeddings, in the network that has some."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Hidden layers, units in each, and examples in a mini-batch."""

    depth: int
    width: int
    batch_size: int

    def __str__(self) -> str:
        return f"{self.depth}x{self.width}, batch {self.batch_size}"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer, features and classes included."""
        return (64, *[self.width] * self.depth, N_CLASSES)

    @property
    def flop_of_an_epoch(self) -> int:
        """Operations in an epoch's matrix products.

        Three products of 2 * n * n_in * n_out a layer: Z = X W, dW = X^T dZ, dX = dZ W^T; the first layer has
        no need of dX.
        """
        weights = [n_in * n_out for n_in, n_out in pairwise(self.sizes)]
        return 2 * N_TRAIN * (3 * sum(weights) - weights[0])


class Contestant(Protocol):
    """A network and what trains it."""

    def restart(self) -> None:
        """Go back to the start of training."""

    def train_epoch(self) -> None:
        """Make one step for each mini-batch."""


def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return scikit-learn's digits in a random order, standardised: all of them."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    deviations = X.std(axis=0)
    X = (X - X.mean(axis=0)) / np.where(deviations > 0, deviations, 1)
    return X[order].astype(np.float32), y[order].astype(np.int64)


class Proctor:
    """The network of this project."""

    def __init__(self, shape: Shape, *, keep_prob: float = 1.0, n_embedded: int = 0) -> None:
        X, y = digits()
        self._X, self._y = X[:N_TRAIN], y[:N_TRAIN]
        self._batch_size, self._n_embedded = shape.batch_size, n_embedded
        self._point = NetworkPoint(
            depth=shape.depth,
            width=shape.width,
            keep_prob=keep_prob,
            numeric_embedding=NumericEmbedding.PERIODIC if n_embedded else NumericEmbedding.OFF,
        )
        self._loss = make_loss(self._point, task=Task.CLASSIFICATION, n_outputs=N_CLASSES)
        self._targets = np.empty((N_TRAIN, N_CLASSES), np.float32)
        self._predictions = np.empty_like(self._targets)
        self.restart()

    def restart(self) -> None:
        """Go back to the start of training."""
        architecture = architecture_of(
            self._point,
            n_features=self._X.shape[1],
            n_units=N_CLASSES,
            numeric_features=range(self._n_embedded),
        )
        network = Network.untrained(architecture, largest_batch=self._batch_size)
        draw_parameters(network.parameters, self._point, rng=np.random.default_rng(0))
        self._descent = GradientDescent(
            network,
            self._loss,
            self._point,
            n_train=N_TRAIN,
            dropout_seed=np.random.SeedSequence(0),
        )

    def train_epoch(self) -> None:
        """Make one step for each mini-batch."""
        self._loss.encode(self._y, self._targets)
        for start in range(0, N_TRAIN, self._batch_size):
            batch = slice(start, start + self._batch_size)
            self._descent.step(
                self._X[batch],
                self._targets[batch],
                learning_rate=LEARNING_RATE,
                predictions=self._predictions[batch],
            )
        self._loss.total(self._predictions, self._targets)


class ScikitLearn:
    """MLPClassifier, by one call of partial_fit an epoch: it cuts the mini-batches itself, in their order."""

    def __init__(self, shape: Shape) -> None:
        X, y = digits()
        self._X, self._y = X[:N_TRAIN], y[:N_TRAIN]
        self._shape = shape
        self.restart()

    def restart(self) -> None:
        """Go back to the start of training, but for a first epoch: the weights are made in it."""
        self._classifier = MLPClassifier(
            (self._shape.width,) * self._shape.depth,
            batch_size=self._shape.batch_size,
            learning_rate_init=LEARNING_RATE,
            alpha=0.0,
            shuffle=False,
            random_state=0,
        )
        self._classifier.partial_fit(self._X, self._y, classes=range(N_CLASSES))

    def train_epoch(self) -> None:
        """Make one step for each mini-batch."""
        self._classifier.partial_fit(self._X, self._y)


class PyTorch:
    """nn.Sequential with the fused Adam, as it stands or with model and loss compiled."""

    def __init__(self, shape: Shape, *, is_compiled: bool = False) -> None:
        torch = self._torch = import_module("torch")  # a peer that need not be installed
        torch.set_num_threads(1)
        torch.manual_seed(0)
        X, y = digits()
        X_train, y_train = torch.from_numpy(X[:N_TRAIN]), torch.from_numpy(y[:N_TRAIN])
        self._batches = list(
            zip(X_train.split(shape.batch_size), y_train.split(shape.batch_size), strict=True)
        )
        layers: list[Any] = []
        for n_in, n_out in pairwise(shape.sizes):
            layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
        self._model = torch.nn.Sequential(*layers[:-1])
        self._start = {name: value.clone() for name, value in self._model.state_dict().items()}
        self._loss = torch.nn.CrossEntropyLoss()
        loss_of = self._mean_loss
        self._loss_of = torch.compile(loss_of, dynamic=False) if is_compiled else loss_of
        self.restart()

    def restart(self) -> None:
        """Go back to the start of training."""
        self._model.load_state_dict(self._start)
        self._adam = self._torch.optim.Adam(self._model.parameters(), lr=LEARNING_RATE, fused=True)

    def train_epoch(self) -> None:
        """Make one step for each mini-batch."""
        for X, y in self._batches:
            self._adam.zero_grad(set_to_none=True)
            self._loss_of(X, y).backward()
            self._adam.step()

    def _mean_loss(self, X: Any, y: Any) -> Any:  # noqa: ANN401 - PyTorch's types are there only with it
        return self._loss(self._model(X), y)


def compiled_pytorch(shape: Shape) -> PyTorch:
    """Return PyTorch with model and loss compiled, the compilation done."""
    import_module("torch").compiler.reset()  # what was compiled for other shapes counts against a limit
    contestant = PyTorch(shape, is_compiled=True)
    contestant.train_epoch()
    return contestant


def contestants() -> dict[str, Callable[[Shape], Contestant]]:
    """Return how to make each contestant that is installed, by name."""
    makers: dict[str, Callable[[Shape], Contestant]] = {
        "proctor": Proctor,
        "dropout": lambda shape: Proctor(shape, keep_prob=0.8),
        "embedded": lambda shape: Proctor(shape, n_embedded=N_EMBEDDED),
        "scikit-learn": ScikitLearn,
    }
    if find_spec("torch"):
        makers |= {"pytorch": PyTorch, "compiled": compiled_pytorch}
    return makers
