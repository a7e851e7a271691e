"""A coordinator that stands still for a while, as on a laptop whose lid is closed."""

import os
import signal
import time
from contextlib import suppress
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene


def _pause_coordinator(scene: Scene, rng: Random) -> bool:
    with suppress(ProcessLookupError):
        os.kill(scene.pid, signal.SIGSTOP)
        time.sleep(rng.uniform(0.5, 3))
        os.kill(scene.pid, signal.SIGCONT)
    return True


COORDINATOR_PAUSED = Disturbance("the coordinator stopped and continued", _pause_coordinator)
