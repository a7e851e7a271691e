"""A database that is away is waited for: training goes on, nothing is lost, and the study is the same."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from service.study.search.coordinator import Coordinator
from service.study.storage.database_failures import Patience
from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import LeaseLostError, StorageAwayError
from service.study.storage.study_store import StudyStore
from tests.service.study.search.studies import Witness, begin, content, run_to_end, small_config, two_moons
from workers.pools.in_process_pool import InProcessPool

CONFIG = small_config()
QUICK = Patience(first_wait_seconds=0.01, longest_wait_seconds=0.05, give_up_seconds=30.0)


class AwayStore(StudyStore):
    """A store whose database is away for some tries, after some records."""

    def __init__(self, url: str, *, outages: Mapping[int, int]) -> None:
        super().__init__(url, create=True)
        self._outages = dict(outages)
        self._n_records = 0

    def record(
        self,
        name: str,
        *,
        ended: Sequence[TrialResult],
        asked: Sequence[AskedTrial],
        attributes: Mapping[str, object] | None = None,
        predictions: Mapping[int, NDArray[np.float32] | None] | None = None,
        lease: Lease | None = None,
    ) -> Sequence[int]:
        """Record, or say that the database is away."""
        if self._outages.get(self._n_records, 0) > 0:
            self._outages[self._n_records] -= 1
            raise StorageAwayError("storage: it does not answer")
        numbers = super().record(
            name, ended=ended, asked=asked, attributes=attributes, predictions=predictions, lease=lease
        )
        self._n_records += 1
        return numbers


@pytest.fixture
def undisturbed(tmp_path: Path) -> Iterator[StudyStore]:
    store = StudyStore(file_url(tmp_path / "calm.db"), create=True)
    begin(store, CONFIG)
    run_to_end(store, CONFIG)
    yield store
    store.close()


def run_through(store: AwayStore, witness: Witness, patience: Patience = QUICK) -> bool:
    data = two_moons()
    with Lease.take(store.engine, "small") as lease:
        coordinator = Coordinator(
            CONFIG,
            data,
            store=store,
            pool=InProcessPool(data, n_workers=2),
            observer=witness,
            lease=lease,
            patience=patience,
        )
        return coordinator.run(lambda: False)


def test_a_study_lives_through_outages_to_the_same_end(tmp_path: Path, undisturbed: StudyStore) -> None:
    store = AwayStore(file_url(tmp_path / "away.db"), outages={0: 2, 3: 1, 4: 3, 20: 2})
    begin(store, CONFIG)
    witness = Witness()

    assert run_through(store, witness)
    assert content(store, "small") == content(undisturbed, "small")
    assert len([line for line in witness.lines if "it does not answer; away for" in line]) == 8
    assert witness.lines.count("the database answers again") == 4
    store.close()


def test_after_its_patience_it_gives_up_and_a_resume_goes_on(tmp_path: Path, undisturbed: StudyStore) -> None:
    url = file_url(tmp_path / "away.db")
    store = AwayStore(url, outages={5: 10**6})
    begin(store, CONFIG)
    hasty = Patience(first_wait_seconds=0.01, longest_wait_seconds=0.02, give_up_seconds=0.1)

    with pytest.raises(StorageAwayError, match="it does not answer"):
        run_through(store, Witness(), hasty)
    store.close()
    again = StudyStore(url, create=False)
    run_to_end(again, CONFIG)
    assert content(again, "small") == content(undisturbed, "small")
    again.close()


def test_a_coordinator_whose_lease_was_taken_over_writes_no_more(tmp_path: Path) -> None:
    store = StudyStore(file_url(tmp_path / "taken.db"), create=True)
    begin(store, CONFIG)
    lease = Lease.take(store.engine, "small")
    data = two_moons()
    coordinator = Coordinator(
        CONFIG, data, store=store, pool=InProcessPool(data), observer=Witness(), lease=lease
    )
    lease.release()
    with Lease.take(store.engine, "small"), pytest.raises(LeaseLostError, match="is run by"):
        coordinator.run(lambda: False)
    assert store.trials("small") == []
    store.close()
