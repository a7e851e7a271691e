"""Which hyperparameters are read only where another has certain values."""

from collections.abc import Mapping

from search_spaces.fields import Reader
from search_spaces.network.point import (
    Activation,
    InitScheme,
    LossName,
    NumericEmbedding,
    Optimizer,
    Switch,
)


def _words(
    *members: Activation | InitScheme | LossName | NumericEmbedding | Optimizer | Switch,
) -> tuple[str, ...]:
    return tuple(member.value for member in members)


READERS: Mapping[str, Reader] = {
    "momentum": Reader("optimizer", _words(Optimizer.MOMENTUM, Optimizer.NESTEROV)),
    "squares_decay": Reader("optimizer", _words(Optimizer.RMSPROP)),
    "beta_1": Reader("optimizer", _words(Optimizer.ADAM, Optimizer.ADAMW)),
    "beta_2": Reader("optimizer", _words(Optimizer.ADAM, Optimizer.ADAMW)),
    "weight_decay": Reader("optimizer", _words(Optimizer.ADAMW)),
    "feature_scale_rate": Reader("feature_scale", _words(Switch.ON)),
    "activation_mix_rate": Reader("activation_mix", _words(Switch.ON)),
    "leaky_slope": Reader("activation", _words(Activation.LEAKY_RELU)),
    "init_deviation": Reader("init_scheme", _words(InitScheme.NORMAL)),
    "init_distribution": Reader(
        "init_scheme",
        _words(
            InitScheme.AUTO,
            InitScheme.HE,
            InitScheme.XAVIER,
            InitScheme.XAVIER_IN,
            InitScheme.LECUN,
            InitScheme.DATA,
        ),
    ),
    "embedding_frequency": Reader("numeric_embedding", _words(NumericEmbedding.PERIODIC)),
    "embedding_rate": Reader("numeric_embedding", _words(NumericEmbedding.PERIODIC)),
    "huber_delta": Reader("loss", _words(LossName.HUBER)),
}
"""By name, those that not every network reads."""

ONLY_CLASSES_HAVE = ("label_smoothing", "class_balance")
"""Those that no regression reads."""

ONLY_NUMBERS_HAVE = ("target_scale", "clip_predictions")
"""Those that no classification reads."""
