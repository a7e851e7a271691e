"""What an epoch costs on the virtual clock: a fixed formula of the hyperparameters and the data's shape."""

from itertools import pairwise
from math import ceil
from statistics import fmean

from search_spaces.hyperparameters import Hyperparameters
from workers.train_dev_data import TrainDevData
from workers.trial_data import TrialData

# Fitted to measured training steps of networks from 1 x 32 to 3 x 512 units, batches of 32 to 256.
_SECONDS_A_LAYER_AND_STEP = 13e-6
_SECONDS_A_PARAMETER_AND_STEP = 1.3e-9
_SECONDS_A_FLOP = 1 / 70e9


def epoch_cost(hyperparameters: Hyperparameters, data: TrialData) -> float:
    """Return the virtual length of one epoch (virtual seconds), roughly proportional to the real one.

    Each mini-batch costs a fixed time a layer, an optimizer step over all parameters, and three products a
    layer (forward, and backward to weights and inputs); the dev set costs one. It decides the order of
    events in every study, so a change of it changes what the same seed gives. Where there are several folds,
    it is the mean over them.
    """
    return fmean(_cost(hyperparameters, fold) for fold in data.folds(hyperparameters))


def _cost(hyperparameters: Hyperparameters, data: TrainDevData) -> float:
    n_train, n_dev, n_features = len(data.X_train), len(data.X_dev), int(data.X_train.shape[1])
    sizes: tuple[int, ...] = (n_features, *hyperparameters.layer_widths, data.n_outputs)
    n_weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    n_parameters = n_weights + sum(sizes[1:])
    n_steps = ceil(n_train / hyperparameters.batch_size)
    step = (len(sizes) - 1) * _SECONDS_A_LAYER_AND_STEP + n_parameters * _SECONDS_A_PARAMETER_AND_STEP
    flops = 2 * n_weights * (3 * n_train + n_dev)
    return n_steps * step + flops * _SECONDS_A_FLOP
