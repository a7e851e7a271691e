"""The rounds of a study as they are stored: plain studies, each knowing the first one and its own number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.advice.diagnosis.next_study.next_study import NextStudy, round_name
from service.study.search.winner import Rank, confirmed_rank, has_winner, winner_of
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_store import StudyStore
from service.study.storage.trial_roles import confirmations

ENDING = "rounds_ending"
"""Attribute of the first study: why there are no more rounds, and whose winner is the best of all."""


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
        return self.first.rounds_ending

    @property
    def best(self) -> StoredStudy:
        """The study whose winner is the best of all rounds, on the dev set; of equals the earliest.

        A round in which no trial is complete is passed over; the first stands where none has a winner.
        """
        return min(
            (study for study in self.studies if has_winner(study.trials)),
            key=winners_rank,
            default=self.first,
        )


def best_round(store: StudyStore, study: StoredStudy) -> StoredStudy:
    """Return the round that won, where a study is the first of several that have ended; else the study.

    Raises
    ------
    StorageError
        The round cannot be read.
    """
    ending = study.rounds_ending
    return study if ending is None else load_study(store, ending["winner"])


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
    first_name = study.config.name if study.round is None else str(study.round["first"])
    first = study if study.round is None else load_study(store, first_name)
    studies = [first]
    names = set(store.study_names()) if first.config.rounds.count > 1 else set()
    while (name := round_name(first_name, len(studies) + 1)) in names:
        place = store.attributes(name).get("round")
        if place is None or place["first"] != first_name:
            break  # a study of that name that is none of these rounds
        studies.append(study if study.config.name == name else load_study(store, name))
    return Chain(studies)


def round_attribute(chain: Chain, following: NextStudy) -> dict[str, Any]:
    """Return what the next round's study keeps of its place."""
    return {
        "first": chain.first.config.name,
        "number": len(chain.studies) + 1,
        "step": following.step.value,
        "from": following.config.warm_start,
        "reasons": dict(following.reasons),
    }
