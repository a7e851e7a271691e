"""Which hyperparameters are read only where another has certain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from search_spaces.hyperparameters import Activation, Hyperparameters, InitScheme, LossName, Optimizer
from search_spaces.values import Value


@dataclass(frozen=True, slots=True)
class Reader:
    """A hyperparameter that is read where `other` is one of `values`."""

    other: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.other} = {' or '.join(self.values)}"


def _words(*members: Activation | InitScheme | LossName | Optimizer) -> tuple[str, ...]:
    return tuple(member.value for member in members)


READERS: Mapping[str, Reader] = {
    "momentum": Reader("optimizer", _words(Optimizer.MOMENTUM, Optimizer.NESTEROV)),
    "squares_decay": Reader("optimizer", _words(Optimizer.RMSPROP)),
    "beta_1": Reader("optimizer", _words(Optimizer.ADAM, Optimizer.ADAMW)),
    "beta_2": Reader("optimizer", _words(Optimizer.ADAM, Optimizer.ADAMW)),
    "weight_decay": Reader("optimizer", _words(Optimizer.ADAMW)),
    "leaky_slope": Reader("activation", _words(Activation.LEAKY_RELU)),
    "init_deviation": Reader("init_scheme", _words(InitScheme.NORMAL)),
    "init_distribution": Reader(
        "init_scheme",
        _words(InitScheme.AUTO, InitScheme.HE, InitScheme.XAVIER, InitScheme.XAVIER_IN, InitScheme.LECUN),
    ),
    "huber_delta": Reader("loss", _words(LossName.HUBER)),
}
"""By name, those that not every network reads."""


def unread_names(point: Hyperparameters) -> Iterator[str]:
    """Yield the hyperparameters that make no difference at this point."""
    for name, reader in READERS.items():
        value: Value = getattr(point, reader.other)
        if value not in reader.values:
            yield name
