"""How learning rate and regularization change: pure functions of the part of training that is over."""

import math

from search_spaces.network.point import RegularizationSchedule, Schedule


def learning_rate_factor(schedule: Schedule, *, progress: float, warmup_fraction: float = 0.0) -> float:
    """Return what the learning rate is multiplied by in a step: at most 1.

    With p the progress: constant: 1; step: 1 up to p = 1/2, then 1/10, from p = 3/4 on 1/100 (Huang et al.
    2017, "Densely Connected Convolutional Networks", section 4.2); exponential: 100**-p; cosine:
    (1 + cos(pi p)) / 2 (Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts",
    eq. 5, without the restarts); log_cosine: (1 - cos(2 pi log2(1 + 15 p))) / 2, four waves from 0 to 1 and
    back to 0, each twice as long as the one before (Holzmüller et al. 2024, "Better by Default: Strong
    Pre-Tuned MLPs and Boosted Trees on Tabular Data", section 3). Warm-up multiplies it by
    p / warmup_fraction while that is below 1 (Goyal et al. 2017, "Accurate, Large Minibatch SGD", section
    2.2, gradual warm-up); the schedule runs on meanwhile.

    A network is best where a wave of log_cosine ends, and the last one takes 8/15 of all epochs: a patience
    below that may end training within it.

    Parameters
    ----------
    schedule
        Which of the five.
    progress
        The part of all steps of `max_epochs` epochs that is over (fraction); stopping early does not change
        the schedule. Training counts a step by its middle, so that warm-up's first one is not lost.
    warmup_fraction
        In [0, 1); 0 for no warm-up.
    """
    warmup = min(1.0, progress / warmup_fraction) if warmup_fraction else 1.0
    match schedule:
        case Schedule.CONSTANT:
            return warmup
        case Schedule.STEP:
            return warmup * (1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01)
        case Schedule.EXPONENTIAL:
            return warmup * math.pow(0.01, progress)
        case Schedule.COSINE:
            return warmup * (1 + math.cos(math.pi * progress)) / 2
        case Schedule.LOG_COSINE:
            return warmup * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * progress))) / 2


def regularization_factor(schedule: RegularizationSchedule, *, progress: float) -> float:
    """Return what `weight_decay` and dropout's drop-probabilities are multiplied by in a step: at most 1.

    With p the progress: constant: 1; flat_cosine: 1 up to p = 1/2, then (1 + cos(pi (2 p - 1))) / 2, which
    ends at 0 (Holzmüller et al. 2024, section 3). L1 and L2 are parts of the cost, and stay.

    Parameters
    ----------
    schedule
        Which of the two.
    progress
        As for `learning_rate_factor`.
    """
    match schedule:
        case RegularizationSchedule.CONSTANT:
            return 1.0
        case RegularizationSchedule.FLAT_COSINE:
            return (1 + math.cos(math.pi * max(0.0, 2 * progress - 1))) / 2
