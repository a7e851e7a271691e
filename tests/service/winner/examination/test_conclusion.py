"""The end of a study: the winner measured, one opening, figures that independent hands compute alike."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from search_spaces.network.point import NetworkPoint
from service.errors import ProctorError
from service.seal.ledger import AlreadyOpenedError
from service.study.storage.database_failures import Patience, told_as_storage_errors, wait_out
from service.study.storage.stored_data import check_data
from service.tables.table import load_table
from service.winner.examination.candidate import Candidate
from service.winner.examination.conclusion import measure_winner, open_test_set
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.wired_data import wired
from tests.tripwire import TrippedError
from workers.network.prediction import predict


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), no_baselines=False)
    yield study
    study.store.close()


def candidate_of(study: IrisStudy) -> Candidate:
    return measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)


def test_the_ledgers_figures_are_those_of_an_independent_hand(study: IrisStudy) -> None:
    study.conclude()
    (look,) = study.looks
    assert look.figures is not None
    figures = json.loads(json.dumps(look.figures))["models"]["winner"]

    candidate = candidate_of(study)
    table = load_table("iris")
    split = study.prepared.split
    cells = table.frame.select(table.feature_names).to_numpy()
    train = cells[split.known.rows[split.folds[0].train]]
    held_back = sorted(set(range(len(table.y))) - set(split.known.rows.tolist()))
    X = cells[held_back]
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    normalised = ((X - mean) / deviation).astype(np.float32)
    probabilities = predict(
        candidate.members[0].state["parameters"],
        NetworkPoint.of(candidate.hyperparameters),
        normalised,
        task=split.task,
        n_outputs=3,
    )
    y, in_full = table.y[held_back], probabilities.astype(np.float64)
    of_sum_1 = in_full / in_full.sum(axis=1, keepdims=True)
    assert figures["error"] == pytest.approx(1 - accuracy_score(y, probabilities.argmax(axis=1)))
    assert figures["log_loss"] == pytest.approx(log_loss(y, of_sum_1), rel=1e-5)


def test_the_opening_is_durable_before_the_first_test_example_is_read(study: IrisStudy) -> None:
    candidate = candidate_of(study)
    tripped = replace(candidate, prepared=wired(study.prepared))

    with pytest.raises(TrippedError, match="a sealed test example was read"):
        open_test_set(study.stored, tripped, ledger=study.ledger, reason=None)

    (look,) = study.looks
    assert not look.is_finished


def test_nothing_before_the_opening_trips_the_wire(study: IrisStudy) -> None:
    tripped = replace(study, prepared=wired(study.prepared))

    tripped.conclude(keep_sealed=True)

    assert tripped.stored.winner is not None
    assert not study.looks


def test_a_study_that_is_concluded_twice_is_opened_once(study: IrisStudy) -> None:
    study.conclude()
    study.conclude()

    assert [look.look for look in study.looks] == [1]


@pytest.mark.parametrize("is_committed", [False, True])
def test_a_database_that_goes_away_at_any_commit_of_the_end_costs_a_wait_and_no_look(
    study: IrisStudy, *, is_committed: bool
) -> None:
    failing: list[int] = []
    n_commits = count(1)

    def go_away(connection: Connection) -> None:
        if next(n_commits) in failing:
            if is_committed:
                connection.connection.commit()
            raise OperationalError("COMMIT", {}, Exception("the database went away"))

    event.listen(study.store.engine, "commit", go_away)
    failing += [1, 3, 5]  # the figures of the known sets, the opening, its figures: each is tried again
    said, ledger = list[str](), study.ledger

    def end() -> None:
        with told_as_storage_errors(study.store.engine.url):
            study.conclude(ledger=ledger)

    quick = Patience(first_wait_seconds=0.001, longest_wait_seconds=0.001)
    wait_out(end, patience=quick, say=said.append, is_given_up=lambda: False)
    event.remove(study.store.engine, "commit", go_away)

    (look,) = study.looks
    assert look.is_finished
    assert len(said) == 4, said
    assert study.report.test is not None


def test_no_test_figure_stands_in_an_attribute_or_a_trial(study: IrisStudy) -> None:
    study.conclude()
    (look,) = study.looks
    assert look.figures is not None
    figure = json.loads(json.dumps(look.figures))["models"]["winner"]["log_loss"]

    with study.store.engine.connect() as connection:
        tables = [
            name
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            if not name.startswith("proctor_")
        ]
        stored = " ".join(
            str(tuple(row))
            for name in tables
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608
        )
    assert "learning_curve" in stored
    assert str(figure) not in stored


def test_a_winner_that_comes_out_otherwise_is_told(study: IrisStudy) -> None:
    winner = candidate_of(study).trial
    with study.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE trial_intermediate_values SET intermediate_value = 0.5 WHERE step = 1 AND trial_id ="
                " (SELECT trial_id FROM trials WHERE number = :winner)"
            ),
            {"winner": winner},
        )

    assert not candidate_of(study).is_reproduced
    assert study.report.winner is not None
    assert not study.report.winner.is_reproduced


def test_a_second_look_is_refused_without_a_reason_and_counted_with_one(study: IrisStudy) -> None:
    study.conclude()
    candidate = candidate_of(study)
    with pytest.raises(AlreadyOpenedError, match="opened"):
        open_test_set(study.stored, candidate, ledger=study.ledger, reason=None)
    open_test_set(study.stored, candidate, ledger=study.ledger, reason="lost the first")

    assert [(look.look, look.reason) for look in study.report.looks] == [(1, None), (2, "lost the first")]


def test_other_data_are_refused(study: IrisStudy) -> None:
    check_data(study.stored, study.prepared.split)
    changed = replace(study.stored, test_fingerprint="0" * 64)
    with pytest.raises(ProctorError, match="fingerprint of the test set then 000000000000, now"):
        check_data(changed, study.prepared.split)


def test_a_regression_has_an_interval_in_the_targets_unit(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), no_baselines=False, table="diabetes", name="diabetes")
    study.conclude()
    report = study.report
    assert report.test is not None
    low, high = report.test.interval
    assert low < report.test.models["winner"]["rmse"] < high
    assert report.test.models.keys() == {"winner", "mean", "ridge regression", "boosted trees"}
    assert report.winner is not None
    assert report.winner.baselines.keys() == {"mean", "ridge regression", "boosted trees"}
    assert 30 < report.test.models["ridge regression"]["rmse"] < 90  # the progression's deviation is 77
    study.store.close()
