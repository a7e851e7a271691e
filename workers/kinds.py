"""The kinds of model, by name. One is imported when it is first asked for: most studies need a single one."""

from importlib import import_module
from typing import cast

from workers.model_kind import ModelKind

KINDS = {
    "network": "workers.network.network_kind:NETWORK",
    "boosting": "workers.boosting.boosting_kind:BOOSTING",
    "linear": "workers.linear.linear_kind:LINEAR",
}
"""Where each is found: module and name."""

OWN = {"own": "workers.own.own_kind:OWN"}
"""Likewise, of the user's own model, whose code comes with the data."""


def model_kind(name: str) -> ModelKind:
    """Return the kind of model of a name, as points have it.

    Raises
    ------
    KeyError
        There is none.
    """
    module, _, attribute = (KINDS | OWN)[name].partition(":")
    return cast("ModelKind", getattr(import_module(module), attribute))
