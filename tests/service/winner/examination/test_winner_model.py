"""What leaves the study: the winner of the report, no test figure, and storage as it was."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import inspect, text

from service.winner.examination.candidate import model_of
from service.winner.examination.conclusion import train_winner
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.wired_data import wired


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), trials=2)
    yield study
    study.store.close()


def rows(study: IrisStudy) -> dict[str, list[tuple[object, ...]]]:
    """Return all that stands in the study's database, by table."""
    with study.store.engine.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 (our own tables)
            for table in inspect(connection).get_table_names()
        }


def test_the_winner_is_described_as_the_report_has_it(study: IrisStudy) -> None:
    study.conclude()
    report = study.report
    assert report.winner is not None
    assert report.winner.figures is not None

    model = model_of(
        study.stored,
        study.prepared,
        train_winner(study.stored, study.prepared, store=study.store, pool=study.pool),
    )

    described = model.description
    assert (described.study, described.trial) == ("iris", report.winner.trial)
    assert described.dev_figures == report.winner.figures["dev"]
    assert described.members[0].hyperparameters.model_dump(mode="json") == report.winner.hyperparameters
    assert described.is_reproduced
    assert described.metric == report.metric
    assert described.feature_names[3] == "petal width (cm)"


def test_no_test_figure_leaves_the_study(study: IrisStudy) -> None:
    study.conclude()
    report = study.report
    assert report.test is not None
    model = model_of(
        study.stored,
        study.prepared,
        train_winner(study.stored, study.prepared, store=study.store, pool=study.pool),
    )
    assert str(report.test.models["winner"]["log_loss"]) not in model.description.model_dump_json()


def test_the_test_set_is_not_read_and_nothing_is_written_down(study: IrisStudy) -> None:
    tripped = wired(study.prepared)
    before = rows(study)

    candidate = train_winner(study.stored, tripped, store=study.store, pool=study.pool)
    model = model_of(study.stored, tripped, candidate)

    assert rows(study) == before
    assert not study.looks
    X = candidate.known("dev").X
    np.testing.assert_array_equal(model.trained.predict(X), candidate.trained.predict(X))
