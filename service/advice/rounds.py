"""The rounds of a study: plain studies, each knowing the first and its number.

A chain of rounds says what each reached, whether there is another, and where that searches; or why there is
none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from math import hypot, sqrt
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.advice.advised_steps import StepKind
from service.advice.confirmation import winner_over_seeds
from service.advice.gaps import Trouble
from service.advice.next_study import NextStudy, next_study
from service.advice.study_diagnosis import diagnose_study
from service.configuration.study_config import BudgetConfig, round_name
from service.study.search.search_budget import search_seconds, searched_epochs
from service.study.search.trial_records import Rank
from service.study.search.winner import confirmed_rank, has_winner, is_confirmed, winner_of
from service.study.storage.kept_trials import confirmations, searched
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_format import ROUND
from service.study.storage.study_rows import key_of
from service.study.storage.study_store import StudyStore


@dataclass(frozen=True, slots=True)
class Chain:
    """A study's rounds that there are by now; of a study without rounds, itself.

    Attributes
    ----------
    studies
        By their number, the first one first.
    """

    studies: Sequence[StoredStudy]

    @property
    def first(self) -> StoredStudy:
        """The study that the user began."""
        return self.studies[0]

    @property
    def last(self) -> StoredStudy:
        """The newest round."""
        return self.studies[-1]

    @property
    def has_rounds(self) -> bool:
        """Whether there may be more than one."""
        return self.first.config.n_studies > 1

    @property
    def ending(self) -> Mapping[str, str] | None:
        """Why there are no more rounds, `reason`, and the study that won, `winner`; None while undecided."""
        stored = self.first.rounds_ending
        # Find the winner again: a trial may have been set aside since.
        return None if stored is None else {"reason": stored["reason"], "winner": self.best.config.name}

    @property
    def best(self) -> StoredStudy:
        """The study whose winner is the best of all rounds, on the dev set; of equals the earliest.

        A round in which no trial is complete is passed over; the first stands where none has a winner.
        """
        return self.studies[self.number_of_best - 1]

    @property
    def number_of_best(self) -> int:
        """The number of that study among the rounds, from 1."""
        numbered = [
            (winners_rank(study), number)
            for number, study in enumerate(self.studies, 1)
            if has_winner(study.trials)
        ]
        return min(numbered)[1] if numbered else 1


def best_round(store: StudyStore, study: StoredStudy) -> StoredStudy:
    """Return the round that won, where a study is the first of several that have ended; else the study.

    A contest's studies stand for themselves: their names say of which kind they are.

    Raises
    ------
    StorageError
        The round cannot be read.
    """
    if study.rounds_ending is None or study.config.contest:
        return study
    chain = chain_of(store, study)
    return study if chain.ending is None else chain.best


def winners_rank(study: StoredStudy) -> Rank:
    """Return what a study's winner is ranked by among those of other rounds: its means over seeds.

    In a contest its first score has no part in them: it was chosen by it, and the kind of model whose scores
    scatter more would gain by that.

    Raises
    ------
    ProctorError
        It has no winner.
    """
    winner = winner_of(study.trials, study.metric)
    runs = confirmations(study.trials).get(winner.number, ())
    if study.config.contest and is_confirmed(runs):
        winner, *runs = runs
    badness, loss, _ = confirmed_rank(winner, runs, study.metric)
    return badness, loss, 0


def chain_of(store: StudyStore, study: StoredStudy) -> Chain:
    """Return the rounds that a study belongs to.

    Raises
    ------
    StorageError
        A round cannot be read.
    """
    if study.round is None and study.config.n_studies == 1:
        return Chain([study])
    names = names_of_rounds(store, study.config.name)
    return Chain([study if study.config.name == name else load_study(store, name) for name in names])


def names_of_rounds(store: StudyStore, name: str) -> Sequence[str]:
    """Return the names of the rounds that a study belongs to, the first one first, without reading them.

    Raises
    ------
    StorageError
        There is no such study.
    """
    identities, places = store.identities(), store.attribute_of_all(ROUND)
    own = identities.get(name)
    if own is None:  # an older version's
        return [name]
    place = None if own.is_copy else places.get(name)
    of_first = key_of(own) if place is None else place["first"]
    first = next((each for each in identities.values() if each.owns(**of_first)), None)
    if first is None:  # it was deleted
        return [name]
    by_number = {1: first.name} | {
        there["number"]: later
        for later, there in places.items()
        if later in identities and not identities[later].is_copy and first.owns(**there["first"])
    }
    names = [by_number[number] for number in takewhile(by_number.__contains__, count(1))]
    return names if name in names else [name]


def round_attribute(chain: Chain, following: NextStudy) -> dict[str, Any]:
    """Return what the next round's study keeps of its place."""
    return {
        "first": key_of(chain.first.identity),
        "number": len(chain.studies) + 1,
        "step": following.step.value,
        "from": chain.number_of_best,
        "reasons": dict(following.reasons),
    }


class RoundLine(BaseModel):
    """One round."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    study: str
    """Its study's name."""

    step: str | None
    """The step that it takes; None for the first."""

    reasons: dict[str, str]
    """What it changes, by dotted key of the study file, and why."""

    trials: int
    """Trials that ended."""

    epochs: int
    """Epochs of all of them."""

    winner: int | None
    """Number of its winner; None while there is none."""

    dev_metric: float | None
    """The winner's mean over its seeds, on the dev set: what rounds are compared by."""

    trouble: str | None
    """The trouble, as in `Gaps.trouble`; None until its winner has been measured."""


class Rounds(BaseModel):
    """Studies in a row."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    most: int
    """How many there may be."""

    rounds: tuple[RoundLine, ...]
    """Those that there are, the first one first."""

    winner: str | None
    """The study with the best winner of all rounds, evaluated on the test set; None while more may come."""

    ending: str | None
    """Why there are no more rounds; None while there may be."""


def rounds_of(chain: Chain) -> Rounds | None:
    """Return the rounds in a table; None of a study that has no rounds."""
    if chain.first.config.rounds.count == 1:
        return None
    ending = chain.ending or {}
    return Rounds(
        most=chain.first.config.rounds.count,
        rounds=tuple(map(_line, chain.studies)),
        winner=ending.get("winner"),
        ending=ending.get("reason"),
    )


def _line(study: StoredStudy) -> RoundLine:
    ended = [trial for trial in searched(study.trials) if trial.state.is_finished()]
    place, is_won = study.round or {}, has_winner(study.trials)
    gaps = diagnose_study(study).gaps
    return RoundLine(
        study=study.config.name,
        step=place.get("step"),
        reasons=place.get("reasons", {}),
        trials=len(ended),
        epochs=searched_epochs(study.trials),
        winner=winner_of(study.trials, study.metric).number if is_won else None,
        dev_metric=study.metric.badness(winners_rank(study)[0]) if is_won else None,
        trouble=None if gaps is None else gaps.trouble,
    )


_NOTHING_TO_GAIN = {
    Trouble.NEITHER: "bias and variance are within noise",
    Trouble.NOISE_FLOOR: "the winner is at the noise floor, as far as these rows can tell",
    Trouble.NOTHING_LEARNED: "there is no evidence of learning, and no other model did better",
}


@dataclass(frozen=True, slots=True)
class RoundsEnded:
    """There is no further round.

    Attributes
    ----------
    reason
        Why, in a sentence without a full stop.
    """

    reason: str


def next_round(chain: Chain) -> NextStudy | RoundsEnded:
    """Say what comes after the rounds that there are, all of which have ended and been measured.

    The next round follows from the best one so far. A step that brought nothing beyond the luck of seeds is
    not taken again. What is stored of train and dev set decides, and nothing else, so that rounds are as
    reproducible as studies.
    """
    best, first = chain.best, chain.first
    n_rounds = len(chain.studies)
    if n_rounds >= first.config.rounds.count:
        return RoundsEnded(f"all {n_rounds} rounds are done")
    budget = _left_of_budget(chain)
    if isinstance(budget, RoundsEnded):
        return budget
    diagnosis = diagnose_study(best)
    if diagnosis.gaps is not None and diagnosis.gaps.trouble in _NOTHING_TO_GAIN:
        return RoundsEnded(_NOTHING_TO_GAIN[diagnosis.gaps.trouble])
    struck = _struck(chain)
    following = next_study(best, diagnosis, name=round_name(first.config.name, n_rounds + 1), struck=struck)
    if following is None:
        reason = "the advice repeats itself" if struck else "a search cannot do what is advised next"
        return RoundsEnded(reason)
    changed = {"budget": budget, "search_seed": first.config.seed_of_search + n_rounds}
    return NextStudy(following.config.model_copy(update=changed), following.step, following.reasons)


def _struck(chain: Chain) -> set[StepKind]:
    """Return the steps that a round has taken without a gain beyond the luck of seeds."""
    struck = set()
    for study in chain.studies:
        if study.round is not None:
            base = chain.studies[study.round["from"] - 1]
            gain = winners_rank(base)[0] - winners_rank(study)[0] if has_winner(study.trials) else 0.0
            if gain <= (hypot(_luck(base), _luck(study)) if has_winner(study.trials) else 0.0):
                struck.add(StepKind(study.round["step"]))
    return struck


def _luck(study: StoredStudy) -> float:
    """Return the standard error of a winner's mean over its seeds (metric's unit); 0 of one seed."""
    over_seeds = winner_over_seeds(study.trials, study.metric)
    return (over_seeds.deviation or 0.0) / sqrt(1 + len(over_seeds.other_figures))


def _left_of_budget(chain: Chain) -> BudgetConfig | RoundsEnded:
    """Return the budget that is left for the next round: the first study's is that of all rounds."""
    budget, metric = chain.first.config.budget, chain.first.metric
    if budget.dev_metric is not None and winners_rank(chain.best)[0] <= metric.badness(budget.dev_metric):
        return RoundsEnded("the dev figure is good enough")
    spent = {
        "epochs": sum(searched_epochs(study.trials) for study in chain.studies),
        "seconds": sum(search_seconds(study.trials) for study in chain.studies),
    }
    left = {}
    for limit, of_rounds in spent.items():
        whole = getattr(budget, limit)
        if whole is not None:
            left[limit] = whole - of_rounds
            if left[limit] <= 0:
                return RoundsEnded(f"the budget of {whole:,} {limit} is spent")
    return budget.model_copy(update=left)
