"""A point that a person wants tried next."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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
from service.study.storage.database_url import next_command
from service.study.storage.kept_trials import record_of, searched
from service.study.storage.stored_study import load_study
from service.study.storage.study_store import StudyStore


class Enqueued(NamedTuple):
    """A point that waits.

    Attributes
    ----------
    values
        The whole point.
    n_before
        Points that wait before it.
    tried
        Numbers of the trials that had the same point; another seed may give another figure.
    following
        What comes next, in words with the command to type.
    """

    values: Mapping[str, Value]
    n_before: int
    tried: tuple[int, ...]
    following: str


def enqueue_point(name: str, launch: LaunchConfig, given: Mapping[str, Value]) -> Enqueued:
    """Have a point tried as the next trial of a study whose search has not ended.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    given
        Values of searched hyperparameters; the rest have their defaults.

    Raises
    ------
    BadInputError
        When there is no such study, its search has ended, or the point does not lie in its space or waits
        already.
    """
    with opened_storage(launch, create=False) as store:
        study = load_study(store, name)
        taken = {record_of(trial).enqueued for trial in study.trials}
        n_waiting = sum(place not in taken for place in range(len(study.enqueued)))
        n_to_ask = study.config.trials - len(searched(study.trials))
        if study.ending is not None or n_waiting >= n_to_ask:
            budget = study.config.trials
            why = "search has ended" if study.ending is not None else f"{budget} trials are taken"
            longer = next_command(store.shown_url, "resume", name, flags=["--trials", "N"])
            once = ", once this run has ended" if _is_run(store, name) else ""
            raise BadInputError(
                f"study {name!r} takes no more points, as its {why}: `{longer}`, with N above {budget},"
                f" extends the search{once}, and points can be enqueued while it runs"
            )
        point = EnqueuedPoint(complete_point(study.config.space, given), USER).attribute()

        def with_point(points: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
            listed = list(points or ())
            waiting = [each["values"] for place, each in enumerate(listed) if place not in taken]
            if point["values"] in waiting:
                place = waiting.index(point["values"]) + 1
                raise BadInputError(
                    f"study {name!r} has this point in its queue already, at place {place} of {len(waiting)}"
                )
            return [*listed, point]

        store.update_attribute(name, ENQUEUED, with_point)
        tried = (trial.number for trial in searched(study.trials) if trial.params == point["values"])
        return Enqueued(point["values"], n_waiting, tuple(tried), _following(store, name))


def _is_run(store: StudyStore, name: str) -> bool:
    holder = store.holder(name)
    return holder is not None and holder.runs


def _following(store: StudyStore, name: str) -> str:
    """Say who tries the point: whoever runs the study, or whoever resumes it."""
    if _is_run(store, name):
        watch = next_command(store.shown_url, "watch", name)
        return f"the study is running and tries it soon; `{watch}` shows it"
    return f"the study is not running; `{next_command(store.shown_url, 'resume', name)}` tries it"
