"""Points that people want tried are tried next, once each, and a resumed study knows which were."""

from pathlib import Path

import pytest

from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset
from service.errors import BadInputError
from service.study.search.enqueued_points import (
    ENQUEUED,
    USER,
    EnqueuedPoint,
    complete_point,
    points_from,
    points_of,
)
from service.study.storage.study_store import StudyStore
from tests.service.study.search.crashes import Crash, new_store
from tests.service.study.search.studies import Witness, begin, content, run_to_end, small_config, two_moons
from workers.messages import Event, TrialEnded
from workers.pools.in_process_pool import InProcessPool

CONFIG = small_config()
SPACE = CONFIG.space
POINT: dict[str, int | float | str] = {
    "optimizer": "momentum",
    "momentum": 0.75,
    "learning_rate": 0.5,
    "width": 7,
}
OTHER: dict[str, int | float | str] = {"optimizer": "adam", "learning_rate": 0.125, "width": 3}


def enqueue(store: StudyStore, *points: dict[str, int | float | str]) -> None:
    listed = [EnqueuedPoint(point, USER).attribute() for point in points]
    store.update_attribute("small", ENQUEUED, lambda before: [*(before or ()), *listed])


def test_it_is_tried_after_the_defaults_in_its_order(tmp_path: Path) -> None:
    store = new_store(tmp_path, "store")
    begin(store, CONFIG)
    enqueue(store, POINT, OTHER)
    run_to_end(store, CONFIG)

    trials = store.trials("small")
    assert [trial.params for trial in trials[:3]] == [SPACE.default_values(), POINT, OTHER]
    assert [trial.user_attrs.get(ENQUEUED) for trial in trials[:4]] == [None, 0, 1, None]
    assert len(trials) == CONFIG.trials
    store.close()


def test_a_crash_in_between_tries_none_twice_and_leaves_none_out(tmp_path: Path) -> None:
    contents = []
    for name, n_lives in (("calm", 1), ("killed", 3)):
        store = new_store(tmp_path, name)
        begin(store, CONFIG)
        enqueue(store, POINT, OTHER, POINT)
        for _ in range(n_lives - 1):
            with pytest.raises(Crash):
                run_to_end(store, CONFIG, witness=Witness(on_event=crash_at_an_end))
        run_to_end(store, CONFIG, pool=InProcessPool(two_moons(), n_workers=n_lives))
        contents.append(content(store, "small"))
        store.close()

    assert contents[0] == contents[1]


def crash_at_an_end(event: Event) -> None:
    if isinstance(event, TrialEnded):
        raise Crash


def test_one_that_comes_while_the_study_runs_is_taken_by_who_goes_on(tmp_path: Path) -> None:
    store = new_store(tmp_path, "store")
    begin(store, CONFIG)
    with pytest.raises(Crash):
        run_to_end(store, CONFIG, witness=Witness(on_event=crash_at_an_end))
    n_before = len(store.trials("small"))
    enqueue(store, POINT)
    run_to_end(store, CONFIG)

    assert store.trials("small")[n_before].params == POINT
    assert points_of(store.attributes("small")) == (EnqueuedPoint(POINT, USER),)
    store.close()


def test_what_is_not_given_has_its_default() -> None:
    values = complete_point(SPACE, {"optimizer": "momentum", "learning_rate": 1})

    assert values["optimizer"] == "momentum"
    assert (values["learning_rate"], type(values["learning_rate"])) == (1.0, float)
    assert values["width"] == SPACE.default_values()["width"]
    assert "momentum" in values


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"learning_rat": 0.1},
            "learning_rat: not searched in this study; did you mean learning_rate?",
        ),
        ({"zzz": 1}, "zzz: not searched in this study; searched are optimizer"),
        ({"depth": 1}, "depth: not searched"),  # a constant of the space
        ({"width": 99}, "width: expected 2 to 16"),
        ({"width": "wide"}, "width: expected 2 to 16"),
        ({"optimizer": "adam", "momentum": 0.9}, "momentum: given, but not searched with the other"),
    ],
)
def test_a_point_that_does_not_lie_in_the_space_is_refused(
    given: dict[str, int | float | str], said: str
) -> None:
    with pytest.raises(BadInputError, match=said):
        complete_point(SPACE, given)


def test_an_earlier_studys_points_are_taken_as_far_as_they_lie_in_the_space() -> None:
    default = load_preset(NetworkSpace, "default")
    earlier = [default.point(default.default_values()), SPACE.point(POINT), SPACE.point(POINT)]

    points = points_from(earlier, SPACE)

    assert POINT in points
    assert points.count(POINT) == 1
    for point in points:
        SPACE.point(point)
    wild = SPACE.point({**OTHER, "learning_rate": 1e20})
    assert points_from([wild], load_preset(NetworkSpace, "small")) == []
