"""Networks of many shapes, and whether rows are predicted to the same bit wherever they stand.

    python -m tests.workers.placed_predictions

prints the cases in which a row's predictions depended on its place, its company or the number of rows.
"""

import json
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import Activation, LossName, NetworkPoint, NumericEmbedding, Switch
from tests.workers.blas_kernels import loaded_kernel
from workers.network.architecture import Parameters, architecture_of
from workers.network.losses import make_loss
from workers.network.prediction import predict
from workers.network.prediction_pass import N_READ
from workers.train_dev_data import Task

N_ROWS = 3 * N_READ + 17
OUTPUTS = (
    (Task.CLASSIFICATION, 2, LossName.BINARY),
    (Task.CLASSIFICATION, 3, LossName.AUTO),
    (Task.CLASSIFICATION, 10, LossName.AUTO),
    (Task.REGRESSION, 1, LossName.AUTO),
    (Task.REGRESSION, 1, LossName.HUBER),
    (Task.REGRESSION, 13, LossName.AUTO),
)
SIZES = (1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 16, 17, 24, 31, 33, 47, 64, 65, 100, 128, 130, 200, 256, 257, 300)
LARGE = ((700, 500), (2100, 40), (40, 2100))
"""Features and widths beyond what a kernel adds up in one part."""


def points() -> Iterator[tuple[int, NetworkPoint, tuple[Task, int, LossName]]]:
    """Give number of features, a point, and what is predicted: each size before and after others, and 1."""
    activations, switches, embeddings = list(Activation), list(Switch), list(NumericEmbedding)
    shapes = [(SIZES[-1 - place], size) for place, size in enumerate(SIZES)]
    shapes += [(size, 1) for size in SIZES]
    shapes += [(SIZES[(place * 7) % len(SIZES)], size) for place, size in enumerate(SIZES)]
    for number, (n_features, width) in enumerate([*shapes, *LARGE]):
        outputs = OUTPUTS[number % len(OUTPUTS)]
        point = NetworkPoint(
            depth=2,
            width_1=width,
            width_2=SIZES[(number * 11) % len(SIZES)],
            activation=activations[number % len(activations)],
            batch_normalization=switches[number // 2 % 2],
            feature_scale=switches[number // 3 % 2],
            activation_mix=switches[number // 5 % 2],
            numeric_embedding=embeddings[number // 5 % 2],
            loss=outputs[2],
        )
        yield n_features, point, outputs


def drawn_parameters(
    n_features: int, point: NetworkPoint, task: Task, n_outputs: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw parameters that leave every activation a spread."""
    loss = make_loss(point, task=task, n_outputs=n_outputs)
    architecture = architecture_of(point, n_features=n_features, n_units=loss.n_units)
    flat = rng.standard_normal(architecture.n_parameters).astype(np.float32)
    views = Parameters(flat, architecture)
    for W in views.weights:
        np.divide(W, np.sqrt(np.float32(len(W))), out=W)
    for variances in views.running_variances:
        np.abs(variances, out=variances)
    return flat


def depends_on_place(
    n_features: int,
    point: NetworkPoint,
    outputs: tuple[Task, int, LossName],
    rng: np.random.Generator,
) -> list[str]:
    """Return by what rows' predictions differ from those in their first place; nothing is as it should be."""
    task, n_outputs, _ = outputs
    parameters = drawn_parameters(n_features, point, task, n_outputs, rng)
    X = rng.standard_normal((N_ROWS, n_features)).astype(np.float32)

    def predicted(rows: NDArray[np.float32]) -> NDArray[np.floating]:
        return predict(parameters, point, rows, task=task, n_outputs=n_outputs)

    together, order = predicted(X), rng.permutation(N_ROWS)
    found = {
        "place": np.array_equal(predicted(X[order]), together[order]),
        "place among its like": all(
            (predicted(np.repeat(X[row : row + 1], N_READ + 5, axis=0)) == together[row]).all()
            for row in (0, N_READ - 1)
        ),
        "number of rows": all(
            np.array_equal(predicted(X[start : start + n]), together[start : start + n])
            for start, n in ((0, 1), (N_READ - 1, 2), (37, N_READ), (5, 2 * N_READ + 1), (N_ROWS - 1, 1))
        ),
        "memory order": np.array_equal(predicted(np.asfortranarray(X)), together),
        "memory's place": np.array_equal(predicted(_shifted(X)), together),
    }
    return [name for name, is_same in found.items() if not is_same]


def _shifted(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a copy that begins 4 bytes after where NumPy aligns arrays."""
    room = np.empty(X.size + 1, X.dtype)[1:].reshape(X.shape)
    np.copyto(room, X)
    return room


def main() -> None:
    """Print the kernel, how many networks there were, and which of them failed by what."""
    rng = np.random.default_rng(5)
    failed, n_models = {}, 0
    for n_features, point, outputs in points():
        n_models += 1
        found = depends_on_place(n_features, point, outputs, rng)
        if found:
            failed[f"{n_features} features, {outputs}, {point!r}"] = found
    answer = {"kernel": loaded_kernel(), "n_models": n_models, "failed": failed}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
