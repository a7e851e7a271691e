"""A test set that another study opened stays sealed at a study's end, unless the study gives a reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from service.configuration.data_config import DataConfig, SplitConfig
from service.seal.ledger import openings
from service.winner.examination.conclusion import conclude
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.wired_data import wired
from tests.tripwire import TrippedError
from workers.messages import TrialRequest
from workers.pools.in_process_pool import InProcessPool


@pytest.fixture
def first(tmp_path: Path) -> Iterator[IrisStudy]:
    """Return a study that opened its test set."""
    study = search_iris(new_store(tmp_path), name="first")
    study.conclude()
    yield study
    study.store.close()


def looks_at_test_set(study: IrisStudy) -> list[tuple[str, str | None]]:
    """Return each look at the study's test set: by which study, and why."""
    looks = study.ledger.looks_at(str(study.stored.test_fingerprint))
    return [(look.study_name, look.reason) for look in looks]


def test_the_second_study_measures_its_winner_and_leaves_the_test_set_sealed(first: IrisStudy) -> None:
    second = search_iris(first.store, name="second")
    replace(second, prepared=wired(second.prepared)).conclude()  # no test row is read
    report = second.report
    assert report.winner is not None
    assert report.winner.figures is not None
    assert report.test is None
    assert looks_at_test_set(second) == [("first", None)]
    second.conclude()  # as `resume` does
    assert looks_at_test_set(second) == [("first", None)]


def test_a_reason_opens_it_and_stands_in_the_ledger(first: IrisStudy) -> None:
    second = search_iris(first.store, name="second")
    second.conclude(look_again="a wider space")
    assert second.report.test is not None
    assert looks_at_test_set(second) == [("first", None), ("second", "a wider space")]
    second.conclude(look_again="a wider space")
    assert len(looks_at_test_set(second)) == 2


def test_a_reason_does_not_open_what_is_to_stay_sealed(first: IrisStudy) -> None:
    second = search_iris(first.store, name="second")
    second.conclude(keep_sealed=True, look_again="a wider space")
    assert looks_at_test_set(second) == [("first", None)]


def test_of_two_studies_that_begin_before_either_opens_the_later_one_finds_the_look(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    faster, slower = (search_iris(store, name=name) for name in ("faster", "slower"))

    class OvertakenPool(InProcessPool):
        """Has the other study open the test set while this one's winner is trained again."""

        def submit(self, request: TrialRequest) -> None:
            faster.conclude()
            super().submit(request)

    conclude(
        "slower",
        slower.prepared,
        store=store,
        ledger=slower.ledger,
        pool=OvertakenPool(slower.prepared.trial_data),
        keep_sealed=False,
    )
    assert faster.report.test is not None
    assert slower.report.test is None
    assert slower.report.earlier_looks is not None
    assert looks_at_test_set(slower) == [("faster", None)]
    store.close()


def test_an_opening_that_was_killed_is_finished_also_after_another_study_looked(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    killed, other = (search_iris(store, name=name) for name in ("killed", "other"))
    with pytest.raises(TrippedError):
        replace(killed, prepared=wired(killed.prepared)).conclude()
    with store.engine.begin() as connection:
        connection.execute(update(openings).values(host="a-machine-long-gone"))
    other.conclude()
    assert other.report.test is None
    assert other.report.earlier_looks is not None
    assert "study killed" in other.report.earlier_looks.sentence
    assert "without a figure" in other.report.earlier_looks.sentence
    other.conclude(look_again="the other one died")
    killed.conclude()
    assert killed.report.test is not None
    assert looks_at_test_set(killed) == [("killed", None), ("other", "the other one died")]
    store.close()


def test_folds_hold_back_the_same_test_set_and_another_seed_another(first: IrisStudy) -> None:
    folds = search_iris(first.store, name="folds", split=SplitConfig(folds=2))
    folds.conclude()
    assert folds.report.test is None
    elsewhere = search_iris(first.store, name="elsewhere", seed=1)
    elsewhere.conclude()
    assert elsewhere.report.test is not None


def test_one_test_file_is_one_test_set_whatever_is_learned_from(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for name, n in (("a", 80), ("b", 90), ("test", 40)):
        rows = [f"{x:.6f},{z:.6f},{'yes' if x > 0 else 'no'}" for x, z in rng.normal(size=(n, 2))]
        (tmp_path / f"{name}.csv").write_text("\n".join(["x,z,y", *rows]) + "\n")
    store = new_store(tmp_path)
    of = {
        name: search_iris(
            store,
            name=name,
            data=DataConfig(
                table=str(tmp_path / f"{name}.csv"), test_table=str(tmp_path / "test.csv"), target="y"
            ),
        )
        for name in ("a", "b")
    }
    of["a"].conclude()
    of["b"].conclude()
    assert of["b"].report.test is None
    assert looks_at_test_set(of["b"]) == [("a", None)]
    store.close()
