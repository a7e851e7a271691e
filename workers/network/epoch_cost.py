"""About how long an epoch of a network takes: a fixed formula of counts and settings, nothing measured."""

from itertools import pairwise
from math import ceil, fsum

from search_spaces.network.point import Activation, L1Step, NetworkPoint, Optimizer, Switch
from workers.network.architecture import embedded_features
from workers.network.augmentation.image_transforms import transforms_images
from workers.network.periodic_embedding import N_OUTPUTS, EmbeddingParameters
from workers.network.rate_factors import has_own_rates
from workers.train_dev_data import TrainDevData

# Fitted to measured epochs: `python -m benchmarks.epoch_cost --fit`.
_NANOSECONDS = {
    "step": 10_800.0,
    "layer and step": 8_000.0,
    "flop": 0.0106,
    "parameter and pass": 0.144,
    "relu": 1.01,
    "leaky_relu": 1.46,
    "tanh": 1.15,
    "sigmoid": 4.7,
    "gelu": 17.1,
    "selu": 3.05,
    "mish": 3.31,
    "activation drawn": 1.95,
    "activation standardized": 0.99,
    "layer standardized": 16_500.0,
    "activation mixed": 2.8,
    "layer mixed": 3_700.0,
    "feature": 0.73,
    "number embedded": 20.0,
    "step with embeddings": 28_000.0,
    "feature with noise": 8.6,
    "feature mixed": 0.5,
    "example mixed": 260.0,
    "pixel resampled": 26.7,
    "output": 16.0,
}

_OPTIMIZER_PASSES = {
    Optimizer.SGD: 2,
    Optimizer.MOMENTUM: 4,
    Optimizer.NESTEROV: 6,
    Optimizer.RMSPROP: 8,
    Optimizer.ADAM: 9,
    Optimizer.ADAMW: 10,
}
"""Elementwise operations over all parameters that a step takes."""


def epoch_cost(point: NetworkPoint, data: TrainDevData) -> float:
    """Return about how long an epoch takes (seconds).

    It is the sum of what an epoch has to do, each weighted by the time that one of its kind takes. It decides
    the order of events in every study, so a change of it changes what the same seed gives.
    """
    amounts = amounts_of_work(point, data)
    return 1e-9 * fsum(_NANOSECONDS[kind] * amount for kind, amount in amounts.items())


def amounts_of_work(hyperparameters: NetworkPoint, data: TrainDevData) -> dict[str, float]:
    """Return how much of each kind an epoch has to do.

    Parameters
    ----------
    hyperparameters
        The point.
    data
        Its shape decides; what it holds is not looked at.

    Returns
    -------
    amounts
        By kind, the same kinds for every point: mini-batches, and layers of mini-batches; the operations of
        matrix products, three a layer for the train set (forward, and backward to weights and inputs; the
        matrix products, three a layer for the train set (forward, and backward to weights and inputs; the
        first goes back to embeddings alone) and one for the dev set; passes over all parameters; entries of
        hidden activations by their function, and those that are drawn for dropout, standardised over a
        mini-batch or mixed; entries of the features, and what augmentation does to them; numbers with
        embeddings, once forward and twice as much backward, and mini-batches of them; entries of predictions.
    """
    point = hyperparameters
    n_train, n_dev, n_features = len(data.X_train), len(data.X_dev), int(data.X_train.shape[1])
    embedded = embedded_features(point, n_features=n_features, numeric_features=data.numeric_features)
    n_embeddings = N_OUTPUTS * len(embedded)
    sizes = (n_features + n_embeddings, *point.layer_widths, data.n_outputs)
    n_weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    n_parameters = n_weights + sum(sizes[1:]) + EmbeddingParameters.PER_COLUMN * len(embedded)
    n_steps = ceil(n_train / point.batch_size)
    n_layer_steps = n_steps * (len(sizes) - 1)
    n_hidden = sum(point.layer_widths)
    n_drawn = n_hidden * (point.keep_prob < 1) + n_features * (point.input_keep_prob < 1)
    is_standardized = point.batch_normalization is Switch.ON
    is_mixed = point.activation_mix is Switch.ON
    first = n_features * sizes[1]  # only embeddings have a gradient to go back to
    return {
        "step": n_steps,
        "layer and step": n_layer_steps,
        "flop": 2 * (n_train * (3 * n_weights - first) + n_dev * n_weights),
        "parameter and pass": n_steps * n_parameters * _passes(point),
        **{a.value: (n_train + n_dev) * n_hidden * (a is point.activation) for a in Activation},
        "activation drawn": n_train * n_drawn,
        "activation standardized": n_train * n_hidden * is_standardized,
        "layer standardized": n_layer_steps * is_standardized,
        "activation mixed": n_train * n_hidden * is_mixed,
        "layer mixed": n_layer_steps * is_mixed,
        "feature": n_train * (n_features + sizes[0] * (point.feature_scale is Switch.ON)),
        "number embedded": (3 * n_train + n_dev) * len(embedded),
        "step with embeddings": n_steps * bool(embedded),
        "feature with noise": n_train * n_features * (point.noise_deviation > 0),
        "feature mixed": n_train * n_features * (point.mixup_alpha > 0),
        "example mixed": n_train * (point.mixup_alpha > 0),
        "pixel resampled": n_train * n_features * transforms_images(point),
        "output": (n_train + n_dev) * data.n_outputs,
    }


def _passes(point: NetworkPoint) -> int:
    """Return how often a step goes over all parameters: for the optimizer, and for regularization."""
    return (
        _OPTIMIZER_PASSES[point.optimizer]
        + 2 * (point.l2_lambda > 0)
        + (4 if point.l1_step is L1Step.PROXIMAL else 3) * (point.l1_lambda > 0)
        + 2 * (point.clip_norm is not None)
        + 5 * (point.max_norm is not None)
        + has_own_rates(point)
    )
