"""One validated point of a search space: everything that a trial's network and training are made from."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_DEPTH = 8
"""The most hidden layers a network may have."""


class InitScheme(StrEnum):
    """How weights are drawn at the start; biases start at 0."""

    HE = "he"
    XAVIER = "xavier"
    LECUN = "lecun"
    NORMAL = "normal"


class Activation(StrEnum):
    """The function applied to each hidden layer's pre-activations."""

    RELU = "relu"
    TANH = "tanh"


class Optimizer(StrEnum):
    """The rule that turns gradients into steps."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    RMSPROP = "rmsprop"
    ADAM = "adam"


class Schedule(StrEnum):
    """How the learning rate changes from epoch to epoch."""

    CONSTANT = "constant"
    STEP = "step"
    EXPONENTIAL = "exponential"
    COSINE = "cosine"


class Hyperparameters(BaseModel):
    """One point of a search space, frozen. What a study leaves out has the default stated here.

    Raises
    ------
    pydantic.ValidationError
        A value outside its range, of another type, or a name that is no hyperparameter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    learning_rate: float = Field(default=1e-3, gt=0)
    """Step size at the start of training."""

    learning_rate_schedule: Schedule = Schedule.CONSTANT
    """How the learning rate changes over the epochs allowed."""

    optimizer: Optimizer = Optimizer.ADAM
    """The rule that turns gradients into steps."""

    momentum: float = Field(default=0.9, ge=0, lt=1)
    """Share of the last step kept; read by the optimizer `momentum` alone."""

    batch_size: int = Field(default=64, ge=1)
    """Examples in a mini-batch; a batch never exceeds the train set."""

    depth: int = Field(default=2, ge=1, le=MAX_DEPTH)
    """Number of hidden layers."""

    width: int = Field(default=64, ge=1, le=8192)
    """Units in each hidden layer that has no width of its own."""

    width_1: int | None = Field(default=None, ge=1, le=8192)
    """Units in hidden layer 1; `width` where left out. Likewise `width_2` to `width_8`."""

    width_2: int | None = Field(default=None, ge=1, le=8192)
    width_3: int | None = Field(default=None, ge=1, le=8192)
    width_4: int | None = Field(default=None, ge=1, le=8192)
    width_5: int | None = Field(default=None, ge=1, le=8192)
    width_6: int | None = Field(default=None, ge=1, le=8192)
    width_7: int | None = Field(default=None, ge=1, le=8192)
    width_8: int | None = Field(default=None, ge=1, le=8192)

    activation: Activation = Activation.RELU
    """The function applied to each hidden layer's pre-activations."""

    init_scheme: InitScheme = InitScheme.HE
    """How weights are drawn at the start."""

    init_deviation: float = Field(default=0.01, gt=0)
    """Standard deviation of the weights; read by the init scheme `normal` alone."""

    l1_lambda: float = Field(default=0.0, ge=0)
    """Strength of L1 regularization: adds (lambda / m) * sum |W|, m the number of train examples."""

    l2_lambda: float = Field(default=0.0, ge=0)
    """Strength of L2 regularization: adds (lambda / 2m) * sum W**2, m the number of train examples."""

    keep_prob: float = Field(default=1.0, gt=0, le=1)
    """Probability that a hidden unit is kept by inverted dropout; 1 is no dropout."""

    @property
    def layer_widths(self) -> tuple[int, ...]:
        """Units in each hidden layer, from the input on: `depth` numbers."""
        own: list[int | None] = [getattr(self, f"width_{layer}") for layer in range(1, self.depth + 1)]
        return tuple(width or self.width for width in own)

    @model_validator(mode="after")
    def _widths_belong_to_layers(self) -> Self:
        for layer in range(self.depth + 1, MAX_DEPTH + 1):
            if getattr(self, f"width_{layer}") is not None:
                raise ValueError(f"width_{layer} is given, but depth = {self.depth} has no layer {layer}")
        return self
