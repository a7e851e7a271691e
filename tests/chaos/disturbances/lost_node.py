"""A Ray cluster of two nodes on this machine, one of which is lost and replaced."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene
from tests.ray_cluster import new_cluster
from workers.pools.ray_settings import apply_ray_settings


class TwoNodes:
    """Nodes of one CPU each, of which the first holds the cluster together; made by `two_nodes`."""

    def __init__(self, directory: str) -> None:
        self._node = {
            "num_cpus": 1,
            "include_dashboard": False,
            "object_store_memory": 100 * 2**20,
            "temp_dir": directory,
        }
        self._cluster: Any = None
        self._second: Any = None

    def address(self) -> str:
        """Return the cluster's address; one that has died is made anew."""
        if not self._is_whole():
            self.close()
            self._cluster = new_cluster(self._node)
            self._second = self._cluster.add_node(**self._node)
        return str(self._cluster.address)

    def lose_one(self) -> bool:
        """Kill the second node and put another in its place; tell whether there is a cluster."""
        if not self._is_whole():
            return False
        self._cluster.remove_node(self._second, allow_graceful=False)
        self._second = self._cluster.add_node(**self._node, wait=False)
        return True

    def _is_whole(self) -> bool:
        return self._cluster is not None and not self._cluster.head_node.dead_processes()

    def close(self) -> None:
        """End what is left of the cluster."""
        if self._cluster is not None:
            self._cluster.shutdown()
            self._cluster = None


@contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """Have a cluster for a while, started when its address is first asked for."""
    apply_ray_settings(address="a running cluster")
    logging.getLogger("ray").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as directory:
        nodes = TwoNodes(directory)
        try:
            yield nodes
        finally:
            nodes.close()


def node_lost(nodes: TwoNodes) -> Disturbance:
    """Return the disturbance of a node that is lost."""

    def lose(scene: Scene, rng: Random) -> bool:  # noqa: ARG001 (there is nothing to draw)
        if "--address" not in scene.places or not scene.is_under_way() or not scene.spares_a_worker():
            return False
        with scene.losing_workers(within_seconds=2):
            return nodes.lose_one()

    return Disturbance("a node lost", lose)
