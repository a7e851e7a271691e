"""From a validated study to its report: begun, or gone on with."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from search_spaces.counted import counted
from service.advice.rounds import chain_of
from service.commands.beginning import names_of
from service.commands.pools import Pools, n_trials_of
from service.commands.report_writing import keep_report
from service.commands.study_run import RunDisplay, StudyRun
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.configuration.study_difference import first_difference
from service.configuration.study_file import study_from_flags
from service.data.preparation.own_model import change_since, with_checksum
from service.data.preparation.prepared_data import PreparedData
from service.data.preparation.space_fit import taken_for_images
from service.errors import BadInputError
from service.report.facts.study_report import build_report
from service.report.terminal.interruption import INTERRUPTED_STATUS
from service.study.search.enqueued_points import (
    EnqueuedPoint,
    warm_start_points,
)
from service.study.search.more_trials import NewLimits, extend_study
from service.study.search.sampler_packages import check_packages
from service.study.storage.database import check_can_be_made, check_name_is_free, has_study, opened_storage
from service.study.storage.machine_record import differences, this_machine, versions_here
from service.study.storage.stored_data import prepare_again
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore


def run_study(  # noqa: PLR0913 (a run's options, each by its name)
    config: StudyConfig,
    launch: LaunchConfig,
    prepared: PreparedData,
    *,
    command: str,
    keep_sealed: bool,
    look_again: str | None,
    display: AbstractContextManager[RunDisplay],
    with_page: bool,
) -> int:
    """Run a new study to its end, and return the command's exit status.

    Parameters
    ----------
    config
        The study.
    launch
        Where it runs.
    prepared
        Its data, from `checked_data`.
    command
        The command that gives the same study again, but for its concurrency, which is added here.
    keep_sealed
        Whether the test set is left sealed at the end.
    look_again
        Why the end opens the test set also where other studies did before; None where it is not to.
    display
        What shows the user how it goes.
    with_page
        Whether the report is written to a file in the working directory as well.

    Raises
    ------
    BadInputError
        Nothing has been written then.
    ProctorError
        The study cannot be ended; what has been done is kept.
    """
    check_can_be_made(launch)
    for name in names_of(config):
        check_name_is_free(launch, name)
    with display as shown, Pools(launch, shown, n_trials=n_trials_of(config)) as pools:
        pools.on(prepared.trial_data)  # report a cluster that is out of reach before anything is written
        for note in prepared.notes:
            shown.note(note)
        for warning in prepared.warnings:
            shown.warn(warning)
        if config.depends_on_the_machine:
            shown.note(
                "limits in seconds or memory depend on the machine, so another run may give other results"
            )
        if images := taken_for_images(config.space, prepared.train_dev):
            shown.warn(images)
        resolved = prepared.resolved(with_checksum(config, prepared.own_model))
        with opened_storage(launch, create=True) as store:
            points = _warm_start(resolved, prepared, store, shown)
            again = f"{command} --concurrency {resolved.concurrency}"
            create_study(
                store,
                resolved,
                prepared,
                command=again,
                keep_sealed=keep_sealed,
                look_again=look_again,
                enqueued=[point.attribute() for point in points],
            )
            study = load_study(store, config.name)
            run = StudyRun(store, pools.on, launch, shown)
            return _run(study, prepared, run, store=store, display=shown, with_page=with_page)


def is_begun(config: StudyConfig, launch: LaunchConfig, *, keep_sealed: bool, look_again: str | None) -> bool:
    """Tell whether a study is there already, so that it can go on.

    Parameters
    ----------
    config, launch
        As for `run_study`.
    keep_sealed, look_again
        Likewise; False and None leave it to the study, which was begun with one of them or with none.

    Raises
    ------
    BadInputError
        A study of this name has other settings.
    StorageError
        The database cannot be reached.
    """
    if not has_study(launch, config.name):
        return False
    with opened_storage(launch, create=False) as store:
        kept = load_study(store, config.name)
    difference = first_difference(config, kept.config)
    ours, theirs = _opening(keep_sealed, look_again), _opening(kept.keep_sealed, kept.look_again)
    if difference is None and ours is not None and ours != theirs:
        difference = f"{theirs or 'neither --keep-sealed nor --look-again'}, got {ours}"
    if difference is not None:
        raise BadInputError(
            f"--resume: study {config.name!r} was begun with other settings: expected {difference};"
            " --name NAME starts another"
        )
    return True


def _opening(keep_sealed: bool, look_again: str | None) -> str | None:  # noqa: FBT001 (as a study has them)
    """Return the flag of `run` that says whether the end opens the test set; None where none does."""
    if keep_sealed:
        return "--keep-sealed"
    return None if look_again is None else f"--look-again {look_again!r}"


def resume_study(  # noqa: PLR0913 (a resume's options, each by its name)
    name: str,
    launch: LaunchConfig,
    *,
    limits: Mapping[str, object],
    retry_failed: bool,
    look_again: str | None,
    display: AbstractContextManager[RunDisplay],
    with_page: bool,
) -> int:
    """Go on with a study, or its rounds, where it stopped, and return the command's exit status.

    Parameters
    ----------
    name
        The study.
    launch
        Where it runs.
    limits
        New limits of the search, by their keys in a study file; none where it has those that it had.
    retry_failed
        Whether the points of trials that the machine failed are tried again, by trials beyond the limit.
    look_again
        Why the end opens the test set, also where the study or another has done so; None where it is not to.
    display
        What shows the user how it goes.
    with_page
        Whether the report is written to a file in the working directory as well.

    Raises
    ------
    BadInputError
        When there is no such study, its data have changed, or it has reached one of the limits.
    ProctorError
        The study cannot be ended; what has been done is kept.
    """
    with opened_storage(launch, create=False) as store:
        study = chain_of(store, load_study(store, name)).last
        check_packages(study.config.sampler.kind)
        prepared = prepare_again(study)
        new, last = _limits(limits), study.config.name
        goes_on = (bool(limits) or retry_failed) and extend_study(
            last, store, new, look_again=look_again, retry_failed=retry_failed
        )
        study = load_study(store, last) if goes_on else study
        n_trials = n_trials_of(study.config, n_ended=len(study.trials))
        with display as shown, Pools(launch, shown, n_trials=n_trials) as pools:
            if goes_on:
                keep_report(build_report(study, store), store, shown, with_page=False)
            stored = {"machine": study.machine, "versions": study.versions}
            for difference in differences(stored, this_machine(), versions_here()):
                shown.warn(f"{difference}; results from here on may differ in their last bits")
            if change := change_since(study.config, prepared.own_model):
                shown.warn(change)
            run = StudyRun(store, pools.on, launch, shown)
            return _run(study, prepared, run, store=store, display=shown, with_page=with_page)


def _limits(given: Mapping[str, object]) -> NewLimits:
    """Read limits by the rules of `run`."""
    if not given:
        return NewLimits(None, {})
    config, _ = study_from_flags({"data.table": "digits", **given})
    budget = config.budget.model_dump(include={key.removeprefix("budget.") for key in given})
    return NewLimits(config.trials if "trials" in given else None, budget)


def _warm_start(
    config: StudyConfig, prepared: PreparedData, store: StudyStore, display: RunDisplay
) -> list[EnqueuedPoint]:
    """Return the points to try first, from the earlier study that is named, and say what should be known."""
    if config.warm_start is None:
        return []
    earlier = load_study(store, config.warm_start)
    points = warm_start_points(earlier, config.space)
    are = "is" if len(points) == 1 else "are"
    display.note(
        f"{counted(len(points), 'point')} of study {config.warm_start} {are} tried first, after the defaults"
    )
    if prepared.test_fingerprint is not None and earlier.test_fingerprint != prepared.test_fingerprint:
        display.warn(
            f"study {config.warm_start} had another test set: its points may have been chosen on examples of"
            f" this test set, whose figure may then be optimistic"
        )
    return points


def _run(  # noqa: PLR0913 (what a run has, each by its name)
    study: StoredStudy,
    prepared: PreparedData,
    run: StudyRun,
    *,
    store: StudyStore,
    display: RunDisplay,
    with_page: bool,
) -> int:
    """Run what is left, show the report, and return the command's exit status."""
    report = run.to_its_end(study, prepared)
    if report is None:
        return INTERRUPTED_STATUS
    display.report(report)
    keep_report(report, store, display, with_page=with_page)
    return 0
