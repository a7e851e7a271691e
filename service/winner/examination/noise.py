"""What the winner's figures are held against: the noise floor of the known rows, and naming a constant."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.data.preparation.preparation import scaled_targets
from service.uncertainty.differences import paired_difference
from service.winner.examination.baseline_learners import MAJORITY_CLASS, MEAN
from service.winner.examination.candidate import Candidate
from service.winner.examination.figures import Figures
from service.winner.examination.selection import units_of_dev_sets
from service.winner.noise_floor.constant import BesideConstant
from service.winner.noise_floor.estimate import estimate_noise_floor, has_noise_floor
from service.winner.noise_floor.floor import NETWORK, ModelLevel, NoiseFloor
from workers.metrics.metric import Metric
from workers.train_dev_data import TrainDevData

_CONSTANT = (MAJORITY_CLASS, MEAN)


def examine_noise_floor(  # noqa: PLR0913 (the floor's inputs, each by its name)
    candidate: Candidate,
    metric: Metric,
    *,
    figures: Mapping[str, Mapping[str, Figures]],
    standard_errors: Mapping[str, float],
    flattery: float,
    fits_models: bool,
    seed: int,
) -> NoiseFloor | None:
    """Estimate the noise floor of rows from where train comes: by train-dev rows if any, else by dev rows.

    Parameters
    ----------
    candidate
        The winner.
    metric
        The study's metric.
    figures
        Of winner and baselines, by model and known set.
    standard_errors
        Of the winner's metric, by known set.
    flattery
        By how much choosing the winner on the dev set flatters it there.
    fits_models
        Whether other models are fitted for it.
    seed
        Source of what is drawn.
    """
    folds, units, name = _judged_by(candidate)
    error = standard_errors[name]
    badness = metric.badness(figures["winner"][name][metric]) + (max(flattery, 0.0) if name == "dev" else 0.0)
    known = [ModelLevel(model=NETWORK, figure=metric.badness(badness), standard_error=error)]
    known += [
        ModelLevel(model=constant, figure=figures[constant][name][metric], standard_error=error)
        for constant in _CONSTANT
        if constant in figures
    ]
    return estimate_noise_floor(metric, folds, known=known, units=units, fits_models=fits_models, seed=seed)


def _judged_by(candidate: Candidate) -> tuple[Sequence[TrainDevData], NDArray[np.intp] | None, str]:
    """Return train rows and rows to judge by, the latter's units, and the name of their set."""
    prepared, name = candidate.prepared, "train-dev"
    folds = prepared.trial_data.first_folds
    if name not in candidate.names_before_dev:
        return folds, units_of_dev_sets(prepared.split), "dev"
    first = prepared.first_choices
    of_train = prepared.known_sets[first][name]
    y = scaled_targets(of_train.y, prepared.preparations[first].target_scaling)
    return [replace(folds[0], X_dev=of_train.X, y_dev=y)], of_train.units, name


def beside_constant(
    candidate: Candidate,
    metric: Metric,
    *,
    figures: Mapping[str, Mapping[str, Figures]],
    standard_error: float,
    flattery: float,
) -> BesideConstant | None:
    """Put the winner beside the constant baseline on the dev set; None where a constant may excel.

    Parameters
    ----------
    candidate, metric, figures
        As for `examine_noise_floor`.
    standard_error
        Of the winner's metric on the dev set.
    flattery
        By how much choosing the winner there flatters it.
    """
    name = next((each for each in figures if each in _CONSTANT), None)
    if name is None or not has_noise_floor(metric):
        return None
    gain = metric.badness(figures[name]["dev"][metric]) - metric.badness(figures["winner"]["dev"][metric])
    interval = None
    if candidate.cross_validated is None:
        dev = candidate.known("dev")
        constant = next(model for model in candidate.baselines if model.name == name)
        interval = paired_difference(
            metric,
            candidate.predictions("dev"),
            constant.predict(dev.X_of_baselines),
            dev.y,
            rules=(candidate.rule, constant.rule),
            units=dev.units,
        ).interval
    return BesideConstant(
        constant=name,
        gain=gain,
        standard_error=standard_error if interval is None else interval.standard_error,
        flattery=max(flattery, 0.0),
    )
