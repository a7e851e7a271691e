"""How the learning rate changes from epoch to epoch: pure functions of the epoch."""

import math

from search_spaces.hyperparameters import Schedule


def learning_rate_factor(schedule: Schedule, *, epoch: int, max_epochs: int) -> float:
    """Return what the learning rate is multiplied by in an epoch: 1 in the first, never more.

    With p = (epoch - 1) / max_epochs, the part of the epochs allowed that is over:
    constant: 1; step: 1 up to p = 1/2, then 1/10, from p = 3/4 on 1/100 (Huang et al. 2017, "Densely
    Connected Convolutional Networks", section 4.2); exponential: 100**-p; cosine: (1 + cos(pi p)) / 2
    (Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", eq. 5, without the
    restarts).

    Parameters
    ----------
    schedule
        Which of the four.
    epoch
        Counted from 1.
    max_epochs
        The most epochs that the trial may run; stopping early does not change the schedule.
    """
    over = (epoch - 1) / max_epochs
    match schedule:
        case Schedule.CONSTANT:
            return 1.0
        case Schedule.STEP:
            return 1.0 if over < 0.5 else 0.1 if over < 0.75 else 0.01
        case Schedule.EXPONENTIAL:
            return math.pow(0.01, over)
        case Schedule.COSINE:
            return (1 + math.cos(math.pi * over)) / 2
