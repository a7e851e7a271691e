"""Whether a joined cluster is still there: Ray ends a process whose cluster is gone, without a word.

It does so 12 seconds after the node of this machine has died, and a minute after the head has. Both are
noticed before, by whether they take a connection.
"""

import socket
from collections.abc import Callable
from pathlib import Path

HEAD_SECONDS = 20.0
"""How long the head may be silent: less than Ray waits for it, more than a network stutters (seconds)."""

_CONNECT_SECONDS = 1.0


class SignsOfLife:
    """The head of a cluster and this machine's node, as seen from here.

    Parameters
    ----------
    head
        The head's `host:port`.
    node
        The socket of the process that makes this machine a node.
    now
        Gives the time (seconds).
    """

    def __init__(self, head: str, node: Path, *, now: Callable[[], float]) -> None:
        host, _, port = head.rpartition(":")
        self._head, self._node, self._now = (host.strip("[]"), int(port)), node, now
        self._last_heard = now()
        self.head_answers = True

    def what_is_lost(self) -> str | None:
        """Look; say what is lost for good, if anything is."""
        if not self._node_answers():
            return "Ray's raylet on this machine has died"
        try:
            socket.create_connection(self._head, timeout=_CONNECT_SECONDS).close()
        except OSError as error:
            self.head_answers = False
            if self._now() - self._last_heard > HEAD_SECONDS:
                host, port = self._head
                return (
                    f"the cluster's head at {host}:{port} has not answered for {HEAD_SECONDS:g} seconds"
                    f" ({error})"
                )
        else:
            self.head_answers, self._last_heard = True, self._now()
        return None

    def _node_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as here:
            here.settimeout(_CONNECT_SECONDS)
            try:
                here.connect(f"{self._node}")
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            except OSError:  # it is busy
                return True
        return True
