"""One validated point of a search space of networks: everything that network and training are made from."""

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, model_validator

from search_spaces.input_choices import (
    DateEncoding,
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
)
from search_spaces.point import Point

MAX_DEPTH = 8
"""The most hidden layers a network may have."""


class InitScheme(StrEnum):
    """How large weights are at the start."""

    AUTO = "auto"
    HE = "he"
    XAVIER = "xavier"
    XAVIER_IN = "xavier_in"
    LECUN = "lecun"
    NORMAL = "normal"
    ZEROS = "zeros"
    DATA = "data"


class BiasInit(StrEnum):
    """Where biases start."""

    ZEROS = "zeros"
    DATA = "data"


class InitDistribution(StrEnum):
    """What weights are drawn from at the start; the init scheme gives its deviation."""

    NORMAL = "normal"
    UNIFORM = "uniform"


class Activation(StrEnum):
    """The function applied to each hidden layer's pre-activations."""

    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    TANH = "tanh"
    SIGMOID = "sigmoid"
    GELU = "gelu"
    SELU = "selu"
    MISH = "mish"


class LossName(StrEnum):
    """What training minimizes, before regularization."""

    AUTO = "auto"
    CROSS_ENTROPY = "cross_entropy"
    BINARY = "binary"
    SQUARED_ERROR = "squared_error"
    HUBER = "huber"


class Optimizer(StrEnum):
    """The rule that turns gradients into steps."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"
    ADAMW = "adamw"


class Schedule(StrEnum):
    """How the learning rate changes from step to step."""

    CONSTANT = "constant"
    STEP = "step"
    EXPONENTIAL = "exponential"
    COSINE = "cosine"
    LOG_COSINE = "log_cosine"


class RegularizationSchedule(StrEnum):
    """How dropout and weight decay change from step to step."""

    CONSTANT = "constant"
    FLAT_COSINE = "flat_cosine"


class LayerRates(StrEnum):
    """How fast the weights of layers that read few units learn beside those of layers that read many."""

    EQUAL = "equal"
    FAN_IN = "fan_in"


class L1Step(StrEnum):
    """How L1 regularization acts: by exact zeros, or through the gradient."""

    PROXIMAL = "proximal"
    SUBGRADIENT = "subgradient"


class Switch(StrEnum):
    """Whether a part of the network is there."""

    OFF = "off"
    ON = "on"


class NumericEmbedding(StrEnum):
    """What the first layer reads of a number beside the number itself."""

    OFF = "off"
    PERIODIC = "periodic"


class Flip(StrEnum):
    """Which mirror images augmentation makes."""

    OFF = "off"
    HORIZONTAL = "horizontal"


class NetworkPoint(Point):
    """One point of a search space of networks, frozen. What a study leaves out has the default stated here.

    Raises
    ------
    pydantic.ValidationError
        A value outside its range, of another type, or a name that is no hyperparameter.
    """

    kind: ClassVar[str] = "network"

    learning_rate: float = Field(default=1e-3, gt=0)
    """Step size that the schedule starts from."""

    learning_rate_schedule: Schedule = Schedule.CONSTANT
    """How the learning rate changes over the epochs allowed."""

    warmup_fraction: float = Field(default=0.0, ge=0, lt=1)
    """Share of the epochs allowed over which the learning rate first rises from 0 to the schedule's."""

    layer_rates: LayerRates = LayerRates.EQUAL
    """Whether weights learn at one rate, or at one that falls with the units that their layer reads."""

    bias_rate: float = Field(default=1.0, gt=0)
    """How much faster biases learn than weights, as a factor of the learning rate."""

    feature_scale_rate: float = Field(default=1.0, gt=0)
    """How much faster features' scales learn than weights, as a factor of the learning rate."""

    optimizer: Optimizer = Optimizer.ADAM
    """The rule that turns gradients into steps."""

    momentum: float = Field(default=0.9, ge=0, lt=1)
    """Share of the last step kept; read by the optimizers `momentum` and `nesterov`."""

    squares_decay: float = Field(default=0.9, ge=0, lt=1)
    """Share of the running mean of squared gradients kept in a step; read by the optimizer `rmsprop`."""

    beta_1: float = Field(default=0.9, ge=0, lt=1)
    """Share of the running mean of gradients kept in a step; read by `adam` and `adamw`."""

    beta_2: float = Field(default=0.999, ge=0, lt=1)
    """Share of the running mean of squared gradients kept in a step; read by `adam` and `adamw`."""

    weight_decay: float = Field(default=0.0, ge=0)
    """Share of every weight, times the learning rate, taken off in a step; read by `adamw`."""

    clip_norm: float | None = Field(default=None, gt=0)
    """Longest gradient that is used; a longer one is scaled down to it. By default there is no limit."""

    batch_size: int = Field(default=64, ge=1)
    """Examples in a mini-batch; a batch never exceeds the train set."""

    depth: int = Field(default=2, ge=1, le=MAX_DEPTH)
    """Number of hidden layers."""

    width: int = Field(default=64, ge=1, le=8192)
    """Units in each hidden layer that has no width of its own."""

    width_1: int | None = Field(default=None, ge=1, le=8192)
    """Units in hidden layer 1; by default `width`. Likewise `width_2` to `width_8`."""

    width_2: int | None = Field(default=None, ge=1, le=8192)
    width_3: int | None = Field(default=None, ge=1, le=8192)
    width_4: int | None = Field(default=None, ge=1, le=8192)
    width_5: int | None = Field(default=None, ge=1, le=8192)
    width_6: int | None = Field(default=None, ge=1, le=8192)
    width_7: int | None = Field(default=None, ge=1, le=8192)
    width_8: int | None = Field(default=None, ge=1, le=8192)

    activation: Activation = Activation.RELU
    """The function applied to each hidden layer's pre-activations."""

    leaky_slope: float = Field(default=0.01, ge=0, lt=1)
    """Slope below 0; read by the activation `leaky_relu`."""

    activation_mix: Switch = Switch.OFF
    """Whether each hidden unit learns a share of its activation; the rest is its pre-activation as it is."""

    activation_mix_rate: float = Field(default=1.0, gt=0)
    """How much faster these shares learn than weights, as a factor of the learning rate."""

    init_scheme: InitScheme = InitScheme.AUTO
    """How large weights are at the start; `auto` fits the activation, `data` the train set."""

    init_distribution: InitDistribution = InitDistribution.NORMAL
    """What weights are drawn from at the start; read by every init scheme but `normal` and `zeros`."""

    init_deviation: float = Field(default=0.01, gt=0)
    """Standard deviation of the weights; read by the init scheme `normal` alone."""

    bias_init: BiasInit = BiasInit.ZEROS
    """Where biases start: at 0, or so that each unit's activation bends somewhere among train examples."""

    batch_normalization: Switch = Switch.OFF
    """Whether each hidden unit's pre-activations are standardised over the mini-batch, of 2 at least."""

    feature_scale: Switch = Switch.OFF
    """Whether each input of the first layer, features and their embeddings, has a learned scale."""

    numeric_embedding: NumericEmbedding = NumericEmbedding.OFF
    """What is read beside each number; with `periodic` it is 3 learned combinations of 16 cosines of it."""

    embedding_rate: float = Field(default=1.0, gt=0)
    """How much faster embeddings learn than weights, as a factor of the learning rate."""

    embedding_frequency: float = Field(default=0.1, gt=0)
    """Deviation of the cosines' frequencies at the start, in cycles over a deviation of the number."""

    loss: LossName = LossName.AUTO
    """What training minimizes; `auto`: softmax cross-entropy for classes, the squared error for numbers."""

    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    """Share of each class target that is spread over all classes, by their shares of the train set."""

    class_balance: float = Field(default=0.0, ge=0, le=1)
    """How much more rare classes count in training: an example by (1 / its class's share) to this power."""

    huber_delta: float = Field(default=1.0, gt=0)
    """Residual, in deviations of the target, from which the loss `huber` grows linearly."""

    clip_predictions: Switch = Switch.OFF
    """Whether predictions are kept within the range of the train set's targets."""

    l1_lambda: float = Field(default=0.0, ge=0)
    """Strength of L1 regularization: adds (lambda / m) * sum |W|, m the number of train examples."""

    l1_step: L1Step = L1Step.PROXIMAL
    """How L1 acts: `proximal` makes weights exactly 0, `subgradient` adds to the gradient."""

    l2_lambda: float = Field(default=0.0, ge=0)
    """Strength of L2 regularization: adds (lambda / 2m) * sum W**2, m the number of train examples."""

    keep_prob: float = Field(default=1.0, gt=0, le=1)
    """Probability that a hidden unit is kept by inverted dropout; 1 is no dropout."""

    input_keep_prob: float = Field(default=1.0, gt=0, le=1)
    """Probability that a feature of an example is kept by inverted dropout; 1 is no dropout."""

    regularization_schedule: RegularizationSchedule = RegularizationSchedule.CONSTANT
    """Whether dropout and `weight_decay` fall to nothing over the second half of the epochs allowed."""

    max_norm: float | None = Field(default=None, gt=0)
    """Longest vector of weights into a hidden unit; a longer one is scaled down. No limit by default."""

    noise_deviation: float = Field(default=0.0, ge=0)
    """Augmentation: deviation of normal noise added to each feature, in deviations of the feature."""

    mixup_alpha: float = Field(default=0.0, ge=0)
    """Augmentation: examples are mixed in pairs, by a share drawn from Beta(alpha, alpha); 0 mixes none."""

    shift_fraction: float = Field(default=0.0, ge=0, lt=1)
    """Augmentation of images: the largest shift either way, as a share of height and width."""

    rotation_degrees: float = Field(default=0.0, ge=0, le=180)
    """Augmentation of images: the largest rotation either way (degrees)."""

    zoom_fraction: float = Field(default=0.0, ge=0, lt=1)
    """Augmentation of images: the largest change of size either way."""

    crop_fraction: float = Field(default=0.0, ge=0, lt=1)
    """Augmentation of images: the largest share of height and width cut away, the rest enlarged."""

    flip: Flip = Flip.OFF
    """Augmentation of images: `horizontal` mirrors every second one, left to right."""

    numeric_scaling: NumericScaling = NumericScaling.STANDARD
    """Scale of numeric columns: deviations from the mean, quartile ranges from the median, or ranks."""

    numeric_encoding: NumericEncoding = NumericEncoding.PLAIN
    """Inputs of a numeric column: its scaled value, or how far it has come through each of its bins."""

    high_cardinality_encoding: HighCardinalityEncoding = HighCardinalityEncoding.HASHING
    """Inputs of a column with too many categories for one each: a hash, or the target's mean by category."""

    date_encoding: DateEncoding = DateEncoding.PLAIN
    """Inputs of a date: season, weekday and hour as circles; finer shapes of these; or those and each day."""

    @property
    def input_choices(self) -> InputChoices:
        """The values that decide which inputs are made from a table's columns, and which targets."""
        return InputChoices(
            self.numeric_scaling,
            self.numeric_encoding,
            self.high_cardinality_encoding,
            self.date_encoding,
            target_scale=self.target_scale,
        )

    @property
    def layer_widths(self) -> tuple[int, ...]:
        """Units in each hidden layer, from the input on: `depth` numbers."""
        own: list[int | None] = [getattr(self, f"width_{layer}") for layer in range(1, self.depth + 1)]
        return tuple(width or self.width for width in own)

    @model_validator(mode="after")
    def _batches_have_a_spread(self) -> Self:
        if self.batch_normalization is Switch.ON and self.batch_size == 1:
            raise ValueError("batch_normalization needs a batch_size of 2 or more, got batch_size = 1")
        return self

    @model_validator(mode="after")
    def _widths_belong_to_layers(self) -> Self:
        for layer in range(self.depth + 1, MAX_DEPTH + 1):
            if getattr(self, f"width_{layer}") is not None:
                raise ValueError(f"width_{layer} is given, but depth = {self.depth} has no layer {layer}")
        return self
