"""Parameters of trained networks, for tests that compare them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.messages import State, TrialEnded
from workers.network.learner import PARAMETERS


def parameters_of(end: TrialEnded) -> NDArray[Any]:
    """Return the parameters of a network that a trial ended with (n_parameters,)."""
    assert end.state is not None
    return end.state[PARAMETERS]


def stacked_parameters(states: Sequence[State]) -> NDArray[Any]:
    """Return those of several networks (n_networks, n_parameters)."""
    return np.stack([state[PARAMETERS] for state in states])
