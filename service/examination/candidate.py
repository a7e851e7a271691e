"""The winner, trained again for its weights, beside the baselines: all that sit the test set."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial
from threadpoolctl import threadpool_limits

from search_spaces.hyperparameters import Hyperparameters
from service.errors import ProctorError
from service.examination.baselines import Baseline, fit_baselines
from service.examination.figures import Figures, figures
from service.examination.intervals import standard_error
from service.models.trained_network import TrainedNetwork
from service.preparation.normalization import Normalization
from service.seal.splits import Split
from service.search.trial_lifecycle import MAX_RUNS
from service.tables.examples import Examples
from workers.messages import EpochMetrics, TrialEnded, TrialLost, TrialRequest
from workers.metrics import Metric
from workers.pool import WorkerPool

MOST_EXAMPLES_RESAMPLED = 10_000
"""Of more examples so many are drawn for a standard error: it needs no more digits."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The winner as it sits the test set, and the baselines that sit it too.

    Attributes
    ----------
    trial
        The winning trial's number.
    hyperparameters, parameters
        Its network.
    split, normalization
        The study's data, its test set sealed.
    baselines
        Fitted on the train set.
    is_reproduced
        Whether training it again gave the very figures that it won with; another kind of processor or
        another version of NumPy may round differently.
    """

    trial: int
    hyperparameters: Hyperparameters
    parameters: NDArray[np.float32]
    split: Split
    normalization: Normalization
    baselines: tuple[Baseline, ...]
    is_reproduced: bool

    @property
    def network(self) -> TrainedNetwork:
        """What predicts."""
        return TrainedNetwork(
            task=self.split.task,
            n_outputs=len(self.split.class_names) or 1,
            hyperparameters=self.hyperparameters,
            parameters=self.parameters,
            normalization=self.normalization,
        )

    def predict(self, examples: Examples) -> NDArray[np.floating]:
        """Return class probabilities (n_examples, n_classes), or numbers in the target's unit."""
        return self.network.predict(examples.X)

    def own_figures(self, examples: Examples) -> Figures:
        """Judge the winner on some examples."""
        return figures(self.predict(examples), examples.y, task=self.split.task)

    def figures(self, examples: Examples) -> dict[str, Figures]:
        """Judge the winner and the baselines on some examples."""
        own = self.own_figures(examples)
        with threadpool_limits(1):
            return {"winner": own} | {model.name: model.figures(examples) for model in self.baselines}


def make_candidate(
    winner: FrozenTrial,
    request: TrialRequest,
    *,
    split: Split,
    normalization: Normalization,
    pool: WorkerPool,
) -> Candidate:
    """Train the winner again, for its weights, and fit the baselines.

    Parameters
    ----------
    winner
        The trial, from storage.
    request
        The same trial as a request: without thresholds, with `keep_parameters`.
    split, normalization
        The study's data.
    pool
        Who trains it.

    Raises
    ------
    ProctorError
        When it cannot be trained to its end.
    """
    ended = _run(request, pool)
    if ended.parameters is None:
        raise ProctorError(f"trial {request.number} won, but could not be trained again: {ended.reason}")
    return Candidate(
        trial=request.number,
        hyperparameters=request.hyperparameters,
        parameters=ended.parameters,
        split=split,
        normalization=normalization,
        baselines=fit_baselines(split, normalization),
        is_reproduced=_dev_figures(ended.curve) == _stored_dev_figures(winner),
    )


def _run(request: TrialRequest, pool: WorkerPool) -> TrialEnded:
    for _ in range(MAX_RUNS):
        pool.submit(request)
        while True:
            over = [event for event in pool.events(0.2) if isinstance(event, TrialEnded | TrialLost)]
            if over and isinstance(over[0], TrialEnded):
                return over[0]
            if over:
                break
    raise ProctorError(
        f"trial {request.number} won, but its worker died {MAX_RUNS} times as it trained again"
    )


def _dev_figures(curve: Sequence[EpochMetrics]) -> list[tuple[float, float]]:
    return [(epoch.dev_metric, epoch.dev_watched) for epoch in curve]


def _stored_dev_figures(winner: FrozenTrial) -> list[tuple[float, float]]:
    watched = [value for _, value in sorted(winner.intermediate_values.items())]
    return list(zip(winner.user_attrs["learning_curve"]["dev_metric"], watched, strict=True))


def train_and_dev_figures(candidate: Candidate) -> dict[str, dict[str, Figures]]:
    """Return the figures of winner and baselines on train and dev set, by model and set."""
    train, dev = candidate.figures(candidate.split.train), candidate.figures(candidate.split.dev)
    return {model: {"train": train[model], "dev": dev[model]} for model in train}


def standard_errors(
    candidate: Candidate, metric: Metric, *, seed: int, most_drawn: int = MOST_EXAMPLES_RESAMPLED
) -> dict[str, float]:
    """Return the standard error of the winner's metric on train and dev set, by set.

    Of a set above `most_drawn` examples as many are drawn, and their standard error is scaled to the set's
    size by the square root of the ratio.

    Parameters
    ----------
    candidate
        The winner.
    metric
        The study's metric.
    seed
        Source of what is drawn.
    most_drawn
        Most examples to measure.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"standard errors")]))
    found = {}
    for name, examples in (("train", candidate.split.train), ("dev", candidate.split.dev)):
        n = len(examples.y)
        n_drawn = min(n, most_drawn)
        rows = np.arange(n) if n_drawn == n else np.sort(rng.choice(n, n_drawn, replace=False))
        drawn = Examples(examples.X[rows], examples.y[rows], examples.rows[rows])
        of_drawn = standard_error(metric, candidate.predict(drawn), drawn.y, seed=seed)
        found[name] = of_drawn * sqrt(n_drawn / n)
    return found
