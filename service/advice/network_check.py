"""The checks that the course notes tell a person to make, on their own data and network, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from search_spaces.kinds import SPACES
from search_spaces.nearest_word import nearest_word
from search_spaces.network.point import MAX_DEPTH, InitScheme, NetworkPoint
from search_spaces.presets import preset_names
from service.configuration.model_config import DEFAULT_KIND
from service.configuration.study_config import StudyConfig
from service.configuration.study_file import read_study_file, study_from_flags
from service.data.preparation.prepared_data import prepare_data
from service.data.preparation.space_fit import check_space_fits
from service.errors import BadInputError
from service.tables.table import BUILT_IN_TABLES
from workers.network.descent_checks import ByHeart, Descent, descend, learn_by_heart
from workers.network.gradient_check import Batch, Cost, Verdict, gradient_ratio, verdict_on
from workers.network.initialization import draw_weights
from workers.network.losses import make_loss
from workers.network.spread_check import Spreads, measure_spreads
from workers.train_dev_data import Task, TrainDevData

N_GRADIENT_EXAMPLES = 20
"""Train examples for the gradient check."""

MOST_COORDINATES = 1000
"""Parameters that are moved, one at a time; of larger networks a random choice."""

NEAREST_KINK = 1e-5
"""How near anything may lie to a kink: a hundred times as far as a parameter is moved."""

MOST_DRAWS = 100
"""Points that are drawn in search of one away from kinks."""

BAD_INITS: Mapping[str, Mapping[str, object]] = {
    "normal 0.01": {"init_scheme": InitScheme.NORMAL, "init_deviation": 0.01},
    "normal 1": {"init_scheme": InitScheme.NORMAL, "init_deviation": 1.0},
    "zeros": {"init_scheme": InitScheme.ZEROS},
}
"""The course notes' bad examples, for comparison."""


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """What a gradient check gave.

    Attributes
    ----------
    ratio
        |d_approx - d| / (|d_approx| + |d|).
    n_checked, n_parameters
        Parameters that were moved, and all there are.
    """

    ratio: float
    n_checked: int
    n_parameters: int

    @property
    def verdict(self) -> Verdict:
        """Right, look again, or wrong."""
        return verdict_on(self.ratio)


@dataclass(frozen=True, slots=True)
class TrainingCheck:
    """All checks of one network.

    Attributes
    ----------
    layers
        Units of each layer, from the features to the outputs.
    hyperparameters
        The network and its training.
    gradient, descent, by_heart, spreads
        The four checks.
    pictures
        Spreads in a network as deep as one may be, by init: the network's own first, then the bad ones.
    """

    layers: tuple[int, ...]
    hyperparameters: NetworkPoint
    gradient: GradientCheck
    descent: Descent
    by_heart: ByHeart
    spreads: Spreads
    pictures: Mapping[str, Spreads]

    @property
    def verdicts(self) -> tuple[Verdict, Verdict, Verdict, Verdict]:
        """Of gradient, descent, learning by heart and spreads.

        Spreads that are not kept deserve another look, and are no fault: a network may learn all the same.
        """
        return (
            self.gradient.verdict,
            Verdict.RIGHT if self.descent.falls else Verdict.WRONG,
            Verdict.RIGHT if self.by_heart.is_learned else Verdict.WRONG,
            Verdict.RIGHT if self.spreads.are_kept else Verdict.LOOK_AGAIN,
        )

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return Verdict.WRONG not in self.verdicts


def check_training(data: TrainDevData, hyperparameters: NetworkPoint, *, seed: int) -> TrainingCheck:
    """Check a network's training on a train set; the dev set is not looked at.

    Parameters
    ----------
    data
        Train and dev set.
    hyperparameters
        The point to check.
    seed
        Source of weights, orders and the choice of parameters.

    Raises
    ------
    ValueError
        The point cannot be trained on these data: its loss is for another task, or the features are no image.
    """
    deepest = hyperparameters.model_copy(update={"depth": MAX_DEPTH})
    own = str(hyperparameters.init_scheme)
    loss = make_loss(hyperparameters, task=data.task, n_outputs=data.n_outputs)
    points = {own: deepest} | {name: deepest.model_copy(update=init) for name, init in BAD_INITS.items()}
    # One thread, as in a worker: more slow down products so small. The checks report overflows.
    with threadpool_limits(1, "blas"), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return TrainingCheck(
            layers=(data.X_train.shape[1], *hyperparameters.layer_widths, loss.n_units),
            hyperparameters=hyperparameters,
            gradient=_check_gradient(data, hyperparameters, seed=seed),
            descent=descend(data, hyperparameters, seed=seed),
            by_heart=learn_by_heart(data, hyperparameters, seed=seed),
            spreads=measure_spreads(data, hyperparameters, seed=seed),
            pictures={name: measure_spreads(data, point, seed=seed) for name, point in points.items()},
        )


def _check_gradient(data: TrainDevData, point: NetworkPoint, *, seed: int) -> GradientCheck:
    """Check at a point drawn as training starts, but with an init that fits and biases that are not 0."""
    X, y = data.X_train[:N_GRADIENT_EXAMPLES], data.y_train[:N_GRADIENT_EXAMPLES]
    batch = Batch(
        X.astype(np.float64),
        y if data.task is Task.CLASSIFICATION else y.astype(np.float64),
        data.task,
        data.n_outputs,
        len(data.X_train),
        data.class_counts,
        data.numeric_features,
    )
    cost = Cost(point, batch)
    fitting = point.model_copy(update={"init_scheme": InitScheme.AUTO})
    rng = np.random.default_rng(seed)
    start = cost.parameters.copy()
    for _ in range(MOST_DRAWS):
        np.copyto(cost.parameters, start + rng.normal(0, 0.1, len(start)))
        draw_weights(cost.weights, fitting, rng=rng)
        if cost.distance_to_kink() > NEAREST_KINK:
            break
    n_parameters = len(cost.parameters)
    n_checked = min(n_parameters, MOST_COORDINATES)
    coordinates = np.sort(rng.choice(n_parameters, n_checked, replace=False))
    return GradientCheck(gradient_ratio(cost, coordinates=coordinates), n_checked, n_parameters)


TABLE_FOR_SPACES = "digits"
"""What a search space is checked on that is named without a table."""


def checked_config(source: str, overrides: Mapping[str, object]) -> StudyConfig:
    """Return the study that a word on the command line stands for.

    Parameters
    ----------
    source
        A study file, the name of a built-in search space, or a table.
    overrides
        Flags, by the study file's keys.

    Raises
    ------
    BadInputError
        The study file cannot be read, or it or a flag says what no study can be.
    """
    if source.endswith(".toml"):
        return read_study_file(Path(source), dict(overrides))[0]
    space_type = SPACES.get(str(overrides.get("model.kind", DEFAULT_KIND)))
    names = () if space_type is None else preset_names(space_type)  # no kind: what makes the study refuses it
    if source in names:
        if "space" in overrides:
            raise BadInputError(f"expected one space, got two: {source} and --space {overrides['space']}")
        return study_from_flags({"data.table": TABLE_FOR_SPACES, "space": source, **overrides})[0]
    nearest = nearest_word(source, (*names, *BUILT_IN_TABLES))
    if nearest and not Path(source).exists() and source not in BUILT_IN_TABLES:
        raise BadInputError(
            f"expected a table, a study file or a built-in search space, got {source!r};"
            f" did you mean {nearest}?"
        )
    return study_from_flags({"data.table": source, **overrides})[0]


def check_study(config: StudyConfig) -> TrainingCheck:
    """Check the training of a study's first point on its train set; nothing is written.

    Raises
    ------
    BadInputError
        It is no study of networks, there is no such table, or a point cannot be trained on it.
    """
    if config.model.kind != NetworkPoint.kind:
        raise BadInputError(
            f"--model: expected network, which has a gradient to check, got {config.model.kind}"
        )
    prepared = prepare_data(config)
    check_space_fits(config.space, prepared.train_dev)
    space = prepared.resolved(config).space
    point = NetworkPoint.of(space.point(space.default_values()))
    first, *_ = prepared.trial_data.folds(point)
    return check_training(first, point, seed=config.seed)
