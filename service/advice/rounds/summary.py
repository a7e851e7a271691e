"""The rounds of a study in a table: what each tried, and what it reached on the dev set."""

from pydantic import BaseModel, ConfigDict

from service.advice.diagnosis.study_diagnosis import diagnose_study
from service.advice.rounds.chain import Chain, winners_rank
from service.study.search.spent import searched_epochs
from service.study.search.winner import has_winner, winner_of
from service.study.storage.stored_study import StoredStudy
from service.study.storage.trial_roles import searched


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
    """What is the matter, as `Gaps.trouble` says; None until its winner has been measured."""


class Rounds(BaseModel):
    """Studies in a row."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    most: int
    """How many there may be."""

    rounds: tuple[RoundLine, ...]
    """Those that there are, the first one first."""

    winner: str | None
    """The study whose winner is the best of all rounds, and sits the test set; None while more may come."""

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
