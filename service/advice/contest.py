"""A contest of kinds of model: plain studies in a row, one a kind, with the same split, seed and budget.

They are kept, listed, resumed and ended as rounds are: each knows the first and its number.
"""

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from service.advice.rounds import Chain, RoundsEnded
from service.configuration.study_config import ResolvedStudy, contest_names
from service.configuration.target_scale import scale_at
from service.data.preparation.prepared_data import PreparedData
from service.study.search.winner import has_winner, winner_of
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_rows import key_of
from service.study.storage.study_store import StudyStore
from service.uncertainty.differences import paired_difference
from service.winner.examination.selection import TrialPredictions, in_one_unit, units_of_dev_sets
from workers.metrics.metric import Metric, decision_rule


def next_entrant(chain: Chain) -> ResolvedStudy | RoundsEnded:
    """Return the study of a contest's next kind of model, or that all have had theirs."""
    first, number = chain.first.config, len(chain.studies) + 1
    if number > len(first.contest):
        return RoundsEnded("each kind of model has been searched")
    entrant = first.contest[number - 1]
    own = {"model": entrant.model, "space": entrant.space, "training": entrant.training}
    return first.model_copy(update={"name": contest_names(first.name, first.kinds)[number - 1], **own})


def entrant_attribute(chain: Chain) -> dict[str, Any]:
    """Return what the study of a contest's next kind keeps of its place."""
    return {"first": key_of(chain.first.identity), "number": len(chain.studies) + 1}


class DevPair(BaseModel):
    """A kind's winner beside the contest's, on the same dev rows, both as they were when they were chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trials: tuple[int, int]
    """Numbers of the two winners, the contest's last: of others this says nothing."""

    standard_error: float | None
    """Of the difference of their figures, by the row-by-row differences; None where it is not known."""

    method: str
    """How it was found, or why it is not known."""


PAIRS = "pairs"
"""Where the ending of a contest keeps its `DevPair` values: by the number of a study, as text."""


def dev_pairs(chain: Chain, prepared: PreparedData, store: StudyStore) -> dict[str, dict[str, Any]]:
    """Compare each kind's winner with the contest's on the dev rows, by the predictions kept of both.

    Parameters
    ----------
    chain
        A contest whose studies have all ended.
    prepared
        The data of one of them: dev rows and targets are the same in all.
    store
        Where their predictions are kept.

    Returns
    -------
    dict
        As storage keeps it. A study without a winner has no place in it, nor has the contest's winner.
    """
    best, found = chain.number_of_best, {}
    if not has_winner(chain.best.trials):
        return {}
    of_best = _winner_on_dev(chain.best, prepared, store)
    for number, study in enumerate(chain.studies, 1):
        if number != best and has_winner(study.trials):
            pair = _pair(study.metric, _winner_on_dev(study, prepared, store), of_best, prepared)
            found[str(number)] = pair.model_dump(mode="json")
    return found


def pair_of(chain: Chain, number: int) -> DevPair | None:
    """Return what is known of a study's winner beside the contest's; None where others have won since.

    Parameters
    ----------
    chain
        The contest.
    number
        The study's number among its studies, from 1.
    """
    ending = chain.first.rounds_ending or {}
    kept = ending.get(PAIRS, {}).get(str(number))
    if kept is None or ending["winner"] != chain.number_of_best:
        return None
    pair = DevPair.model_validate(kept)
    winners = (winner_of(each.trials, each.metric).number for each in (chain.studies[number - 1], chain.best))
    return pair if pair.trials == tuple(winners) else None


class _OnDev(NamedTuple):
    """A winner, and what it predicted for the dev set; None where that is not kept."""

    trial: int
    predictions: TrialPredictions | None


def _winner_on_dev(study: StoredStudy, prepared: PreparedData, store: StudyStore) -> _OnDev:
    winner = winner_of(study.trials, study.metric)
    kept = store.dev_predictions(study.config.name).get(winner.number)
    folds = prepared.first_folds_on(scale_at(study.config.space, winner.params))
    return _OnDev(winner.number, None if kept is None else TrialPredictions(kept, folds))


def _pair(metric: Metric, one: _OnDev, best: _OnDev, prepared: PreparedData) -> DevPair:
    trials = (one.trial, best.trial)
    kept = [each.predictions for each in (one, best) if each.predictions is not None]
    if len(kept) < len(trials) or not all(predictions.are_whole for predictions in kept):
        return DevPair(trials=trials, standard_error=None, method="the winners' dev predictions are not kept")
    (first, second), y = in_one_unit(kept)
    rule = decision_rule(metric, prepared.train_dev.class_counts)
    units = units_of_dev_sets(prepared.split)
    found = paired_difference(metric, first, second, y, rules=(rule, rule), units=units)
    error = None if found.interval is None else found.interval.standard_error
    return DevPair(trials=trials, standard_error=error, method=found.method)
