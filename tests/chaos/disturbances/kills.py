"""Processes that die of SIGKILL: workers, the coordinator, and Ray's own; and a coordinator hung up."""

import os
import signal
from contextlib import suppress
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene


def _kill(pids: list[int], rng: Random) -> bool:
    if not pids:
        return False
    with suppress(ProcessLookupError):
        os.kill(rng.choice(pids), signal.SIGKILL)
    return True


def _kill_worker(scene: Scene, rng: Random) -> bool:
    # A worker that dies before any has begun a trial ends the command: none can be started, as it seems.
    if not scene.is_under_way() or not scene.spares_a_worker():
        return False
    with scene.losing_workers(within_seconds=0.1):
        return _kill(scene.processes("ray::_Worker"), rng)


def _kill_coordinator(scene: Scene, rng: Random) -> bool:
    return _kill([scene.pid], rng)


def _hang_up(scene: Scene, rng: Random) -> bool:  # noqa: ARG001 (there is nothing to draw)
    with suppress(ProcessLookupError):
        os.kill(scene.pid, signal.SIGHUP)
    return True


def _kill_raylet(scene: Scene, rng: Random) -> bool:
    if not scene.spares_a_worker():
        return False
    with scene.losing_workers(within_seconds=2):  # which notice by and by that it is gone
        return _kill(scene.processes("raylet"), rng)


def _kill_control_store(scene: Scene, rng: Random) -> bool:
    return _kill(scene.processes("gcs_server"), rng)


WORKER = Disturbance("a worker killed", _kill_worker)
COORDINATOR = Disturbance("the coordinator killed", _kill_coordinator, is_survived=False)
HUNG_UP = Disturbance("the terminal closed", _hang_up, is_survived=False)
RAYLET = Disturbance("Ray's node process killed", _kill_raylet, is_survived=False)
CONTROL_STORE = Disturbance("Ray's control store killed", _kill_control_store, is_survived=False)
