"""More of a study: its limits set anew, so that its search goes on from where it ended.

What was searched is kept, and what follows is what had followed under these limits from the start; see
docs/contributing/search.md for what cannot be so.
"""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from service.configuration.search_config import reason_against
from service.configuration.study_config import BudgetConfig, ResolvedStudy
from service.errors import BadInputError
from service.seal.openings import Look
from service.shell_command import REASON, with_flags
from service.study.search.enqueued_points import ENQUEUED, FAILED_TRIAL, EnqueuedPoint
from service.study.search.search_budget import EndingReason, SearchBudget, searched_epochs
from service.study.search.trial_records import ranked, stored_result
from service.study.storage.database_url import next_command
from service.study.storage.kept_trials import record_of, searched
from service.study.storage.lease import Lease
from service.study.storage.stored_study import StoredStudy, load_study, stored_config
from service.study.storage.study_format import (
    COMMAND,
    ENDING,
    EXTENSIONS,
    FINALISTS,
    LOOK_AGAIN,
    OF_WINNER,
    Extension,
)
from service.study.storage.study_rows import set_to
from service.study.storage.study_store import StudyStore

STALE = (ENDING, FINALISTS, *OF_WINNER)
"""A study's attributes that its end gave it, and that its next end gives it anew."""

_FLAGS = {
    EndingReason.TRIALS: "--trials",
    EndingReason.EPOCHS: "--epochs",
    EndingReason.SECONDS: "--seconds",
    EndingReason.DEV_METRIC: "--dev-metric",
    EndingReason.NO_GAIN: "--no-gain",
}


@dataclass(frozen=True, slots=True)
class NewLimits:
    """Limits of a search as a whole, not of what is added; None where it is left as it is.

    Attributes
    ----------
    trials
        How many points are tried.
    budget
        The others that were given, by the names of `BudgetConfig`.
    """

    trials: int | None
    budget: Mapping[str, float]

    def of(self, config: ResolvedStudy) -> ResolvedStudy:
        """Return a study with these limits."""
        trials = config.trials if self.trials is None else self.trials
        budget = config.budget.model_copy(update=dict(self.budget))
        return config.model_copy(update={"trials": trials, "budget": budget})

    @property
    def given(self) -> dict[EndingReason, float]:
        """Those that were given, by why they end a search."""
        found = {} if self.trials is None else {EndingReason.TRIALS: float(self.trials)}
        reasons = {"no_gain_trials": EndingReason.NO_GAIN}
        return found | {reasons.get(key) or EndingReason(key): value for key, value in self.budget.items()}


def points_of_failed(study: StoredStudy) -> list[EnqueuedPoint]:
    """Return the points of trials that the machine failed, and that were not tried again yet.

    Their workers died, or they took more memory or time than a trial may. What diverged would do so again.
    """
    limits = study.config.limits.of_trial
    reasons = {limits.out_of_memory}
    if limits.seconds is not None:
        reasons.add(limits.out_of_time)
    tried = {point["origin"] for point in study.enqueued}
    return [
        EnqueuedPoint(trial.params, origin)
        for trial in searched(study.trials)
        if trial.state is TrialState.FAIL
        and (record_of(trial).is_lost or record_of(trial).failure_reason in reasons)
        and (origin := f"{FAILED_TRIAL} {trial.number}") not in tried
    ]


def extend_study(
    name: str, store: StudyStore, limits: NewLimits, *, look_again: str | None, retry_failed: bool = False
) -> bool:
    """Give a study other limits, so that whoever runs it goes on with its search.

    Parameters
    ----------
    name
        The study.
    store
        Where it is kept.
    limits
        The new ones.
    look_again
        Why its end opens the test set, also where the study or another has done so; None where it is not to.
    retry_failed
        Whether the points of trials that the machine failed are tried again, by trials beyond the limit.

    Returns
    -------
    bool
        Whether anything was changed: a study that has these limits already just goes on.

    Raises
    ------
    BadInputError
        The study has reached one of the limits, or is one of several rounds, or was given up, or an opening
        of its test set was begun that has no figure yet; or nothing is left to try again.
    StorageError
        Another process runs the study, or the database cannot be written.
    """
    load_study(store, name)  # which refuses a wrong name
    with store.take_lease(name) as lease:
        study, ledger = load_study(store, name), store.ledger()
        points = points_of_failed(study) if retry_failed else []
        if retry_failed and not points:
            raise BadInputError(
                f"--retry-failed: study {name!r} has no trial left that was lost with its worker, or ran out"
                " of memory or time"
            )
        config = limits.of(study.config)
        config = config.model_copy(update={"trials": config.trials + len(points)})
        if config == study.config and look_again in {None, study.look_again}:
            return False
        _check_may_go_on(study, ledger.looks(study.identity), storage=store.shown_url)
        if config == study.config:
            _keep_reason(study, store, look_again, lease)
            return True
        if (reason := reason_against(config.sampler, config.space, trials=config.trials)) is not None:
            raise BadInputError(f"--trials: {reason}")
        _check_limits(study, config, given=limits.given, spent_seconds=lease.searched_seconds)
        looks = ledger.looks_of_line(study.identity)
        extension = Extension(
            extended_at=datetime.now(UTC),
            n_trials=len(searched(study.trials)),
            looks=tuple(look.id for look in looks),
        )
        extensions = [each.model_dump(mode="json") for each in (*study.extensions, extension)]
        values: dict[str, object] = dict.fromkeys(STALE) | {
            "config": stored_config(config),
            COMMAND: command_with(study.command, limits.given),
            EXTENSIONS: extensions,
            # A reason that was given for the end before is no reason to look again at the next one.
            LOOK_AGAIN: look_again if looks else look_again or study.look_again,
            "keep_sealed": study.keep_sealed and look_again is None,
        }
        changes = {key: set_to(value) for key, value in values.items()}
        if points:
            new = [point.attribute() for point in points]
            changes[ENQUEUED] = lambda there: [*(there or ()), *new]
        store.update_attributes(name, changes, lease=lease)
    return True


def _check_may_go_on(study: StoredStudy, looks: Sequence[Look], *, storage: str) -> None:
    name, ending = study.config.name, study.ending
    if study.round is not None or study.config.n_studies > 1:
        several = "a contest's studies" if study.config.contest else "several rounds"
        raise BadInputError(
            f"study {name!r} is one of {several}, which share their limits and do not go on one by one:"
            f" `proctor run` with --warm-start {shlex.quote(name)} begins a study with its best points"
        )
    if ending is not None and ending["reason"] == EndingReason.FIRST_TRIALS_FAILED:
        raise BadInputError(
            f"study {name!r} was given up: {ending['text']}; fix its space, and start another with --name"
            f" NAME"
        )
    if looks and not looks[-1].is_finished:
        raise BadInputError(
            f"study {name!r} has opened its test set without a figure ({looks[-1]}):"
            f" `{next_command(storage, 'unseal', name)}` finishes that first"
        )


def _keep_reason(study: StoredStudy, store: StudyStore, look_again: str | None, lease: Lease) -> None:
    """Keep the reason of a study whose search has these limits already, unless it has come to its end."""
    name = study.config.name
    if study.is_over:
        unseal = next_command(store.shown_url, "unseal", name, flags=["--look-again", REASON])
        raise BadInputError(f"study {name!r} has reached these limits already: `{unseal}` opens its test set")
    values = {LOOK_AGAIN: look_again, "keep_sealed": False}
    changes = {key: set_to(value) for key, value in values.items()}
    store.update_attributes(name, changes, lease=lease)


def _check_limits(
    study: StoredStudy, config: ResolvedStudy, *, given: Mapping[EndingReason, float], spent_seconds: float
) -> None:
    """Refuse limits that the search has reached: from the start it would have ended before."""
    name, has_ended = study.config.name, study.ending is not None
    reached = dict(_reached(config, searched(study.trials), spent_seconds, has_ended=has_ended))
    for reason, there in reached.items():
        if reason in given:
            raise BadInputError(
                f"{_FLAGS[reason]}: expected a limit that study {name!r} has not reached,"
                f" got {given[reason]:g}: {there}"
            )
    if has_ended and reached:
        reason, there = next(iter(reached.items()))
        raise BadInputError(
            f"study {name!r} would not go on, because another limit is reached: {there}; raise"
            f" {_FLAGS[reason]} too"
        )


def _reached(
    config: ResolvedStudy, tried: Sequence[FrozenTrial], spent_seconds: float, *, has_ended: bool
) -> Iterator[tuple[EndingReason, str]]:
    """Yield which limits a search has reached, and how."""
    n = len(tried)
    if n > config.trials or (has_ended and n == config.trials):
        yield EndingReason.TRIALS, f"it has {n} trials"
    metric, watch, budget = config.metric, config.watch, config.budget
    ended = [trial for trial in tried if trial.state.is_finished()]
    results = [ranked(stored_result(trial), metric=metric, watch=watch) for trial in _in_virtual_order(ended)]
    for key in ("epochs", "dev_metric", "no_gain_trials"):
        limit = BudgetConfig.model_validate({key: getattr(budget, key)})
        follower = SearchBudget(limit, n_trials=config.trials, metric=metric)
        for result in results:
            follower.learn(result)
            verdict = follower.verdict(running_epochs=0, seconds=0.0)
            if verdict is not None and verdict.reason is not EndingReason.FIRST_TRIALS_FAILED:
                is_of_epochs = verdict.reason is EndingReason.EPOCHS
                n_epochs = f"it has run {searched_epochs(tried):,} epochs"
                yield verdict.reason, n_epochs if is_of_epochs else verdict.text
                break
    if budget.seconds is not None and spent_seconds >= budget.seconds:
        yield EndingReason.SECONDS, f"it has run for {spent_seconds:.1f} seconds"


def _in_virtual_order(ended: Collection[FrozenTrial]) -> list[FrozenTrial]:
    return sorted(ended, key=lambda trial: (record_of(trial).virtual_end, trial.number))


def command_with(command: str, given: Mapping[EndingReason, float]) -> str:
    """Return a study's command with other limits, which gives the study that goes on under them.

    Parameters
    ----------
    command
        What gave the study until now; one that was fitted from Python has none, and it stays as it is.
    given
        The limits.
    """
    return with_flags(command, {_FLAGS[reason]: _written(value) for reason, value in given.items()})


def _written(value: Any) -> str:  # noqa: ANN401 (whole or not)
    return str(int(value)) if float(value).is_integer() else str(value)
