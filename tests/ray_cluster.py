"""A real Ray cluster for tests: one node of two CPUs, started once a session when a test first asks."""

import tempfile
from collections.abc import Iterator

import pytest

from workers.ray_settings import apply_ray_settings


@pytest.fixture(scope="session")
def ray_address() -> Iterator[str]:
    """Run a cluster on this machine; yield its address."""
    apply_ray_settings(address="a running cluster")
    from ray.cluster_utils import Cluster  # noqa: PLC0415 (Ray reads its settings as it is imported)

    with tempfile.TemporaryDirectory(prefix="ray-") as directory:  # short: sockets lie in it
        node = {
            "num_cpus": 2,
            "include_dashboard": False,
            "object_store_memory": 100 * 2**20,
            "temp_dir": directory,
        }
        cluster = Cluster(initialize_head=True, head_node_args=node)
        yield str(cluster.address)
        cluster.shutdown()  # type: ignore[no-untyped-call]  # Ray's, unannotated
