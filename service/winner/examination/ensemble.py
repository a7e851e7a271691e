"""The winner as a weighted average of the best models, selected greedily by their kept dev predictions.

By how much its dev figure flatters is estimated from the examples that single selections left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.study.search.trial_records import standard_error_of_mean
from service.uncertainty.units import UnitRows
from service.winner.examination.figures import Figures, figures
from service.winner.examination.selection import SelectionBootstrap, joint_judge, resamples
from service.winner.models.trained_model import average
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

N_STEPS = 10
"""Models that are taken into an average at most on one resample; one that is taken again counts again."""

MOST_TRAININGS, MOST_MODELS = 10, 30
"""Most trainings, and most models, that are averaged: predicting takes so many times as long.

Over folds a training is as many models. Two trainings may be averaged however many folds there are.
"""

_N_REPEATS, _FEWEST_REPEATS = 50, 10
"""Resamples of the dev set: what they add by chance is small beside the dev set's own."""

_NUMBERS_AT_MOST = 200_000_000
"""Predictions that are selected by, over all resamples: of a large dev set there are fewer resamples."""

_SHARES = 100
"""What weights add up to, but for rounding."""


class EnsembleMember(BaseModel):
    """A training whose model is averaged."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trial: int
    """Its number."""

    confirms: int | None
    """The trial that it repeats with another seed; None where it is one that was searched."""

    weight: int
    """By how much it counts in the average; all weights add up to about 100."""


class MeasuredEnsemble(BaseModel):
    """What is averaged, and what the winner's own model reached, which is not shipped then."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    members: tuple[EnsembleMember, ...]
    """Trainings whose models are averaged, the one that counts most first."""

    n_candidates: int
    """Trainings that they were selected among."""

    single: dict[str, Figures]
    """Figures of the winner's own model, by known set."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """What may be averaged, as it predicted the dev set.

    Attributes
    ----------
    metric
        What is selected by.
    predictions
        By the number of a training, in the target's unit: (n_dev, n_outputs); over folds one's dev set after
        the other's.
    y
        The dev set's classes (n_dev,), or numbers (n_dev, n_targets).
    rule
        Decides labels.
    units
        Numbers that examples share which came as one (n_dev,); None where each came by itself.
    seed
        Source of resamples.
    fold_sizes
        Examples of each dev set, one alone unless several take turns.
    """

    metric: Metric
    predictions: Mapping[int, NDArray[np.floating]]
    y: NDArray[Any]
    rule: DecisionRule
    units: NDArray[np.intp] | None
    seed: int
    fold_sizes: tuple[int, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of all trainings, in their order."""
        return tuple(self.predictions)

    def fold_figures(self, weights: Mapping[int, int]) -> tuple[Figures, ...]:
        """Judge an average on each dev set that took turns, or on the one."""
        cuts = np.cumsum(self.fold_sizes)[:-1]
        parts = zip(np.split(self.averaged(weights), cuts), np.split(self.y, cuts), strict=True)
        return tuple(figures(found, y, task=self.metric.task, rule=self.rule) for found, y in parts)

    def averaged(self, weights: Mapping[int, int]) -> NDArray[np.floating]:
        """Return what an average predicted for the dev set."""
        return average([self.predictions[number] for number in weights], list(weights.values()))


@dataclass(frozen=True, slots=True)
class SelectedEnsemble:
    """What was selected of a library, and what that showed.

    Attributes
    ----------
    weights
        By the number of a training, the greatest first.
    bootstrap
        By how much its dev figure flatters.
    n_candidates
        Trainings that there were.
    fold_figures
        Of the average on each dev set that took turns, one alone where there is one: each example is
        predicted by models that were not trained on it.
    standard_error
        Of the study's metric, by how the dev sets differ; None where there is one.
    """

    weights: Mapping[int, int]
    bootstrap: SelectionBootstrap
    n_candidates: int
    fold_figures: tuple[Figures, ...]
    standard_error: float | None


def select_ensemble(library: Library, *, n_most: int = MOST_TRAININGS) -> SelectedEnsemble | None:
    """Select an average, and estimate by how much its dev figure flatters.

    Forward selection with replacement on each of many resamples of the dev set: it begins with the model that
    is best on the drawn examples, and takes, step by step, the one with which the average is best there. Of
    all steps' averages the best one is kept. Ties are broken by the dev loss, as elsewhere. The average that
    is returned is that of all resamples' averages: selecting once, on the dev set itself, fits a small dev
    set so closely that nothing is left of the gain. Of these trainings the `n_most` that count most are kept.

    Each example is predicted by the selections too that it was not drawn for, about 37 % of them. Their mean
    is an average of the same kind that was not selected on the example: its figure is what is to be expected
    on new examples. That the library is of the trials that were best on all examples, each in
    its best epoch, is no part of the estimate, nor is it of that for a single winner.

    Parameters
    ----------
    library
        What may be averaged.
    n_most
        Trainings whose models are averaged at most.

    Returns
    -------
    SelectedEnsemble or None
        None where there is nothing to average: there is one model alone, or one unit of examples, of which
        none is ever left out.

    References
    ----------
    Caruana, R., Niculescu-Mizil, A., Crew, G. and Ksikes, A. (2004). Ensemble selection from libraries of
    models. Proceedings of the 21st International Conference on Machine Learning, section 2.3 (bagging).

    Breiman, L. (1996). Out-of-bag estimation. Technical report, University of California, Berkeley.
    """
    units = UnitRows(library.units, len(library.y))
    if len(library.numbers) < 2 or len(units) < 2:
        return None
    stack = _Stack(library)
    metric, rows = library.metric, np.arange(len(library.y))
    n_repeats = max(_FEWEST_REPEATS, min(_N_REPEATS, _NUMBERS_AT_MOST // stack.predictions.size))
    parts = list(resamples(units, seed=library.seed, n_repeats=n_repeats))
    shares = np.array([stack.shares(drawn) for drawn, _ in parts])
    outside = stack.left_out_predictions(parts, shares)
    badness = np.array([stack.badness(outside[np.newaxis, left_out], left_out)[0] for _, left_out in parts])
    weights = _weights(library.numbers, shares.mean(axis=0), n_most=n_most)
    fold_figures = library.fold_figures(weights)
    best = float(stack.badness(library.averaged(weights)[np.newaxis], rows)[0])
    size = float(badness.mean() - best)
    return SelectedEnsemble(
        weights=weights,
        bootstrap=SelectionBootstrap(
            n_trials=len(library.numbers),
            n_repeats=n_repeats,
            size=size,
            standard_error=float(badness.std()) / sqrt(n_repeats),
            without=metric.badness(best + size),
        ),
        n_candidates=len(library.numbers),
        fold_figures=fold_figures,
        standard_error=standard_error_of_mean([each[metric] for each in fold_figures])
        if len(fold_figures) > 1
        else None,
    )


def _weights(numbers: Sequence[int], shares: NDArray[np.float64], *, n_most: int) -> dict[int, int]:
    """Return whole weights of the greatest shares, the greatest first; of equal ones the earlier is."""
    order = [int(place) for place in np.argsort(-shares, kind="stable")[:n_most] if shares[place] > 0]
    kept = shares[order] / shares[order].sum()
    whole = np.rint(_SHARES * kept).astype(np.int64)
    return {numbers[place]: weight for place, weight in zip(order, whole.tolist(), strict=True) if weight}


class _Stack:
    """A library in one array, and the selection on some of its rows."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.predictions = np.stack(list(library.predictions.values()))
        self._loss = Metric.RMSE if library.metric.task is Task.REGRESSION else Metric.LOG_LOSS

    def badness(
        self, predictions: NDArray[np.floating], rows: NDArray[np.intp], metric: Metric | None = None
    ) -> NDArray[np.float64]:
        """Return the badness of several models' predictions for these rows (n_models,), by what selects.

        Parameters
        ----------
        predictions
            Of each model (n_models, n_rows, n_outputs).
        rows
            Positions in the dev set (n_rows,).
        metric
            Another than the library's.
        """
        library = self._library
        judge = joint_judge(metric or library.metric, predictions, library.y[rows], rule=library.rule)
        return judge(np.arange(len(rows)))

    def left_out_predictions(
        self, parts: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]], shares: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Predict each example by the mean of the averages that were not selected on it.

        Parameters
        ----------
        parts
            The resamples' rows, drawn and left out.
        shares
            What each resample's average is made of (n_resamples, n_trainings).
        """
        n_averages = np.zeros(len(self._library.y))
        total = np.zeros((len(self._library.numbers), len(self._library.y)))
        for (_, left_out), share in zip(parts, shares, strict=True):
            n_averages[left_out] += 1
            total[:, left_out] += share[:, np.newaxis]
        of_row = total / np.maximum(n_averages, 1)
        predicted = np.zeros(self.predictions.shape[1:])
        for each, share in zip(self.predictions, of_row, strict=True):
            predicted += each.astype(np.float64) * share[:, np.newaxis]
        return predicted

    def shares(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Select an average by these rows; return each training's share in it (n_trainings,)."""
        P = self.predictions[:, rows].astype(np.float64)
        taken: list[int] = []
        total = np.zeros(P.shape[1:])
        found: list[tuple[float, float, int]] = []
        while len(taken) < N_STEPS:
            averages = (total + P) / (len(taken) + 1)
            badness = self.badness(averages, rows)
            best = np.flatnonzero(badness == badness.min())
            losses = self.badness(averages[best], rows, self._loss)
            place = int(np.argmin(losses))
            taken.append(int(best[place]))
            total += P[taken[-1]]
            found.append((float(badness.min()), float(losses[place]), len(taken)))
        n_kept = min(found)[2]
        return np.bincount(taken[:n_kept], minlength=len(P)) / n_kept
