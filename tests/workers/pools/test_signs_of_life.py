"""A joined cluster that is gone is noticed before Ray ends the process; one that stutters is waited for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.pools.signs_of_life import HEAD_SECONDS, SignsOfLife


class Cluster:
    """The sockets of a head and of this machine's node, and a clock."""

    def __init__(self, directory: Path) -> None:
        self.seconds = 0.0
        self.node = directory / "raylet"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(f"{self.node}")
        self._listening.listen()
        self._head = socket.create_server(("127.0.0.1", 0))
        self.port = self._head.getsockname()[1]
        self.signs = SignsOfLife(f"127.0.0.1:{self.port}", self.node, now=lambda: self.seconds)

    def lose_node(self) -> None:
        """Have this machine's node die."""
        self._listening.close()

    def lose_head(self) -> None:
        """Have the head die."""
        self._head.close()

    def restart_head(self) -> None:
        """Have a head answer at the same address."""
        self._head = socket.create_server(("127.0.0.1", self.port))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.lose_node()
    cluster.lose_head()


def test_a_cluster_that_is_there_is_not_lost(cluster: Cluster) -> None:
    assert cluster.signs.what_is_lost() is None
    assert cluster.signs.head_answers


def test_a_node_that_has_died_is_lost_at_once(cluster: Cluster) -> None:
    cluster.lose_node()
    assert cluster.signs.what_is_lost() == "Ray's raylet on this machine has died"


def test_a_head_is_lost_once_it_has_been_silent_for_long(cluster: Cluster) -> None:
    cluster.lose_head()
    cluster.seconds = HEAD_SECONDS
    assert cluster.signs.what_is_lost() is None
    assert not cluster.signs.head_answers
    cluster.seconds += 1
    assert (cluster.signs.what_is_lost() or "").startswith(
        f"the cluster's head at 127.0.0.1:{cluster.port} has not answered for 20 seconds"
    )


def test_a_head_that_answers_again_is_given_as_long_anew(cluster: Cluster) -> None:
    cluster.lose_head()
    cluster.seconds = HEAD_SECONDS
    assert cluster.signs.what_is_lost() is None
    cluster.restart_head()
    assert cluster.signs.what_is_lost() is None
    assert cluster.signs.head_answers
    cluster.lose_head()
    cluster.seconds += HEAD_SECONDS
    assert cluster.signs.what_is_lost() is None
