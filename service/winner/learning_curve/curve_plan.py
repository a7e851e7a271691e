"""The trainings that a learning curve is measured by: of whom, with which data, and what is asked of a pool.

It is the curve of the winner of a study that has ended, as its trials were trained.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search_spaces.point import Point
from service.data.preparation.prepared_data import KnownInputs
from service.errors import BadInputError, ProctorError
from service.seal.assignment import Fold
from service.study.search.seeds import learning_curve_seed
from service.study.search.winner import winner_of
from service.study.storage.stored_study import StoredStudy
from service.winner.learning_curve.learning_curve import LeftOut
from workers.messages import TrainingRules, TrialRequest
from workers.train_dev_data import Task, TrainDevData
from workers.trial_data import TrialData


@dataclass(frozen=True, slots=True)
class Learner:
    """What is trained on parts of the train set.

    Attributes
    ----------
    trial
        The winner's number.
    point
        Its hyperparameters.
    rules
        Those of the study's trials.
    """

    trial: int
    point: Point
    rules: TrainingRules


def learner_of(study: StoredStudy) -> Learner:
    """Return a study's winner.

    Raises
    ------
    BadInputError
        There is none, or the study has folds: each has a train set of its own, and the winner was chosen by
        what all of them showed, so that no curve ends at its figure.
    """
    name, config = study.config.name, study.config
    if config.split.folds > 1:
        raise BadInputError(
            f"a learning curve needs a single dev set, got {config.split.folds} folds in study {name!r}:"
            " run the same table without --folds"
        )
    try:
        winner = winner_of(study.trials, study.metric)
    except ProctorError as error:
        raise BadInputError(f"study {name!r} has no learning curve: {error}") from error
    return Learner(winner.number, config.space.point(winner.params), config.training_rules)


def drawn_order(
    n_examples: int,
    *,
    labels: NDArray[np.integer] | None,
    groups: NDArray[np.intp] | None,
    seed: int,
) -> NDArray[np.intp]:
    """Return an order of the train examples; each part is a beginning of that order, so parts are nested.

    In classification the classes have about the shares in each part that they have among all, and each has an
    example before any has its second. With groups, whole groups follow
    each other, the classes as they come: of more data there would be more groups, not more of each. Rows
    with times are drawn from the whole time, as if fewer had been taken down in it: the dev set is then as
    far from each part as from all, and what a longer history would bring is not what is forecast.

    Parameters
    ----------
    n_examples
        Train examples.
    labels
        Their classes (n_examples,); None in regression.
    groups
        Numbers of their groups (n_examples,); None where there are none.
    seed
        Source of the order.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(n_examples)
    if groups is not None:
        _, group = np.unique(groups, return_inverse=True)
        place = rng.permutation(group.max(initial=-1) + 1)
        return drawn[np.argsort(place[group[drawn]], kind="stable")]
    if labels is None:
        return drawn
    return drawn[np.argsort(_quantiles(labels[drawn]), kind="stable")]


def beginning(order: NDArray[np.intp], n: int, *, groups: NDArray[np.intp] | None) -> NDArray[np.intp]:
    """Return the first n examples of an order, ascending; of groups whole ones, to as near to n as can be.

    Parameters
    ----------
    order
        As `drawn_order` gives it.
    n
        Examples wanted, at least 1.
    groups
        As for `drawn_order`.
    """
    if groups is not None:
        ordered = groups[order]
        ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(order))
        n = int(ends[np.abs(ends - n).argmin()])
    return np.sort(order[:n])


def _quantiles(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return for each example which share of its class comes before it."""
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    by_class = np.argsort(classes, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(labels), dtype=np.int64)
    rank[by_class] = np.arange(len(labels)) - starts[classes[by_class]]
    quantiles: NDArray[np.float64] = rank / counts[classes]
    return quantiles


SHARES = (8, 4, 2, 1)
"""The parts of the train set: an eighth, a quarter, a half, and all of it."""

FEWEST_EXAMPLES = 20
"""With fewer train examples, a model's figure depends on the draw, and not on how more would help."""


class PlannedPart(NamedTuple):
    """The trainings with one number of train examples, the mean of the draws' where groups are whole."""

    n_examples: int
    requests: tuple[TrialRequest, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CurvePlan:
    """Trainings on parts of a train set, all of them known before the first.

    Attributes
    ----------
    learner
        What is trained.
    parts
        From the fewest train examples to all.
    data
        A fold for each draw of examples, which the requests name; the first is that of all, which its
        repeats share.
    left_out
        Parts for which nothing could be measured.
    dev_units
        Numbers that dev examples share which came as one (n_dev,); None where each came by itself.
    """

    learner: Learner
    parts: tuple[PlannedPart, ...]
    data: TrialData
    left_out: tuple[LeftOut, ...]
    dev_units: NDArray[np.intp] | None = None

    @property
    def requests(self) -> tuple[TrialRequest, ...]:
        """All trainings, those on the most examples first, so that no worker begins the longest one last."""
        return tuple(request for part in reversed(self.parts) for request in part.requests)

    def data_of(self, request: TrialRequest) -> TrainDevData:
        """Return what a training is on."""
        if request.only_fold is None:
            raise ValueError(f"training {request.number} is on no part of the train set")
        return self.data.first_folds[request.only_fold - 1]


def plan_curve(
    learner: Learner,
    known: KnownInputs,
    *,
    n_seeds: int,
    study_seed: int,
    fold: Fold | None = None,
) -> CurvePlan:
    """Plan trainings on an eighth, a quarter, a half and all of a train set, with several seeds each.

    Scalings, encodings and medians are fitted on each part alone, as if there had never been more; the dev
    set is the same whole one for all. Rules and hyperparameters are the winner's for every part: the epochs,
    so that fewer examples are fewer steps, as more will be more; and lambda, which J + (lambda / 2 m)
    sum W**2 divides by the part's own number of examples m, so that it weighs the less against what they say
    the more they are.

    The parts lie in memory together, those of one seed in less than twice the train set and all examples
    once for all seeds: with three seeds it is some four times the study's own data, where the dev set is
    small.

    Parameters
    ----------
    learner
        What is trained.
    known
        The study's examples.
    n_seeds
        Repeats of each part, with examples and a training seed of its own each.
    study_seed
        Source of both.
    fold
        Train and dev set, by positions among the known examples; the study's one pair where left out.

    Raises
    ------
    BadInputError
        All train examples together are too few.
    """
    train, dev = known.sets.folds[0] if fold is None else fold
    choices = learner.point.input_choices
    folds: list[TrainDevData] = []
    parts: list[PlannedPart] = []
    left_out: list[LeftOut] = []
    for share, drawn in _draws(known, train, n_seeds=n_seeds, study_seed=study_seed):
        n_examples = round(sum(map(len, drawn)) / len(drawn))
        try:
            _insist_on_enough(known, train, drawn)
            made = [known.fitted_on(rows, dev, choices) for rows in drawn]
        except BadInputError as error:
            if share == 1:
                raise
            left_out.append(LeftOut(n_examples=n_examples, reason=str(error)))
            continue
        requests = tuple(
            TrialRequest(
                number=len(parts) * n_seeds + repeat,
                hyperparameters=learner.point,
                seed=learning_curve_seed(study_seed, repeat, share),
                rules=learner.rules,
                keep_predictions=True,
                only_fold=len(folds) + 1 + min(repeat, len(made) - 1),
            )
            for repeat in range(n_seeds)
        )
        parts.append(PlannedPart(n_examples, requests))
        folds += made
    data = TrialData({choices: tuple(folds)})
    units = known.sets.known.units
    dev_units = None if units is None else units[dev]
    return CurvePlan(learner, tuple(reversed(parts)), data, tuple(reversed(left_out)), dev_units)


def _draws(
    known: KnownInputs, train: NDArray[np.int64], *, n_seeds: int, study_seed: int
) -> Iterator[tuple[int, list[NDArray[np.int64]]]]:
    """Yield each share, the largest part first, with its draws: one alone where it is all examples."""
    groups = None if known.sets.known.groups is None else known.sets.known.groups[train]
    labels = known.sets.known.y[train].astype(np.int64) if known.sets.task is Task.CLASSIFICATION else None
    orders = [
        drawn_order(len(train), labels=labels, groups=groups, seed=learning_curve_seed(study_seed, repeat, 0))
        for repeat in range(n_seeds)
    ]
    for share in sorted(SHARES):
        n = round(len(train) / share)
        yield share, [train] if share == 1 else [train[beginning(it, n, groups=groups)] for it in orders]


def _insist_on_enough(known: KnownInputs, train: NDArray[np.int64], drawn: list[NDArray[np.int64]]) -> None:
    fewest = min(len(rows) for rows in drawn)
    if fewest < FEWEST_EXAMPLES:
        raise BadInputError(f"expected parts of at least {FEWEST_EXAMPLES} train examples, got {fewest}")
    if known.sets.task is Task.CLASSIFICATION:
        y = known.sets.known.y
        n_lacking = max(len(np.setdiff1d(y[train], y[rows])) for rows in drawn)
        if n_lacking:
            raise BadInputError(f"{n_lacking} of the classes would have no train example")
