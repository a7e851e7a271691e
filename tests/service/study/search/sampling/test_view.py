"""Ended trials are shown so that each sampler learns from all, and finds those that failed the worst."""

import math

from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from service.study.search.sampling.view import StudyView
from service.study.storage.kept_trials import TrialResult

RESULTS = (
    TrialResult(0, TrialState.COMPLETE, 0.2, [0.5, 0.2], {}),
    TrialResult(1, TrialState.PRUNED, 0.6, [0.7, 0.6], {}),
    TrialResult(2, TrialState.FAIL, None, [0.1], {}),
)


def shown(*, complete_alone: bool) -> list[tuple[TrialState, float | None, dict[int, float]]]:
    """Return how the results, and a trial that is running, stand in the view."""
    view = StudyView(
        {"learning_rate": FloatDistribution(0.0, 1.0)}, keeps_notes=False, complete_alone=complete_alone
    )
    for rate in (0.1, 0.2, 0.3, 0.4):
        view.show_running({"learning_rate": rate})
    for result in RESULTS:
        view.show_ended(result)
    return [(trial.state, trial.value, trial.intermediate_values) for trial in view.study.get_trials()]


def test_a_pruned_trial_has_its_last_epoch_and_one_that_failed_has_none() -> None:
    assert shown(complete_alone=False) == [
        (TrialState.COMPLETE, 0.2, {}),
        (TrialState.PRUNED, 0.6, {2: 0.6}),
        (TrialState.PRUNED, None, {}),
        (TrialState.RUNNING, None, {}),
    ]


def test_a_sampler_that_looks_at_complete_trials_alone_sees_all_of_them_complete() -> None:
    assert shown(complete_alone=True) == [
        (TrialState.COMPLETE, 0.2, {}),
        (TrialState.COMPLETE, 0.6, {}),
        (TrialState.COMPLETE, math.inf, {}),
        (TrialState.RUNNING, None, {}),
    ]
