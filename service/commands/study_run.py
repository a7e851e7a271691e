"""A study's run to its report: search, confirmation, winner, further rounds, and the opening at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from service.advice.contest import PAIRS, dev_pairs, entrant_attribute, next_entrant
from service.advice.next_study import NextStudy
from service.advice.rounds import Chain, RoundsEnded, chain_of, next_round, round_attribute
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ResolvedStudy
from service.data.preparation.prepared_data import PreparedData
from service.data.preparation.space_fit import taken_for_images
from service.errors import BadInputError
from service.report.facts.final_facts import earlier_looks
from service.report.facts.study_report import StudyReport, build_report
from service.report.wording.final_figure import warning_of_earlier_looks
from service.study.search.enqueued_points import EnqueuedPoint, warm_start_points
from service.study.search.progress import StudyProgress
from service.study.search.search_run import SearchListener, search_run
from service.study.search.winner import has_winner, winner_of
from service.study.storage.database_failures import Patience, told_as_storage_errors, wait_out
from service.study.storage.database_url import next_command
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageAwayError
from service.study.storage.stored_data import prepare_again
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_format import ROUNDS_ENDING
from service.study.storage.study_store import StudyStore
from service.winner.examination.conclusion import conclude
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.trial_data import TrialData

T = TypeVar("T")


class RunListener(SearchListener, Protocol):
    """The listener of a study's run and its rounds, which may stop it."""

    def warn(self, text: str) -> None:
        """Hear something that people should know."""
        ...

    def next_round(self, following: NextStudy, *, number: int) -> None:
        """Hear what the next round tries, and what it changes."""
        ...

    def next_entrant(self, kind: str, *, number: int, n_kinds: int) -> None:
        """Hear which kind of model a contest goes on with."""
        ...

    def stopped(self, progress: StudyProgress, *, resume: str) -> None:
        """Hear how far a run came that was stopped, and the command that goes on with it."""
        ...


class RunDisplay(RunListener, Protocol):
    """The display of a study's run, from notes on its data to its report."""

    def note(self, text: str) -> None:
        """Show something of the data that nobody need act on."""
        ...

    def report(self, report: StudyReport) -> None:
        """Show the report."""
        ...

    def page_written(self, path: Path) -> None:
        """Show where the report's page is."""
        ...


@contextmanager
def _told_how_to_go_on(resume: str) -> Iterator[None]:
    """Add to an error that ends a run, and that the user can fix, the command that goes on."""
    try:
        yield
    except (StorageAwayError, PoolUnreachableError) as error:
        raise type(error)(f"{error}; finished work is kept; continue with: {resume}") from error


class StudyRun:
    """What runs studies.

    Parameters
    ----------
    store
        Where they are kept.
    pool_on
        Gives who trains on some data.
    launch
        Where they run.
    listener
        Its listener: the user's display, or a silent one.
    """

    def __init__(
        self,
        store: StudyStore,
        pool_on: Callable[[TrialData], WorkerPool],
        launch: LaunchConfig,
        listener: RunListener,
    ) -> None:
        self._store, self._pool_on, self._listener = store, pool_on, listener
        self._ledger = store.ledger()
        self._patience = Patience(give_up_seconds=launch.storage_patience)
        self._trains_here = launch.workers == 0

    def to_its_end(self, study: StoredStudy, prepared: PreparedData) -> StudyReport | None:
        """Run what is left of a study, and of its rounds where it has some.

        Parameters
        ----------
        study
            The study, or the newest of its rounds.
        prepared
            Its data.

        Returns
        -------
        StudyReport or None
            The report: with rounds, of the study whose winner is the best of all. None where the user stopped
            the run.

        Raises
        ------
        ProctorError
            It cannot be ended; what has been done is kept.
        """
        chain = chain_of(self._store, study)
        has_rounds = chain.has_rounds
        self._warn_of_looks(chain)
        if self._trains_here and study.config.limits.memory_megabytes is not None:
            self._listener.warn("with --workers 0 nothing limits the memory of a trial")
        while True:
            if not self._is_run(study, prepared, has_rounds=has_rounds):
                return None
            if not has_rounds:
                return self._awaited(partial(self._report, study.config.name))
            following = self._awaited(partial(self._begin_next, study, prepared))
            if following is None:
                return self._end_of_rounds(study, prepared)
            prepared = self.prepared_for(following, study, prepared)
            study = following
            if study.config.contest and (images := taken_for_images(study.config.space, prepared.train_dev)):
                self._listener.warn(images)

    def _warn_of_looks(self, chain: Chain) -> None:
        """Say before anything is run that the test set was opened before, and what follows from it."""
        first, fingerprint = chain.first, chain.first.test_fingerprint
        if fingerprint is None:
            return
        looks = self._awaited(partial(self._ledger.looks_at, fingerprint))
        has_won = first.is_over and has_winner(first.trials)
        winner = winner_of(first.trials, first.metric).number if has_won else None
        earlier = earlier_looks(chain, looks, storage=self._store.shown_url, winner=winner)
        if earlier is not None:
            self._listener.warn(
                warning_of_earlier_looks(
                    earlier,
                    first.config.name,
                    goes_on=bool(first.extensions) and len(first.extensions[-1].looks) > 0,
                    keep_sealed=first.keep_sealed,
                    look_again=first.look_again,
                )
            )

    def _is_run(self, study: StoredStudy, prepared: PreparedData, *, has_rounds: bool) -> bool:
        """Search, confirm and conclude, as the study's one coordinator; return whether that was done."""
        name, store, listener = study.config.name, self._store, self._listener
        data = prepared.trial_data
        resume = next_command(store.shown_url, "resume", name)
        pool: WorkerPool = InProcessPool(data) if study.is_over else self._pool_on(data)
        with (
            _told_how_to_go_on(resume),
            search_run(
                study, data, store=store, pool=pool, listener=listener, patience=self._patience
            ) as run,
        ):
            if run.is_done:
                stays_sealed = run.study.keep_sealed or has_rounds
                conclusion = partial(
                    self._conclude, run.study, prepared, pool=pool, keep_sealed=stays_sealed, lease=run.lease
                )
                self._awaited(conclusion, run.is_interrupted)
            # Where nothing comes after, a run that was stopped as it ended is one that has ended.
            if not run.is_done or (study.config.n_studies > 1 and run.is_interrupted()):
                listener.stopped(run.progress, resume=resume)
                return False
        return True

    def _conclude(
        self,
        study: StoredStudy,
        prepared: PreparedData,
        *,
        pool: WorkerPool,
        keep_sealed: bool,
        lease: Lease,
    ) -> None:
        """Measure the winner, if a later round has one, and open the test set unless it stays sealed.

        In a contest any of the studies may be without a winner.
        """
        name = study.config.name
        must_have_won = study.round is None and not study.config.contest
        if must_have_won or has_winner(load_study(self._store, name).trials):
            conclude(
                name,
                prepared,
                store=self._store,
                ledger=self._ledger,
                pool=pool,
                keep_sealed=keep_sealed,
                look_again=study.look_again,
                lease=lease,
            )

    def _begin_next(self, study: StoredStudy, prepared: PreparedData) -> StoredStudy | None:
        """Begin the round after a study that has ended, or a contest's next kind.

        If there is none, record that, and of a contest how the winners compare; return None.
        """
        store, chain = self._store, self._chain(study)
        if chain.last.config.name != study.config.name:
            return chain.last  # the database was away just after it was made
        if chain.ending is not None:
            return None
        first, number = chain.first, len(chain.studies) + 1
        following = next_entrant(chain) if first.config.contest else next_round(chain)
        config = following.config if isinstance(following, NextStudy) else following
        if isinstance(config, ResolvedStudy) and config.name in store.study_names():
            these = "this contest" if config.contest else "these rounds"
            config = RoundsEnded(f"study {config.name!r} exists, but is not one of {these}")
        if isinstance(config, RoundsEnded):
            pairs = {PAIRS: dev_pairs(chain, prepared, store)} if first.config.contest else {}
            ending = {"reason": config.reason, "winner": chain.number_of_best, **pairs}
            store.set_attribute(first.config.name, ROUNDS_ENDING, ending)
            return None
        points: list[EnqueuedPoint] = []
        if isinstance(following, NextStudy):
            with suppress(BadInputError):  # none of the best points lies in the next space
                points = warm_start_points(chain.best, config.space)
        create_study(
            store,
            config,
            prepared,
            command=first.command,
            keep_sealed=True,
            look_again=first.look_again,
            enqueued=[point.attribute() for point in points],
            round_=round_attribute(chain, following)
            if isinstance(following, NextStudy)
            else entrant_attribute(chain),
        )
        if isinstance(following, NextStudy):
            self._listener.next_round(following, number=number)
        else:
            self._listener.next_entrant(config.model.kind, number=number, n_kinds=len(config.contest))
        return load_study(store, config.name)

    def _end_of_rounds(self, study: StoredStudy, prepared: PreparedData) -> StudyReport:
        """Open the test set for the best winner of all rounds, unless it stays sealed, and report on it.

        Raises
        ------
        ProctorError
            No kind of model in a contest has a winner.
        """
        chain = self._chain(study)
        best = chain.best
        winner_of(best.trials, best.metric)
        if not chain.first.keep_sealed:
            of_best = self.prepared_for(best, study, prepared)
            with self._store.take_lease(best.config.name, is_run=True) as lease:
                opening = partial(
                    self._conclude,
                    best,
                    of_best,
                    pool=InProcessPool(of_best.trial_data),
                    keep_sealed=False,
                    lease=lease,
                )
                self._awaited(opening)
        return self._awaited(partial(self._report, best.config.name))

    def _chain(self, study: StoredStudy) -> Chain:
        """Return the rounds as they stand in storage by now."""
        return chain_of(self._store, load_study(self._store, study.config.name))

    def _report(self, name: str) -> StudyReport:
        return build_report(load_study(self._store, name), self._store)

    def prepared_for(self, study: StoredStudy, other: StoredStudy, prepared: PreparedData) -> PreparedData:
        """Return a round's data: another round's, unless the two search different inputs.

        Parameters
        ----------
        study
            The round.
        other
            Another round of the same rounds.
        prepared
            The other's data.

        Raises
        ------
        BadInputError
            The table has been read anew, and has changed.
        """
        if study.config.space.input_choices() == other.config.space.input_choices():
            return prepared
        return prepare_again(study)

    def _awaited(self, work: Callable[[], T], is_given_up: Callable[[], bool] = lambda: False) -> T:
        """Do some work as soon as the database answers."""

        def told() -> T:
            with told_as_storage_errors(self._store.engine.url):
                return work()

        return wait_out(told, patience=self._patience, say=self._listener.warn, is_given_up=is_given_up)
