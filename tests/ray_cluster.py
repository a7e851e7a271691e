"""Real Ray clusters for tests: one node of two CPUs, started when a test first asks.

    python -m tests.ray_cluster

starts one, prints its address, and ends it when its standard input ends.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from workers.pools.ray_settings import apply_ray_settings, own_cluster_environment


def new_cluster(node: Mapping[str, Any]) -> Any:  # noqa: ANN401 (Ray's, unannotated)
    """Start a cluster of one node on this machine.

    Ray notes its address in Ray's own directory, wherever the node has its files, and does not make it.

    Parameters
    ----------
    node
        What the node has.
    """
    from ray._common.utils import get_default_ray_temp_dir  # noqa: PLC0415 (it has no other name)
    from ray.cluster_utils import Cluster  # noqa: PLC0415 (Ray reads its settings as it is imported)

    directory = get_default_ray_temp_dir()  # type: ignore[no-untyped-call]  # unannotated
    Path(directory).mkdir(exist_ok=True)
    return Cluster(initialize_head=True, head_node_args=dict(node))


@contextmanager
def running_cluster() -> Iterator[str]:
    """Run a cluster on this machine; yield its address."""
    apply_ray_settings(address="a running cluster")
    with tempfile.TemporaryDirectory(prefix="ray-") as directory:  # short: sockets lie in it
        node = {
            "num_cpus": 2,
            "include_dashboard": False,
            "object_store_memory": 100 * 2**20,
            "temp_dir": directory,
        }
        made = new_cluster(node)
        yield str(made.address)
        made.shutdown()


@pytest.fixture(scope="session")
def ray_address() -> Iterator[str]:
    """Run a cluster for pools of this process; yield its address.

    A process that has had a cluster of its own asks for that one's token from then on.
    """
    with own_cluster_environment(), running_cluster() as address:
        yield address


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Run a cluster for commands, in a process of its own: what Ray is set to in this one stays as it was.

    It ends with the file that asks for it: one that waits for nobody takes a fiftieth of a core.
    """
    words = [sys.executable, "-m", "tests.ray_cluster"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        words, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the cluster has not started"
        yield address
        process.communicate(timeout=60)


if __name__ == "__main__":
    with running_cluster() as here:
        print(here, flush=True)  # noqa: T201 (what it is for)
        sys.stdin.read()
