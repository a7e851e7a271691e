"""The opening of a test set that was left sealed, or another look at one."""

from service.advice.rounds import chain_of
from service.commands.ended_study import check_ended, ended_study
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.report.facts.study_report import StudyReport, build_report
from service.study.storage.stored_data import prepare_again
from service.study.storage.stored_study import load_study
from service.winner.examination.conclusion import measure_winner, open_test_set
from workers.pools.in_process_pool import InProcessPool


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
    with ended_study(name, launch, rule="the test set is opened for the winner of all trials") as (
        store,
        study,
    ):
        won = study.config.name
        winner = (chain_of(store, study).ending or {}).get("winner", won)
        if winner != won:
            raise BadInputError(f"study {name!r} did not win: the test set is opened for study {winner!r}")
        prepared = prepare_again(study)
        if prepared.split.test is None:
            raise BadInputError(f"study {name!r} has no test set: its figure is the dev set's")
        with store.take_lease(won) as lease:
            held = load_study(store, won)  # nobody goes on with its search, or sets a trial aside, meanwhile
            check_ended(held, store, rule="the test set is opened for the winner of all trials")
            ledger = store.ledger()
            ledger.check_may_open(held.identity, prepared.split.test.fingerprint, reason)
            pool = InProcessPool(prepared.trial_data)
            candidate = measure_winner(held, prepared, store=store, pool=pool, lease=lease)
            open_test_set(held, candidate, ledger=ledger, reason=reason)
        return build_report(load_study(store, won), store)
