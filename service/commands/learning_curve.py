"""What more train examples would bring, measured and kept with the study."""

from service.commands.ended_study import ended_study
from service.commands.pools import Pools
from service.configuration.launch_config import LaunchConfig
from service.data.preparation.prepared_data import read_known
from service.report.terminal.advice_text import GIVING_UP, TrainingLines
from service.report.terminal.display import opened_display
from service.report.terminal.interruption import INTERRUPTED_STATUS, Interruption
from service.report.terminal.showing import Showing
from service.study.storage.database_failures import Patience, wait_out
from service.study.storage.stored_data import check_data, config_here
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_store import StudyStore
from service.winner.learning_curve.curve_plan import learner_of, plan_curve
from service.winner.learning_curve.measured_curve import curve_of, measure


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
    rule = "a learning curve is measured for the winner of all trials"
    with ended_study(name, launch, rule=rule) as (store, study):
        return _measure_curve(store, study, launch, n_seeds=n_seeds, showing=showing)


def _measure_curve(
    store: StudyStore, study: StoredStudy, launch: LaunchConfig, *, n_seeds: int, showing: Showing
) -> int:
    learner = learner_of(study)
    known = read_known(config_here(study), decided=study.train_dev)
    check_data(study, known.sets)
    plan = plan_curve(learner, known, n_seeds=n_seeds, study_seed=study.config.seed_of_search)
    with opened_display(study.config.name, showing) as display, Pools(launch, display) as pools:
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
