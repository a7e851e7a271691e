"""A study as it is kept: its configuration, and what was found out about it, as attributes in Optuna's study.

No test figure ever stands here: those are the ledger's.

A change of the attributes' names, shapes or meanings is a new format, and so is another way of splitting a
table: a study goes on with the split that it was begun with, or not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from pydantic import ValidationError

from service.configuration.study_config import ResolvedStudy
from service.data.preparation.prepared_data import PreparedData
from service.seal.identity import StudyIdentity
from service.seal.split_decisions import EqualRows, TrainDevDecision
from service.shell_command import with_flags
from service.study.storage.foreign_trials import ForeignTrial, SortedTrials, sort_trials
from service.study.storage.kept_trials import confirmations, searched
from service.study.storage.machine_record import this_machine, versions_here
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_format import (
    COMMAND,
    EXTENSIONS,
    FORMAT,
    LOOK_AGAIN,
    ROUND,
    Extension,
    check_format,
)
from service.study.storage.study_rows import command_under, present_names, with_present_origin
from service.study.storage.study_store import StudyStore
from workers.metrics.metric import Metric
from workers.train_dev_data import Task


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study, read from storage.

    Attributes
    ----------
    identity
        What distinguishes it from all others, its copies too.
    config
        What it was launched with, its concurrency, task and metrics resolved, under today's name.
    keep_sealed
        Whether its end leaves the test set sealed.
    look_again
        Why its end opens the test set also where other studies did before; None where it is not to.
    command
        The command that gives the same study again, under its present name.
    target
        Name of what is predicted.
    n_examples
        By set: `train`, `dev`, `test`.
    equal_rows
        The decision about rows that equal another one in every feature.
    train_dev
        What was decided about a train-dev set, which a resume keeps; None where dev has no file of its own.
    test_fingerprint, known_fingerprint
        Names of the data that it began with.
    versions, machine
        What it was begun with: of Python and the libraries, and where; see
        `service.study.storage.machine_record`.
    winner
        The winner's figures on train and dev set and where it errs, once it has been trained again for them.
    learning_curve
        The winner's dev figures by the number of train examples, once they have been measured.
    round
        Of a round after the first: what finds the first study, its own number, the number of the round that
        it follows from, the step that it takes, and why. A copy that another tool made is no round.
    rounds_ending
        Of the first round: why there are no more, and the number of the round whose winner is the best of
        all, once that is decided.
    ending
        Why its search ended, `reason` and `text`, once it has.
    finalists
        Numbers of the trials that are confirmed, once the search has ended: none where that is turned off.
    enqueued
        Points that were to be tried, by their origin and values, in their order. A study that they come from
        has its present name.
    trials
        Its own, by number, without `earlier_confirmations`.
    foreign
        Those that another tool made or ended, by number: shown, and otherwise left out of everything.
    extensions
        How often its search was made to go on, the first time first.
    earlier_confirmations
        Of trials that are finalists no longer, or not yet again: nothing is chosen by them.
    """

    identity: StudyIdentity
    config: ResolvedStudy
    keep_sealed: bool
    look_again: str | None
    command: str
    target: str
    n_examples: dict[str, int]
    equal_rows: EqualRows
    train_dev: TrainDevDecision | None
    test_fingerprint: str | None
    known_fingerprint: str
    versions: dict[str, str]
    machine: dict[str, str | None]
    winner: dict[str, Any] | None
    learning_curve: dict[str, Any] | None
    round: dict[str, Any] | None
    rounds_ending: dict[str, Any] | None
    ending: dict[str, str] | None
    finalists: tuple[int, ...] | None
    enqueued: tuple[dict[str, Any], ...]
    trials: Sequence[FrozenTrial]
    extensions: tuple[Extension, ...] = ()
    earlier_confirmations: Sequence[FrozenTrial] = ()
    foreign: Sequence[ForeignTrial] = ()

    @property
    def task(self) -> Task:
        """The task: a class or a number is predicted."""
        return self.config.data.task

    @property
    def metric(self) -> Metric:
        """What trials are chosen by, on the dev set."""
        return self.config.metric

    @property
    def watch(self) -> Metric:
        """What early stopping and pruning watch, on the dev set."""
        return self.config.watch

    @property
    def is_over(self) -> bool:
        """Whether the search has ended, and all confirmations with it."""
        if self.finalists is None:  # none have been chosen yet, or there is nothing to confirm
            return self._n_left == 0 and self.config.confirmation.finalists == 0
        n_confirmations = len(self.finalists) * self.config.confirmation.seeds
        n_planned = len(searched(self.trials)) + n_confirmations
        asked = (*self.trials, *self.earlier_confirmations)
        return len(self.trials) == n_planned and all(trial.state.is_finished() for trial in asked)

    @property
    def left(self) -> str:
        """What is left to run, in words; empty if nothing is."""
        if self.is_over:
            return ""
        if self._n_left == 0 or self.finalists is not None:
            return "confirmations left"
        return f"{self._n_left} of {self.config.trials} trials left"

    @property
    def _n_left(self) -> int:
        return self.config.trials - sum(trial.state.is_finished() for trial in searched(self.trials))

    @property
    def concurrency(self) -> int:
        """How many of its trials run at once, virtually."""
        return self.config.concurrency


def create_study(  # noqa: PLR0913 (what a study begins with, each by its name)
    store: StudyStore,
    config: ResolvedStudy,
    prepared: PreparedData,
    *,
    command: str,
    keep_sealed: bool,
    look_again: str | None = None,
    enqueued: Sequence[Mapping[str, Any]] = (),
    round_: Mapping[str, Any] | None = None,
) -> None:
    """Make a study in storage, with all that a resume needs.

    Parameters
    ----------
    store
        Where it is kept.
    config
        The study.
    prepared
        Its data.
    command
        What gives the same study again.
    keep_sealed
        Whether its end leaves the test set sealed.
    look_again
        Why its end opens the test set also where other studies did before; None where it is not to.
    enqueued
        Points to be tried first, by their values and origin.
    round_
        Of a round after the first, its place among the rounds.

    Raises
    ------
    StorageError
        When a study of that name exists, or the database cannot be written.
    """
    attributes = {
        "format": FORMAT,
        "config": stored_config(config),
        "keep_sealed": keep_sealed,
        COMMAND: command,
        "enqueued": [dict(point) for point in enqueued],
        "target": prepared.target,
        "n_examples": prepared.n_examples,
        "equal_rows": prepared.split.equal_rows.model_dump(mode="json"),
        "test_fingerprint": prepared.test_fingerprint,
        "known_fingerprint": prepared.split.known_fingerprint,
        "versions": versions_here(),
        "machine": this_machine().attribute(),
    }
    if prepared.split.train_dev_decision is not None:
        attributes["train_dev"] = prepared.split.train_dev_decision.model_dump(mode="json")
    if look_again is not None:
        attributes[LOOK_AGAIN] = look_again
    if round_ is not None:
        attributes[ROUND] = dict(round_)
    store.create(config.name, attributes, direction=direction_of(config))


def stored_config(config: ResolvedStudy) -> dict[str, Any]:
    """Return what is kept of a configuration: all but the name, which the database has."""
    return config.model_dump(mode="json", exclude={"name"})


def direction_of(config: ResolvedStudy) -> StudyDirection:
    """Return the direction in which Optuna's tools rank a study."""
    return StudyDirection.MAXIMIZE if config.metric.higher_is_better else StudyDirection.MINIMIZE


@contextmanager
def _damage_refused(store: StudyStore, name: str) -> Iterator[None]:
    """Refuse in one line stored values of which no study can be made: SQLite's files know no checksums."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as error:
        raise StorageError(
            f"study {name!r}: what {store.shown_url} holds of it cannot be read: the database is damaged,"
            f" or something else wrote to it ({type(error).__name__}: {error})"
        ) from error


def load_study(store: StudyStore, name: str) -> StoredStudy:
    """Read a study from storage, without its trials' learning curves: `StudyStore.read_curves` reads some.

    Raises
    ------
    StorageError
        When there is no such study, it was not made by Proctor, or by a version of it with another format.
    """
    with _damage_refused(store, name):
        attributes = store.attributes(name)
    check_format(name, attributes)
    identities = store.identities()
    identity = identities.get(name) or store.identity(name)  # which says why there is none
    with _damage_refused(store, name):
        trials = sort_trials(store.trials(name, with_curves=False))
        names = present_names(attributes.get("enqueued", ()), identities)
        return _study_of(identity, attributes, trials, names)


def _study_of(
    identity: StudyIdentity,
    attributes: Mapping[str, Any],
    trials: SortedTrials,
    names: Mapping[str, str],
) -> StoredStudy:
    """Make a study of what is stored of it.

    Parameters
    ----------
    identity
        Its name, and what distinguishes it from all others.
    attributes, trials
        As they are stored.
    names
        Present names of the studies that its points come from, by those that are stored.
    """
    config = _config(identity.name, attributes, names)
    finalists = attributes.get("finalists")
    extensions = tuple(map(Extension.model_validate, attributes.get(EXTENSIONS, ())))
    earlier = _earlier_confirmations(trials.own, finalists or ()) if extensions else []
    left_out = {run.number for run in earlier}
    return StoredStudy(
        identity=identity,
        config=config,
        keep_sealed=attributes["keep_sealed"],
        look_again=None if identity.is_copy else attributes.get(LOOK_AGAIN),
        command=_command(identity, attributes, config),
        target=attributes["target"],
        n_examples=attributes["n_examples"],
        equal_rows=EqualRows.model_validate(attributes["equal_rows"]),
        train_dev=_train_dev(attributes),
        test_fingerprint=attributes["test_fingerprint"],
        known_fingerprint=attributes["known_fingerprint"],
        versions=attributes["versions"],
        machine=attributes["machine"],
        winner=attributes.get("winner"),
        learning_curve=attributes.get("learning_curve"),
        round=None if identity.is_copy else attributes.get(ROUND),
        rounds_ending=None if identity.is_copy else attributes.get("rounds_ending"),
        ending=attributes.get("ending"),
        finalists=None if finalists is None else tuple(finalists),
        enqueued=tuple(with_present_origin(point, names) for point in attributes.get("enqueued", ())),
        trials=[trial for trial in trials.own if trial.number not in left_out],
        foreign=trials.foreign,
        extensions=extensions,
        earlier_confirmations=earlier,
    )


def _config(name: str, attributes: Mapping[str, Any], names: Mapping[str, str]) -> ResolvedStudy:
    """Return the configuration with present names, which other tools may have changed to anything."""
    try:
        config = ResolvedStudy.model_validate({**attributes["config"], "name": "study"})
    except ValidationError as error:
        raise StorageError(f"study {name!r}: its stored configuration cannot be read: {error}") from error
    warm_start = config.warm_start and names.get(config.warm_start, config.warm_start)
    return config.model_copy(update={"name": name, "warm_start": warm_start})


def _command(identity: StudyIdentity, attributes: Mapping[str, Any], config: ResolvedStudy) -> str:
    """Return the command that gives the study again, with present names."""
    command: str = attributes[COMMAND]
    if identity.is_copy or identity.is_renamed:  # by another tool
        command = command_under(command, identity.name)
    is_other = config.warm_start is not None and config.warm_start != attributes["config"]["warm_start"]
    if is_other and ROUND not in attributes:  # a round's is the round before, and in no command
        return with_flags(command, {"--warm-start": str(config.warm_start)})
    return command


def _earlier_confirmations(trials: Sequence[FrozenTrial], finalists: Sequence[int]) -> list[FrozenTrial]:
    """Return the confirmations of trials that are no finalists."""
    runs = confirmations(trials)
    return [run for number, of_one in runs.items() if number not in finalists for run in of_one]


def _train_dev(attributes: Mapping[str, Any]) -> TrainDevDecision | None:
    stored = attributes.get("train_dev")
    return None if stored is None else TrainDevDecision.model_validate(stored)
