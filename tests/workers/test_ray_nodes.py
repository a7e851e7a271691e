"""Two nodes on this machine: both work; when one goes, its trials alone are lost, and the other goes on."""

import pickle
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from search_spaces.network.point import NetworkPoint
from tests.ray_cluster import new_cluster
from tests.workers.train_dev_sets import digits, rules
from workers.messages import Ending, Event, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.pools.ray_settings import apply_ray_settings, own_cluster_environment
from workers.train_dev_data import Task
from workers.trial_data import TrialData

pytestmark = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="whose child a worker is, is read from /proc"
)

STORE = 100 * 2**20


class TwoNodes:
    """A cluster of two nodes with a CPU each."""

    def __init__(self, directory: str) -> None:
        apply_ray_settings(address="a running cluster")
        node = {
            "num_cpus": 1,
            "include_dashboard": False,
            "object_store_memory": STORE,
            "temp_dir": directory,
        }
        self.cluster = new_cluster(node)
        self._second = self.cluster.add_node(num_cpus=1, object_store_memory=STORE)

    def is_on_second(self, worker: str) -> bool:
        """Whether a worker is a child of the second node's process."""
        process = worker.rpartition(":")[2]
        status = Path(f"/proc/{process}/status").read_text()
        parent = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))
        (raylet,) = self._second.all_processes["raylet"]
        return bool(int(parent) == raylet.process.pid)

    def lose_second(self) -> None:
        """Kill the second node, as a machine goes whose power fails."""
        self.cluster.remove_node(self._second, allow_graceful=False)


@pytest.fixture
def nodes() -> Iterator[TwoNodes]:
    with own_cluster_environment(), tempfile.TemporaryDirectory(prefix="ray-") as directory:
        nodes = TwoNodes(directory)
        yield nodes
        nodes.cluster.shutdown()


@pytest.fixture
def pool(nodes: TwoNodes) -> Iterator[WorkerPool]:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    pool = RayPool(TrialData.single(digits()), n_workers=2, address=nodes.cluster.address)
    yield pool
    pool.close()


def trial(number: int, *, max_epochs: int) -> TrialRequest:
    return TrialRequest(
        number, NetworkPoint(width=64), number, rules(Task.CLASSIFICATION, max_epochs=max_epochs)
    )


def wait(pool: WorkerPool, seen: list[Event], kind: type, *, n: int) -> None:
    """Collect events until there are so many of a kind."""
    give_up = time.monotonic() + 90
    while sum(isinstance(event, kind) for event in seen) < n:
        assert time.monotonic() < give_up, seen
        seen += pool.events(0.5)


def test_when_a_node_goes_its_trial_is_lost_and_the_other_node_goes_on(
    nodes: TwoNodes, pool: WorkerPool
) -> None:
    for number in range(2):
        pool.submit(trial(number, max_epochs=1200))
    seen: list[Event] = []
    wait(pool, seen, TrialStarted, n=2)
    on_second = {event.number: nodes.is_on_second(event.worker) for event in seen}
    assert sorted(on_second.values()) == [False, True]  # both nodes work

    nodes.lose_second()
    wait(pool, seen, TrialLost, n=1)
    (lost,) = (event for event in seen if isinstance(event, TrialLost))
    pool.submit(trial(lost.number, max_epochs=2))
    wait(pool, seen, TrialEnded, n=2)

    assert on_second[lost.number]
    ends = {event.number: event for event in seen if isinstance(event, TrialEnded)}
    assert {end.ending for end in ends.values()} == {Ending.COMPLETE}
    assert (
        ends[0].worker
        == ends[1].worker
        == next(event.worker for event in seen if not on_second[event.number])
    )


@pytest.mark.skipif(
    find_spec("grpc") is None,
    reason="nodes are asked by what proctor[submit] needs: `make clusters` has it",
)
def test_a_node_gets_the_data_once_for_all_its_workers_and_trials(nodes: TwoNodes) -> None:
    import ray  # noqa: PLC0415 (Ray reads its settings as it is imported)
    from ray._private.internal_api import node_stats  # noqa: PLC0415 (it has no other door)

    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (as above)

    nodes.cluster.add_node(num_cpus=2, object_store_memory=STORE)
    data = TrialData.single(digits())
    size = len(pickle.dumps(data))
    pool = RayPool(data, n_workers=4, address=nodes.cluster.address)
    seen: list[Event] = []
    for number in range(40):
        pool.submit(trial(number, max_epochs=20))
    wait(pool, seen, TrialEnded, n=40)
    assert len({event.worker for event in seen}) == 4

    for node in ray.nodes():  # type: ignore[no-untyped-call]  # Ray's, unannotated
        asked = node["NodeManagerAddress"], node["NodeManagerPort"]
        kept = node_stats(*asked, include_memory_info=False).store_stats  # type: ignore[no-untyped-call]  # likewise
        assert size / 2 < kept.cumulative_created_bytes < 1.5 * size
    pool.close()


def test_a_clusters_first_worker_is_waited_for_and_the_next_is_used() -> None:
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    with own_cluster_environment(), tempfile.TemporaryDirectory(prefix="ray-") as directory:
        apply_ray_settings(address="a running cluster")
        head = {
            "num_cpus": 0,
            "include_dashboard": False,
            "object_store_memory": STORE,
            "temp_dir": directory,
        }
        cluster = new_cluster(head)
        try:
            with pytest.raises(
                PoolUnreachableError, match="no worker has joined it within 1 seconds; start one"
            ):
                RayPool(TrialData.single(digits()), n_workers=2, address=cluster.address, workers_seconds=1)

            left: list[float] = []

            def join(seconds: float) -> None:
                left.append(seconds)
                cluster.add_node(num_cpus=1, object_store_memory=STORE)

            pool = RayPool(TrialData.single(digits()), n_workers=2, address=cluster.address, waiting=join)
            pool.submit(trial(0, max_epochs=2))
            seen: list[Event] = []
            wait(pool, seen, TrialEnded, n=1)
            assert (pool.n_workers, len(left)) == (1, 1)

            cluster.add_node(num_cpus=1, object_store_memory=STORE)
            for number in range(1, 9):
                pool.submit(trial(number, max_epochs=1200))
            give_up = time.monotonic() + 90
            while len({event.worker for event in seen}) < 2:
                assert time.monotonic() < give_up, seen
                seen += pool.events(0.5)
            assert pool.n_workers == 2
            pool.close()
        finally:
            cluster.shutdown()
