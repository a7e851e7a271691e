"""Real Ray clusters for tests: one node of two CPUs, started when a test first asks.

    python -m tests.ray_cluster [--jobs]

starts one, prints its address and the URL of its job server, if it has one, and ends it when its standard
input ends.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
def running_cluster(*, with_jobs: bool = False) -> Iterator[tuple[str, str]]:
    """Run a cluster on this machine; yield its address and, with a job server, that one's URL."""
    apply_ray_settings(address="a running cluster")
    with tempfile.TemporaryDirectory(prefix="ray-") as directory:  # short: sockets lie in it
        node = {
            "num_cpus": 2,
            "include_dashboard": with_jobs,
            "dashboard_agent_listen_port": None,  # a free one: where it is taken, no job ever begins
            "object_store_memory": 100 * 2**20,
            "temp_dir": directory,
        }
        made = new_cluster(node)
        # As `ray start` does: jobs run on the cluster that is named here, whatever others this machine has.
        Path(directory, "ray_current_cluster").write_text(made.address)
        yield str(made.address), f"http://{made.webui_url}" if with_jobs else ""
        made.shutdown()


@pytest.fixture(scope="session")
def ray_address() -> Iterator[str]:
    """Run a cluster for pools of this process; yield its address.

    A process that has had a cluster of its own asks for that one's token from then on.
    """
    with own_cluster_environment(), running_cluster() as (address, _):
        yield address


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Run a cluster for commands, in a process of its own: what Ray is set to in this one stays as it was.

    It ends with the file that asks for it: one that waits for nobody takes a fiftieth of a core.
    """
    with cluster_apart() as cluster:
        yield cluster.address


@pytest.fixture(scope="module")
def job_server() -> Iterator[str]:
    """Run a cluster that jobs can be submitted to, likewise; yield the URL of its head's dashboard."""
    with cluster_apart("--jobs") as cluster:
        yield cluster.job_server


@dataclass(frozen=True)
class ClusterApart:
    """A cluster in a process of its own: that one's number, its address, and the URL of its job server."""

    pid: int
    address: str
    job_server: str


@contextmanager
def cluster_apart(*words: str) -> Iterator[ClusterApart]:
    """Run a cluster in a process of its own.

    Parameters
    ----------
    words
        `--jobs` for one with a job server.
    """
    binaries = Path(sys.executable).parent  # what a job runs is found there
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ray_cluster", *words],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address, job_server = (process.stdout.readline().strip() for _ in range(2))
        assert address, "the cluster has not started"
        yield ClusterApart(process.pid, address, job_server)
        process.communicate(timeout=60)


if __name__ == "__main__":
    with running_cluster(with_jobs="--jobs" in sys.argv) as addresses:
        print(*addresses, sep="\n", flush=True)  # noqa: T201 (what it is for)
        sys.stdin.read()
