"""A program that starts a cluster of its own, trains one network there, and says how it went, in one line.

python -m tests.workers.pools.ray_start SECONDS N    waits so long for each of N starts, one after the other
"""

import os
import sys

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import few_numbers, rules
from workers.messages import TrialEnded, TrialRequest
from workers.pools.pool import PoolUnreachableError
from workers.pools.ray_settings import apply_ray_settings
from workers.train_dev_data import Task
from workers.trial_data import TrialData


def train_once(start_seconds: float) -> str:
    """Train, and return what came of it."""
    apply_ray_settings(address=None)
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    data = TrialData.single(few_numbers())
    try:
        pool = RayPool(data, n_workers=1, start_seconds=start_seconds)
    except PoolUnreachableError as error:
        return str(error)
    pool.submit(TrialRequest(0, NetworkPoint(width=8), 0, rules(Task.REGRESSION, max_epochs=2)))
    while not any(isinstance(event, TrialEnded) for event in pool.events(0.5)):
        pass
    pool.close()
    return "trained"


if __name__ == "__main__":
    outcomes = {train_once(float(sys.argv[1])) for _ in range(int(sys.argv[2]))}
    print(*outcomes, sep="\n", flush=True)  # noqa: T201 (what it is for)
    os._exit(0)  # as the command does
