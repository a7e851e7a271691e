"""From a validated study to its report: here the concrete parts are chosen and put together."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from search_spaces.values import Value
from service.advice.diagnosis.advised_step import StepKind
from service.advice.diagnosis.next_study.next_study import next_name, next_study, round_name
from service.advice.diagnosis.study_diagnosis import StudyDiagnosis, diagnose_study
from service.advice.rounds.chain import best_round, chain_of
from service.commands.pools import Pools
from service.commands.report_writing import keep_report
from service.commands.study_run import StudyRun
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import RoundsConfig, StudyConfig, check_task, resolve
from service.configuration.study_writing import write_new_file, written_study
from service.data.preparation.input_columns import known_categories
from service.data.preparation.prepared_data import PreparedData, prepare_data, read_known
from service.data.preparation.space_fit import check_space_fits, taken_for_images
from service.errors import BadInputError
from service.report.facts.study_report import StudyReport, build_report
from service.report.terminal.display import Display, Showing
from service.report.terminal.interruption import INTERRUPTED_STATUS, Interruption
from service.report.terminal.learning_curve_text import GIVING_UP, TrainingLines
from service.report.terminal.quiet_streams import quiet_streams
from service.seal.ledger import Ledger
from service.study.search.enqueued_points import (
    ENQUEUED,
    USER,
    EnqueuedPoint,
    complete_point,
    warm_start_points,
)
from service.study.search.sampling.needed_packages import check_packages
from service.study.storage.database import check_can_be_made, check_name_is_free, open_storage
from service.study.storage.kept_trials import searched
from service.study.storage.machine_record import differences, this_machine, versions_here
from service.study.storage.patience import Patience, wait_out
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore
from service.winner.examination.conclusion import check_data, measure_winner, open_test_set, train_winner
from service.winner.examination.winner_model import model_of
from service.winner.learning_curve.curve_plan import plan_curve
from service.winner.learning_curve.learner import learner_of
from service.winner.learning_curve.measured_curve import curve_of, measure
from service.winner.models.model_description import Model, ModelDescription
from service.winner.models.model_writing import check_place, write_model
from service.winner.models.onnx_extra import onnx_encoder
from workers.pools.in_process_pool import InProcessPool


def run_study(  # noqa: PLR0913 (what a run is told, each by its name)
    config: StudyConfig,
    launch: LaunchConfig,
    *,
    command: str,
    keep_sealed: bool,
    look_again: str | None,
    showing: Showing,
    with_page: bool,
) -> int:
    """Run a new study to its end, and return the command's exit status.

    Parameters
    ----------
    config
        The study.
    launch
        Where it runs.
    command
        The command that gives the same study again, but for its concurrency, which is added here.
    keep_sealed
        Whether the test set is left sealed at the end.
    look_again
        Why the end opens the test set also where other studies did before; None where it is not to.
    showing
        What the user is shown on the way.
    with_page
        Whether the report is written to a file in the working directory as well.

    Raises
    ------
    BadInputError
        Nothing has been written then.
    ProctorError
        The study cannot be ended; what has been done is kept.
    """
    check_packages(config.sampler.kind)
    prepared = prepare_data(config)
    check_space_fits(config.space, prepared.train_dev)
    check_task(config, prepared.split.task)
    check_can_be_made(launch)
    for number in range(1, config.rounds.count + 1):
        check_name_is_free(launch, round_name(config.name, number))
    with _display(config.name, showing) as display, Pools(launch, display) as pools:
        pools.on(prepared.trial_data)  # a cluster out of reach is told before anything is written
        for note in prepared.notes:
            display.note(note)
        if config.depends_on_the_machine:
            display.note(
                "limits in seconds or memory: what they end depends on the machine, and so may the study"
            )
        if images := taken_for_images(config.space, prepared.train_dev):
            display.warn(images)
        resolved = resolve(
            config,
            task=prepared.split.task,
            class_counts=prepared.class_counts,
        )
        with closing(open_storage(launch, create=True)) as store:
            points = _warm_start(resolved, prepared, store, display)
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
            run = StudyRun(store, pools.on, launch, display)
            return _run(study, prepared, run, store=store, display=display, with_page=with_page)


def resume_study(name: str, launch: LaunchConfig, *, showing: Showing, with_page: bool) -> int:
    """Go on with a study, or its rounds, where it stopped, and return the command's exit status.

    Parameters
    ----------
    name
        The study.
    launch
        Where it runs.
    showing
        What the user is shown on the way.
    with_page
        Whether the report is written to a file in the working directory as well.

    Raises
    ------
    BadInputError
        When there is no such study, or its data have changed.
    ProctorError
        The study cannot be ended; what has been done is kept.
    """
    with closing(open_storage(launch, create=False)) as store:
        study = chain_of(store, load_study(store, name)).last
        check_packages(study.config.sampler.kind)
        prepared = _prepare_again(study)
        with _display(name, showing) as display, Pools(launch, display) as pools:
            stored = {"machine": study.machine, "versions": study.versions}
            for difference in differences(stored, this_machine(), versions_here()):
                display.warn(f"{difference}; results from here on may differ in their last bits")
            run = StudyRun(store, pools.on, launch, display)
            return _run(study, prepared, run, store=store, display=display, with_page=with_page)


def unseal_study(name: str, launch: LaunchConfig, *, reason: str | None) -> StudyReport:
    """Open the sealed test set of a study that has ended.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    reason
        Why it is looked at again, where this study or another looked before.

    Raises
    ------
    BadInputError
        When there is no such study, its data have changed, it has not ended, or it has no test set.
    AlreadyOpenedError
        When the test set was opened before, and no reason is given to look again.
    """
    store, study = _ended_study(name, launch, rule="a test set is opened for the winner of all")
    winner = (chain_of(store, study).ending or {}).get("winner", study.config.name)
    if winner != study.config.name:
        raise BadInputError(f"study {name!r} did not win: the test set is opened for study {winner!r}")
    prepared = _prepare_again(study)
    if prepared.split.test is None:
        raise BadInputError(f"study {name!r} has no test set: its figure is the dev set's")
    ledger = Ledger(store.engine)
    ledger.check_may_open(study.config.name, prepared.split.test.fingerprint, reason)
    candidate = measure_winner(study, prepared, store=store, pool=InProcessPool(prepared.trial_data))
    open_test_set(study, candidate, ledger=ledger, reason=reason)
    return build_report(load_study(store, study.config.name), store)


def enqueue_point(
    name: str, launch: LaunchConfig, given: Mapping[str, Value]
) -> tuple[Mapping[str, Value], int]:
    """Have a point tried as the next trial of a study whose search has not ended.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    given
        Values of searched hyperparameters; the rest have their defaults.

    Returns
    -------
    values
        The whole point.
    n_before
        Points that wait before it.

    Raises
    ------
    BadInputError
        When there is no such study, its search has ended, or the point does not lie in its space.
    """
    store = open_storage(launch, create=False)
    study = load_study(store, name)
    n_waiting = len(study.enqueued) - sum(ENQUEUED in trial.user_attrs for trial in study.trials)
    n_to_ask = study.config.trials - len(searched(study.trials))
    if study.ending is not None:
        raise BadInputError(f"study {name!r} takes no more points: its search has ended")
    if n_waiting >= n_to_ask:
        raise BadInputError(
            f"study {name!r} takes no more points: its {study.config.trials} trials are taken"
        )
    point = EnqueuedPoint(complete_point(study.config.space, given), USER).attribute()
    store.update_attribute(name, ENQUEUED, lambda points: [*(points or ()), point])
    return point["values"], n_waiting


class Advised(NamedTuple):
    """What a study says, and the step that the study file takes which was written, if one was."""

    study: StoredStudy
    diagnosis: StudyDiagnosis
    written: StepKind | None


def advise_study(name: str, launch: LaunchConfig, path: Path | None) -> Advised:
    """Diagnose a study, and write the study file that this advises, with comments that say why.

    Parameters
    ----------
    name
        The study; the first of several rounds stands for the best of them once they have ended.
    launch
        Where it is kept.
    path
        The study file, to be made; None for none.

    Raises
    ------
    BadInputError
        When there is no such study; or a file is asked for, and the study has not ended, no advised step is
        one that a search can take, or the file exists or cannot be written.
    """
    store = open_storage(launch, create=False)
    study = best_round(store, load_study(store, name))
    diagnosis = diagnose_study(study)
    if path is None:
        return Advised(study, diagnosis, None)
    _ended_study(name, launch, rule="advice is given on what all trials show")
    if diagnosis.gaps is None:
        raise BadInputError(
            f"study {name!r} has no diagnosis yet: its winner has not been measured; `proctor resume {name}`"
            " does it"
        )
    name_of_next, taken = next_name(study.config.name), set(store.study_names())
    while name_of_next in taken:
        name_of_next = next_name(name_of_next)
    following = next_study(study, diagnosis, name=name_of_next)
    if following is None:
        raise BadInputError(f"{path} is not written: no step that is advised is one that a search can take")
    header = [
        f"What study {study.config.name} advises to try next: {following.step}.",
        "The split is the same one, so that the test set is; the search begins with the best points so far.",
        "If a study has opened that test set, the figure stays sealed: proctor run FILE --look-again REASON.",
    ]
    config = following.config.model_copy(update={"rounds": RoundsConfig()})
    write_new_file(path, written_study(config, header=header, reasons=following.reasons))
    return Advised(study, diagnosis, following.step)


def export_study(
    name: str, launch: LaunchConfig, path: Path, *, replace: bool, with_onnx: bool
) -> ModelDescription:
    """Train the winner of a study that has ended again, and write it to a directory.

    The test set stays sealed, the ledger is not asked, and the study's storage is left as it is.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    path
        The model's directory, made here.
    replace
        Whether a model that is there already makes way.
    with_onnx
        Whether `model.onnx` is written beside the rest.

    Returns
    -------
    ModelDescription
        What was written.

    Raises
    ------
    BadInputError
        When there is no such study, its data have changed, it has not ended, or the place is taken; or ONNX
        is asked for, and is not installed or cannot do what the winner does.
    ProctorError
        When there is no winner, it cannot be trained again, or the model cannot be written.
    """
    check_place(path, replace=replace)
    encode = onnx_encoder() if with_onnx else None
    study, model = _trained_model(name, launch)
    categories = known_categories(study.config, model.network.preparation.transformation) if encode else {}
    write_model(model, path, replace=replace, onnx=encode(model, categories) if encode else None)
    return model.description


def winner_of_study(name: str, launch: LaunchConfig) -> Model:
    """Train the winner of a study that has ended again, to predict with it at once; nothing is written.

    Raises
    ------
    BadInputError, ProctorError
        As for `export_study`.
    """
    return _trained_model(name, launch)[1]


def _trained_model(name: str, launch: LaunchConfig) -> tuple[StoredStudy, Model]:
    store, study = _ended_study(name, launch, rule="a model is the winner of all")
    prepared = _prepare_again(study)
    candidate = train_winner(study, prepared, store=store, pool=InProcessPool(prepared.trial_data))
    return study, model_of(study, prepared, candidate)


def _ended_study(name: str, launch: LaunchConfig, *, rule: str) -> tuple[StudyStore, StoredStudy]:
    """Load a study that has nothing left to run; the rule says why that is asked.

    The first of several rounds stands for all of them: it is the round that won that is loaded.
    """
    store = open_storage(launch, create=False)
    study = load_study(store, name)
    chain = chain_of(store, study)
    left = study.left or ("rounds left" if chain.has_rounds and chain.ending is None else "")
    if left:
        raise BadInputError(f"study {name!r} has {left}: {rule}; `proctor resume {name}` goes on")
    return store, best_round(store, study)


def _prepare_again(study: StoredStudy) -> PreparedData:
    """Prepare a stored study's data; others than it began with are refused."""
    prepared = prepare_data(study.config)
    check_data(study, prepared.split)
    return prepared


def measure_learning_curve(name: str, launch: LaunchConfig, *, n_seeds: int, showing: Showing) -> int:
    """Measure what more train examples would bring, and keep it with the study; return the exit status.

    The test set stays sealed. What was measured before makes way, once all trainings have ended.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept, and where its winner is trained.
    n_seeds
        Trainings on each part of the train set.
    showing
        What the user is shown.

    Raises
    ------
    BadInputError
        When there is no such study, its data have changed, it has not ended, it has no winner, or folds; or
        its train set is too small for a curve.
    ProctorError
        The trainings cannot be ended; the study is left as it was.
    """
    store, study = _ended_study(name, launch, rule="a learning curve is that of the winner of all")
    with closing(store):
        return _measure_curve(store, study, launch, n_seeds=n_seeds, showing=showing)


def _measure_curve(
    store: StudyStore, study: StoredStudy, launch: LaunchConfig, *, n_seeds: int, showing: Showing
) -> int:
    learner = learner_of(study)
    known = read_known(study.config)
    check_data(study, known.sets)
    plan = plan_curve(learner, known, n_seeds=n_seeds, study_seed=study.config.seed_of_search)
    with _display(study.config.name, showing) as display, Pools(launch, display) as pools:
        pool = pools.on(plan.data)
        lines = TrainingLines(plan, display.say)
        lines.begin(study.config.name, n_workers=pool.n_workers)
        with Interruption(lambda: display.warn(GIVING_UP), terminal=None) as is_interrupted:
            outcomes = measure(plan, pool, watch=lines.ended, is_interrupted=is_interrupted)
            curve = None if outcomes is None else curve_of(plan, outcomes, seed=study.config.seed)
            if curve is None or is_interrupted():
                return INTERRUPTED_STATUS
            attribute = curve.model_dump(mode="json")
            wait_out(
                lambda: store.set_attribute(study.config.name, "learning_curve", attribute),
                patience=Patience(give_up_seconds=launch.storage_patience),
                say=display.warn,
                is_given_up=is_interrupted,
            )
        display.learning_curve(curve)
    return 0


def prepare_storage(launch: LaunchConfig) -> str:
    """Make the tables of studies and ledger where they are missing; return the URL without a password."""
    return open_storage(launch, create=True).shown_url


def _warm_start(
    config: StudyConfig, prepared: PreparedData, store: StudyStore, display: Display
) -> list[EnqueuedPoint]:
    """Return the points to try first, from the earlier study that is named, and say what should be known."""
    if config.warm_start is None:
        return []
    earlier = load_study(store, config.warm_start)
    points = warm_start_points(earlier, config.space)
    display.note(f"{len(points)} points of study {config.warm_start} are tried first, after the defaults")
    if prepared.test_fingerprint is not None and earlier.test_fingerprint != prepared.test_fingerprint:
        display.warn(
            f"study {config.warm_start} had another test set: its points may have been chosen on examples"
            " that are in this one's, whose figure may then flatter"
        )
    return points


def _run(  # noqa: PLR0913 (what a run has, each by its name)
    study: StoredStudy,
    prepared: PreparedData,
    run: StudyRun,
    *,
    store: StudyStore,
    display: Display,
    with_page: bool,
) -> int:
    """Run what is left, show the report, and return the command's exit status."""
    report = run.to_its_end(study, prepared)
    if report is None:
        return INTERRUPTED_STATUS
    display.report(report)
    keep_report(report, store, display, with_page=with_page)
    return 0


@contextmanager
def _display(name: str, showing: Showing) -> Iterator[Display]:
    """Keep the screen for what the user is to see; all else goes to a log file."""
    descriptor, log = tempfile.mkstemp(prefix=f"proctor-{name}-", suffix=".log")
    os.close(descriptor)
    with quiet_streams(Path(log)) as streams:
        yield Display(streams, showing, log=log)
