"""The rounds of a study: plain studies, each knowing the first and its number; and what each reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.advice.diagnosis.next_study.next_study import NextStudy
from service.advice.diagnosis.study_diagnosis import diagnose_study
from service.study.search.search_budget import searched_epochs
from service.study.search.winner import Rank, confirmed_rank, has_winner, winner_of
from service.study.storage.kept_trials import confirmations, searched
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_format import ROUND
from service.study.storage.study_rows import place_of
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
        return self.first.config.rounds.count > 1

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

    Raises
    ------
    StorageError
        The round cannot be read.
    """
    if study.rounds_ending is None:
        return study
    chain = chain_of(store, study)
    return study if chain.ending is None else chain.best


def winners_rank(study: StoredStudy) -> Rank:
    """Return what a study's winner is ranked by among those of other rounds: its means over seeds.

    Raises
    ------
    ProctorError
        It has no winner.
    """
    winner = winner_of(study.trials, study.metric)
    runs = confirmations(study.trials).get(winner.number, ())
    badness, loss, _ = confirmed_rank(winner, runs, study.metric)
    return badness, loss, 0


def chain_of(store: StudyStore, study: StoredStudy) -> Chain:
    """Return the rounds that a study belongs to.

    Raises
    ------
    StorageError
        A round cannot be read.
    """
    if study.round is None and study.config.rounds.count == 1:
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
    of_first = place_of(own) if place is None else place["first"]
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
        "first": place_of(chain.first.identity),
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
    if not chain.has_rounds:
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
