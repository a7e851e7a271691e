"""Three winners, exported once a session: of three classes, of two by their ranking, and of a number."""

import pytest

from tests.service.iris_study import new_store, search_iris
from tests.service.winner.models.exported_winner import ExportedWinner, export

TABLES = {"iris": None, "breast_cancer": "roc_auc", "diabetes": None}
"""By name, the metric that the study names."""


@pytest.fixture(scope="session")
def winners(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ExportedWinner]:
    exported = {}
    for table, metric in TABLES.items():
        directory = tmp_path_factory.mktemp(table)
        study = search_iris(new_store(directory), table=table, name=table, trials=2, metric=metric)
        exported[table] = export(study, directory / "model")
        study.store.close()
    return exported


@pytest.fixture(scope="session", params=TABLES)
def winner(request: pytest.FixtureRequest, winners: dict[str, ExportedWinner]) -> ExportedWinner:
    return winners[request.param]


@pytest.fixture(scope="session")
def iris(winners: dict[str, ExportedWinner]) -> ExportedWinner:
    return winners["iris"]
