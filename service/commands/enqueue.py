"""A point that a person wants tried next."""

from collections.abc import Mapping

from search_spaces.values import Value
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.search.enqueued_points import (
    ENQUEUED,
    USER,
    EnqueuedPoint,
    complete_point,
)
from service.study.storage.database import opened_storage
from service.study.storage.kept_trials import searched
from service.study.storage.stored_study import load_study
from service.study.storage.trial_attributes import record_of


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
    with opened_storage(launch, create=False) as store:
        study = load_study(store, name)
        n_waiting = len(study.enqueued) - sum(record_of(trial).enqueued is not None for trial in study.trials)
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
