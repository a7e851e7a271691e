"""Studies in a database, as plain Optuna studies, written in one transaction a step.

Optuna's own storage takes a transaction for each value of a trial; here a trial's whole row, or its whole
result, is written at once, to the tables of Optuna's schema.
"""

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, NoSuchModuleError, SQLAlchemyError

from search_spaces.nearest_word import nearest_word
from service.seal.database_tables import create_missing
from service.seal.identity import StudyIdentity
from service.seal.ledger import Ledger
from service.study.storage.database_failures import no_driver, storage_error, told_as_storage_errors
from service.study.storage.database_url import is_missing_file, next_command, parse_url, without_secrets
from service.study.storage.dev_predictions import dev_predictions, read_dev_predictions, write_dev_predictions
from service.study.storage.foreign_trials import QueuedTrial, mark_taken, newest_key, queued_trials
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.lease import Lease, heartbeat
from service.study.storage.lease_table import LeaseHolder, create_leases, holder_of, leases
from service.study.storage.optuna_tables import connect, has_tables, locked_study, studies
from service.study.storage.storage_errors import (
    NoStudiesError,
    OthersStudyError,
    StorageAwayError,
    StorageError,
)
from service.study.storage.study_rows import (
    adopt,
    change_attribute,
    read_attribute,
    read_identities,
    set_to,
    write_study,
)
from service.study.storage.trial_rows import (
    TrialWriter,
    read_changed_trials,
    read_curves,
    read_trials,
    write_mark,
)

T = TypeVar("T")


class StudyStore:
    """The database that a study, its lease, and the ledger beside it, are kept in.

    Parameters
    ----------
    url
        A SQLAlchemy URL.
    create
        Whether a database without Optuna's tables is given them (`sqlite` files are made).

    Raises
    ------
    StorageError
        When the database cannot be reached, or holds no studies and `create` is false. A password in the
        URL is never shown.
    """

    def __init__(self, url: str, *, create: bool) -> None:
        self.url = url
        self._parsed = parse_url(url)
        self.shown_url = without_secrets(self._parsed)
        if is_missing_file(self._parsed) and not create:
            raise NoStudiesError(f"no studies here: {self.shown_url} does not exist")
        try:
            if not create and not has_tables(self._parsed):
                raise NoStudiesError(f"no studies in {self.shown_url} yet: `proctor run` begins one")
            self._storage = connect(self._parsed, create=create)
        except (ImportError, NoSuchModuleError) as error:
            raise no_driver(error, self._parsed) from error
        except (SQLAlchemyError, optuna.exceptions.OptunaError, ValueError) as error:
            raise storage_error(error, self._parsed) from error
        self._remembered: tuple[Lease, TrialWriter] | None = None
        self._has_dev_predictions = False

    @property
    def engine(self) -> Engine:
        """The database, for the ledger and the leases."""
        return self._storage.engine

    @property
    def optuna_storage(self) -> RDBStorage:
        """The database as Optuna knows it, for its own tools."""
        return self._storage

    def close(self) -> None:
        """Give up the connections."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def ledger(self) -> Ledger:
        """Return the ledger of openings in this database."""
        return Ledger(self.engine, lambda: self.identities().values())

    @contextmanager
    def take_lease(self, name: str, *, is_run: bool = False) -> Iterator[Lease]:
        """Hold the lease on a study, kept alive, until the context is left.

        A study that another tool has copied or renamed becomes one of its own then, before it is changed.

        Parameters
        ----------
        name
            The study.
        is_run
            Whether it is to be run; else something of it is changed.

        Raises
        ------
        StudyHeldError
            Another process runs the study.
        StorageError
            There is no such study, or the database cannot be written.
        """
        if name not in self.study_names():
            raise self._no_study(name)
        with Lease.take(self.engine, name, is_run=is_run) as lease, heartbeat(lease):
            study = self.identities().get(name)  # an older version's study has none
            if study is not None and (study.is_copy or study.is_renamed):
                with self._writing(name, lease) as (connection, _):
                    adopt(connection, study)
            yield lease

    def holder(self, name: str) -> LeaseHolder | None:
        """Return who holds the lease on a study, or held it last; None where nobody ever did.

        Raises
        ------
        StorageError
            The database cannot be read.
        """
        with told_as_storage_errors(self.engine.url), self.engine.connect() as connection:
            has_leases = inspect(connection).has_table(leases.name)  # Optuna's own databases have none
            return holder_of(connection, name) if has_leases else None

    def identities(self) -> dict[str, StudyIdentity]:
        """Return what tells each of Proctor's studies from all others, by name."""
        with told_as_storage_errors(self._parsed), self.engine.connect() as connection:
            return read_identities(connection)

    def identity(self, name: str) -> StudyIdentity:
        """Return what tells a study from all others.

        Raises
        ------
        StorageError
            When there is no such study of Proctor's.
        """
        try:
            return self.identities()[name]
        except KeyError:
            if name in self.study_names():
                raise OthersStudyError(f"study {name!r} was not made by this version of Proctor") from None
            raise self._no_study(name) from None

    def attribute_of_all(self, key: str) -> dict[str, Any]:
        """Return one attribute of all studies that have it, by name."""
        with told_as_storage_errors(self._parsed), self.engine.connect() as connection:
            return {name: value for name, _, value in read_attribute(connection, key)}

    def study_names(self) -> list[str]:
        """Return the names of all studies, Proctor's and others', in the order of their making."""
        with told_as_storage_errors(self._parsed), self.engine.connect() as connection:
            return list(connection.scalars(select(studies.c.study_name).order_by(studies.c.study_id)))

    def create(
        self,
        name: str,
        attributes: Mapping[str, Any],
        *,
        direction: StudyDirection = StudyDirection.MINIMIZE,
    ) -> None:
        """Make an empty study.

        Parameters
        ----------
        name
            Its name.
        attributes
            User attributes: plain values that JSON can hold.
        direction
            Whether its trials' values are to be low or high.

        Raises
        ------
        StorageError
            When a study of that name exists, or the database cannot be written.
        """
        try:
            create_leases(self.engine)
            create_missing(self.engine, dev_predictions)
            with self.engine.begin() as connection:
                write_study(connection, name, attributes, direction)
        except IntegrityError:
            raise self.name_is_taken(name) from None
        except SQLAlchemyError as error:
            raise storage_error(error, self._parsed) from error

    def attributes(self, name: str) -> dict[str, Any]:
        """Return a study's user attributes.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be read.
        """
        return self._read(lambda: self._storage.get_study_user_attrs(self._study_id(name)))

    def set_attribute(self, name: str, key: str, value: object, *, lease: Lease | None = None) -> None:
        """Set one of a study's user attributes.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be written.
        LeaseLostError
            With a lease, when it is another's by now.
        """
        self.update_attribute(name, key, set_to(value), lease=lease)

    def update_attribute(
        self, name: str, key: str, change: Callable[[Any], object], *, lease: Lease | None = None
    ) -> None:
        """Change one of a study's user attributes, whoever else does so at the same moment.

        Parameters
        ----------
        name
            The study.
        key
            The attribute's name.
        change
            Makes the new value from the one that is there, None where there is none.
        lease
            The lease of whoever runs the study; others write without.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be written.
        LeaseLostError
            With a lease, when it is another's by now.
        """
        self.update_attributes(name, {key: change}, lease=lease)

    def update_attributes(
        self, name: str, changes: Mapping[str, Callable[[Any], object]], *, lease: Lease | None = None
    ) -> None:
        """Change several of a study's user attributes, all or none; else as `update_attribute`.

        Parameters
        ----------
        name
            The study.
        changes
            By the attribute's name, what makes the new value from the one that is there.
        lease
            The lease of whoever runs the study.
        """
        with self._writing(name, lease) as (connection, study_id):
            for key, change in changes.items():
                change_attribute(connection, study_id, key, change)

    def mark_trial(
        self, name: str, number: int, key: str, value: object | None, *, lease: Lease | None = None
    ) -> None:
        """Set one of a trial's attributes, also of one that has ended, or drop it where the value is None.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be written.
        LeaseLostError
            With a lease, when it is another's by now.
        """
        with self._writing(name, lease) as (connection, study_id):
            write_mark(connection, study_id, number, key, value)

    def take_up(
        self,
        name: str,
        choose: Callable[[Sequence[QueuedTrial], int], Mapping[QueuedTrial, object]],
        *,
        key: str,
        after: int = 0,
        lease: Lease | None = None,
    ) -> int:
        """Move trials that another tool queued to the end of a list among the study's attributes.

        All of it is one transaction: a trial is queued, or it is in the list and marked as taken.

        Parameters
        ----------
        name
            The study.
        choose
            Is given the queued trials and how long the list is; returns those that are taken, each with what
            the list is to hold of it.
        key
            The list's attribute.
        after
            What the last call returned, in order not to look at older trials again; 0 at first.
        lease
            The lease of whoever runs the study.

        Returns
        -------
        int
            The key of the newest trial that was looked at.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be written.
        LeaseLostError
            With a lease, when it is another's by now.
        """
        with told_as_storage_errors(self._parsed):
            study_id = self._study_id(name)
            with self.engine.connect() as connection:
                newest = newest_key(connection)
                if newest < after:  # other studies were deleted, and their keys are given again
                    after = 0
                # Nearly always there is none, and nothing is locked.
                if not queued_trials(connection, study_id, after=after):
                    return newest
        with self._writing(name, lease) as (connection, study_id):

            def longer(points: Sequence[object] | None) -> list[object]:
                longer = list(points or ())
                queued = queued_trials(connection, study_id, after=after)
                for trial, point in choose(queued, len(longer)).items():
                    if mark_taken(connection, trial, len(longer)):
                        longer.append(point)
                return longer

            change_attribute(connection, study_id, key, longer)
        return newest

    def trials(self, name: str, *, with_curves: bool = True) -> list[FrozenTrial]:
        """Return a study's trials, by number.

        Parameters
        ----------
        name
            The study.
        with_curves
            Whether learning curves are read, which take most of the time and the memory, and which the search
            has no use for. Without, each is empty but for its `folds`.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be read.
        """
        with told_as_storage_errors(self._parsed):
            study_id = self._study_id(name)
            with self.engine.connect() as connection:
                return read_trials(connection, study_id, with_curves=with_curves)

    def changed_trials(self, name: str, *, after: int, running: Collection[int]) -> list[FrozenTrial]:
        """Return the trials that were begun or have ended since somebody looked, by number, with curves.

        Parameters
        ----------
        name
            The study.
        after
            The highest key of a trial that was there; 0 where there was none.
        running
            Keys of the trials that were running.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be read.
        """
        with told_as_storage_errors(self._parsed):
            study_id = self._study_id(name)
            with self.engine.connect() as connection:
                return read_changed_trials(connection, study_id, after=after, running=running)

    def read_curves(self, name: str, trials: Iterable[FrozenTrial]) -> None:
        """Put the learning curves of some trials, which were read without, into their attributes.

        Raises
        ------
        StorageError
            When there is no such study, or the database cannot be read.
        """
        with told_as_storage_errors(self._parsed):
            study_id = self._study_id(name)
            with self.engine.connect() as connection:
                read_curves(connection, study_id, trials)

    def dev_predictions(self, name: str) -> dict[int, NDArray[np.float32]]:
        """Return what the best trials predicted for the dev set, by number: (n_dev, n_outputs)."""
        if not inspect(self.engine).has_table(dev_predictions.name):
            return {}
        return self._read(lambda: read_dev_predictions(self.engine, self._study_id(name)))

    def record(  # noqa: PLR0913 (what a step holds, each by its name)
        self,
        name: str,
        *,
        ended: Sequence[TrialResult],
        asked: Sequence[AskedTrial],
        attributes: Mapping[str, object] | None = None,
        predictions: Mapping[int, NDArray[np.float32] | None] | None = None,
        lease: Lease | None = None,
    ) -> Sequence[int]:
        """Make results, new trials and attributes durable, all of them or none, in one transaction.

        With a lease, a record that failed because the database was away is repeated as it was: should it have
        been written after all, it is not written again.

        Parameters
        ----------
        name
            The study.
        ended, asked
            What is written of trials.
        attributes
            What is written of the study: plain values that JSON can hold.
        predictions
            What trials among those ended or before predicted for the dev set (n_dev, n_outputs); None for
            those whose predictions are kept no longer.
        lease
            The lease of whoever runs the study.

        Returns
        -------
        sequence of int
            The new trials' numbers: those that they were given here, or the next free ones where another tool
            has made trials meanwhile.

        Raises
        ------
        StorageAwayError
            When the database cannot be written for the moment.
        StorageError
            When it cannot be written.
        LeaseLostError
            With a lease, when it is another's by now.
        StudyConflictError
            When a trial was ended by another coordinator, or the next one's number is one of its trials'.
        """
        if not (ended or asked or attributes):
            return []
        if predictions and not self._has_dev_predictions:
            with told_as_storage_errors(self._parsed):
                create_missing(self.engine, dev_predictions)
            self._has_dev_predictions = True
        writer: TrialWriter | None = None
        remembered, self._remembered = self._remembered, None  # it is true only if all goes well
        try:
            with told_as_storage_errors(self._parsed), self.engine.begin() as connection:
                if lease is not None and not lease.advance(
                    connection, _content(ended, asked, attributes or {})
                ):
                    numbers = TrialWriter(self._locked(connection, name)).written(connection, asked)
                else:
                    study_id = self._locked(connection, name)
                    is_known = remembered is not None and remembered[0] is lease
                    writer = remembered[1] if remembered and is_known else TrialWriter(study_id)
                    numbers = writer.write(connection, ended=ended, asked=asked)
                    for key, value in (attributes or {}).items():
                        change_attribute(connection, study_id, key, set_to(value))
                    write_dev_predictions(connection, study_id, predictions or {})
        except StorageAwayError:  # it may have been written all the same
            raise
        except Exception:
            if lease is not None:
                lease.undone()
            raise
        if lease is not None:
            lease.done()
            if writer is not None:
                writer.committed(ended=ended)
                self._remembered = lease, writer
        return numbers

    @contextmanager
    def _writing(self, name: str, lease: Lease | None) -> Iterator[tuple[Connection, int]]:
        """Give a transaction in which nobody else writes to a study, and the study's key."""
        with told_as_storage_errors(self._parsed), self.engine.begin() as connection:
            if lease is not None:
                lease.hold(connection)
            yield connection, self._locked(connection, name)

    def _locked(self, connection: Connection, name: str) -> int:
        study_id = locked_study(connection, name)
        if study_id is None:
            raise self._no_study(name)
        return study_id

    def _study_id(self, name: str) -> int:
        try:
            return self._storage.get_study_id_from_name(name)
        except KeyError:
            raise self._no_study(name) from None

    def name_is_taken(self, name: str) -> StorageError:
        """Return the error for a name that a study has."""
        holder = self.holder(name)
        resume, watch, stop = (
            next_command(self.shown_url, command, name) for command in ("resume", "watch", "stop")
        )
        if holder is not None and holder.runs:
            now = f" and is run by {holder}: `{watch}` shows it, `{stop}` stops it,"
        else:
            now = f": `{resume}` continues it,"
        return StorageError(f"study {name!r} exists in {self.shown_url}{now} --name NAME starts another")

    def _no_study(self, name: str) -> StorageError:
        near = nearest_word(name, self.study_names())
        listing = next_command(self.shown_url, "list")
        hint = f"; did you mean {shlex.quote(near)}?" if near else f"; `{listing}` shows what there is"
        return StorageError(f"no study {name!r} in {self.shown_url}{hint}")

    def _read(self, read: Callable[[], T]) -> T:
        with told_as_storage_errors(self._parsed):
            return read()


def _content(
    ended: Sequence[TrialResult], asked: Sequence[AskedTrial], attributes: Mapping[str, object]
) -> tuple[tuple[int | str, ...], ...]:
    """Return what tells a record from another of the same study."""
    return tuple(result.number for result in ended), tuple(trial.number for trial in asked), tuple(attributes)
