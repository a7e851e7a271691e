"""An older study is read and goes on, a newer one is refused, and both say what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.trial import TrialState

from service.configuration.launch_config import LaunchConfig
from service.preparation.prepared_data import prepare_data
from service.reporting.listing import report_and_study
from service.search.coordinator import Coordinator
from service.search.progress import StudyProgress
from service.storage.formats import FORMAT, as_current
from service.storage.leases.lease import Lease
from service.storage.storage_errors import OthersStudyError, StorageError
from service.storage.stored_study import load_study
from service.storage.study_store import StudyStore
from tests.service.storage.old_studies import FORMAT_3, database_of
from workers.in_process_pool import InProcessPool


@pytest.fixture
def old(tmp_path: Path) -> Iterator[StudyStore]:
    store = StudyStore(database_of(FORMAT_3, tmp_path), create=False)
    yield store
    store.close()


def test_an_older_study_is_read(old: StudyStore) -> None:
    study = load_study(old, "iris")
    assert study.config.confirmation.finalists == 0
    assert study.left == "1 of 4 trials left"
    assert study.machine == {"architecture": "x86_64", "processor": None, "blas": None}
    assert study.ending is None
    assert study.winner is None
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 3 + [TrialState.RUNNING]
    report, _ = report_and_study("iris", LaunchConfig(storage=old.url))
    assert report.winner is not None


def test_an_older_study_goes_on_to_its_end_under_a_lease(old: StudyStore) -> None:
    study = load_study(old, "iris")
    prepared = prepare_data(study.config)
    watcher = StudyProgress(study.config.trials, metric=study.metric)
    with Lease.take(old.engine, "iris"):
        coordinator = Coordinator(
            study.config,
            prepared.trial_data,
            store=old,
            pool=InProcessPool(prepared.trial_data),
            observer=watcher,
        )
        assert coordinator.run(lambda: False)
    assert load_study(old, "iris").is_over
    assert old.attributes("iris")["format"] == 3


def test_a_newer_study_is_refused_with_what_to_do(old: StudyStore) -> None:
    old.set_attribute("iris", "format", FORMAT + 1)
    told = r"study 'iris' was written by a newer Proctor: it has format 5, this version reads 3 to 4; upgrade"
    with pytest.raises(StorageError, match=told):
        load_study(old, "iris")


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_study_from_before_all_formats_that_are_read_is_refused(written: int) -> None:
    with pytest.raises(StorageError, match=rf"has format {written}, this version reads 3 to 4: an older"):
        as_current("iris", {"format": written, "config": {}})


@pytest.mark.parametrize(
    "attributes", [{}, {"format": FORMAT}, {"config": {}}, {"format": "4", "config": {}}]
)
def test_a_study_of_another_tool_is_none_of_ours(attributes: dict[str, object]) -> None:
    with pytest.raises(OthersStudyError, match="study 'iris' was not made by Proctor"):
        as_current("iris", attributes)


def test_what_is_of_this_format_is_left_as_it_is() -> None:
    attributes = {"format": FORMAT, "config": {"name": "iris"}, "machine": {"architecture": "arm64"}}
    assert as_current("iris", attributes) == attributes
