"""A PostgreSQL server that is restarted, in good order or as after a crash, or is away for half a minute."""

import signal
import time
from random import Random

from tests.chaos.database_server import DatabaseServer
from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene

AWAY_SECONDS = 30.0


def database_disturbances(server: DatabaseServer) -> tuple[Disturbance, Disturbance]:
    """Return a restart and a long absence of a server."""

    def restart(scene: Scene, rng: Random) -> bool:
        return take_away(scene, rng, rng.uniform(0, 1))

    def stop_for_long(scene: Scene, rng: Random) -> bool:
        return take_away(scene, rng, AWAY_SECONDS)

    def take_away(scene: Scene, rng: Random, seconds: float) -> bool:
        if not scene.is_under_way():
            return False
        server.stop(with_signal=rng.choice([signal.SIGINT, signal.SIGQUIT]))
        time.sleep(seconds)
        server.start()
        scene.mark()
        return True

    return (
        Disturbance("PostgreSQL restarted", restart),
        Disturbance(f"PostgreSQL away for {AWAY_SECONDS:.0f} s", stop_for_long),
    )
