"""Real studies of small tables, made once for all tests of the page: to be read, not to be changed."""

from collections.abc import Iterator

import pytest

from service.configuration.study_config import ConfirmationConfig
from service.report.facts.report_contents import ReportContents, gather_contents
from tests.service.iris_study import IrisStudy, new_store, search_iris


@pytest.fixture(scope="package")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, IrisStudy]]:
    """Make studies `opened`, `sealed`, `folds`, `regression`, and `searched`, which is not measured yet."""
    store = new_store(tmp_path_factory.mktemp("studies"))
    confirmation = ConfirmationConfig(finalists=2, seeds=1)
    made = {
        "opened": search_iris(store, name="opened", no_baselines=False, trials=12, confirmation=confirmation),
        "sealed": search_iris(store, table="wine", name="sealed", no_baselines=False),
        "folds": search_iris(store, name="folds", seed=1, split={"folds": 3}),
        "regression": search_iris(store, table="diabetes", name="regression", no_baselines=False),
        "searched": search_iris(store, table="breast_cancer", name="searched", no_baselines=False),
    }
    made["opened"].conclude()
    made["sealed"].conclude(keep_sealed=True)
    made["folds"].conclude()
    made["regression"].conclude()
    yield made
    store.close()


@pytest.fixture(scope="package")
def contents(studies: dict[str, IrisStudy]) -> dict[str, ReportContents]:
    """Gather what the studies' files show, by their name."""
    return {name: gather_contents(study.stored, study.store) for name, study in studies.items()}
