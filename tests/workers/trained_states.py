"""Parameters of trained networks, for tests that compare them."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workers.messages import State, TrialEnded
from workers.network.learner import PARAMETERS


def parameters_of(end: TrialEnded) -> NDArray[Any]:
    """Return the parameters of a network that a trial ended with (n_parameters,)."""
    assert end.state is not None
    return end.state[PARAMETERS]


class HasState(Protocol):
    """Something that has learned."""

    @property
    def state(self) -> State:
        """What it learned."""
        ...


def stacked_parameters(networks: Sequence[HasState]) -> NDArray[Any]:
    """Return those of several networks (n_networks, n_parameters)."""
    return np.stack([network.state[PARAMETERS] for network in networks])
