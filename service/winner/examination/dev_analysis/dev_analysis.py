"""Where the winner errs on the dev set: all parts of the analysis, put together."""

import numpy as np

from service.winner.examination.candidate import Candidate
from service.winner.examination.dev_analysis.calibration import (
    calibrated_class,
    calibration_of_classes,
    calibration_of_numbers,
    confusion_of,
    residuals_of,
)
from service.winner.examination.dev_analysis.predicted_examples import (
    LOSS_OF,
    PredictedClasses,
    PredictedNumbers,
    losses_of_classes,
    losses_of_numbers,
    worst_of_classes,
    worst_of_numbers,
)
from service.winner.examination.dev_analysis.slices import by_class, by_columns, worst_slices
from service.winner.examination.dev_analysis.values import DevAnalysis, ExampleLoss
from workers.metrics.metric import Metric


def analyse_dev(
    candidate: Candidate, metric: Metric, *, with_cells: bool = True, seed: int
) -> DevAnalysis | None:
    """Tell where the winner errs on the dev set; None where folds take turns as dev set.

    Parameters
    ----------
    candidate
        The winner.
    metric
        The study's metric, which decides what an example costs.
    with_cells
        Whether the worst examples have their cells, or only their place in the file.
    seed
        Source of what is drawn.
    """
    prepared = candidate.prepared
    examples = prepared.dev_examples
    if examples is None:
        return None
    dev = candidate.known("dev")
    predictions = candidate.predictions("dev")[examples.positions]
    y = dev.y[examples.positions]
    units = None if dev.units is None else dev.units[examples.positions]
    names = prepared.split.class_names
    if names:
        labels = candidate.rule.labels(predictions)
        classes = PredictedClasses(examples, y.astype(np.int64), predictions, labels, names, units)
        found = _of_classes(classes, LOSS_OF[metric], target=prepared.target, n_dev=len(dev.y))
    else:
        numbers = PredictedNumbers(examples, y.astype(np.float64), predictions.astype(np.float64), units)
        found = _of_numbers(numbers, LOSS_OF[metric], seed=seed, n_dev=len(dev.y))
    return found if with_cells else _without_cells(found)


def _without_cells(found: DevAnalysis) -> DevAnalysis:
    bare = tuple(each.model_copy(update={"cells": {}}) for each in found.worst_examples)
    return found.model_copy(update={"worst_examples": bare})


def _of_classes(predicted: PredictedClasses, loss: ExampleLoss, *, target: str, n_dev: int) -> DevAnalysis:
    groupings = [by_class(predicted, target), *by_columns(predicted.examples.values)]
    slices = worst_slices(groupings, losses_of_classes(predicted, loss))
    of_class = calibrated_class(predicted)
    return DevAnalysis(
        n_examples=len(predicted.examples),
        n_dev=n_dev,
        confusion=confusion_of(predicted),
        residuals=None,
        calibration=calibration_of_classes(predicted),
        calibrated_class=None if of_class is None else predicted.class_names[of_class],
        loss=loss,
        n_slices=slices.n_looked_at,
        n_columns_left_out=predicted.examples.n_columns_left_out,
        slices=slices.worst,
        worst_examples=worst_of_classes(predicted),
    )


def _of_numbers(predicted: PredictedNumbers, loss: ExampleLoss, *, seed: int, n_dev: int) -> DevAnalysis:
    slices = worst_slices(list(by_columns(predicted.examples.values)), losses_of_numbers(predicted, loss))
    return DevAnalysis(
        n_examples=len(predicted.examples),
        n_dev=n_dev,
        confusion=None,
        residuals=residuals_of(predicted, seed=seed),
        calibration=calibration_of_numbers(predicted),
        calibrated_class=None,
        loss=loss,
        n_slices=slices.n_looked_at,
        n_columns_left_out=predicted.examples.n_columns_left_out,
        slices=slices.worst,
        worst_examples=worst_of_numbers(predicted),
    )
