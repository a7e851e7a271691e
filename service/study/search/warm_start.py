"""Warm start: the best points of an earlier study, to be tried first by a new one."""

from optuna.trial import TrialState

from search_spaces.space import SearchSpace
from service.errors import BadInputError
from service.study.search.enqueued_points import EnqueuedPoint, points_from
from service.study.search.winner import rank
from service.study.storage.stored_study import StoredStudy
from service.study.storage.trial_roles import searched

N_POINTS = 5
"""Best trials of the earlier study whose points are taken."""


def warm_start_points(earlier: StoredStudy, space: SearchSpace) -> list[EnqueuedPoint]:
    """Return the best points of an earlier study that lie in a space, the best first.

    Raises
    ------
    BadInputError
        No trial of the earlier study is complete, or none of its best points lies in the space.
    """
    name = earlier.config.name
    complete = [trial for trial in searched(earlier.trials) if trial.state is TrialState.COMPLETE]
    best = sorted(complete, key=lambda trial: rank(trial, earlier.metric))[:N_POINTS]
    if not best:
        raise BadInputError(f"warm_start: no trial of study {name!r} is complete")
    points = points_from([earlier.config.space.point(trial.params) for trial in best], space)
    if not points:
        raise BadInputError(
            f"warm_start: none of the best points of study {name!r} lies in this study's space"
        )
    return [EnqueuedPoint(values, name) for values in points]
