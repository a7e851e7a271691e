"""What befalls a study in the full form, and in which order: drawn from a seed."""

from collections.abc import Iterator, Mapping
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene

START_SECONDS = 60.0
"""How long a start is waited for before the next blow falls all the same."""


def drawn_plan(
    scene: Scene, counts: Mapping[Disturbance, int], rng: Random
) -> Iterator[tuple[Disturbance, float]]:
    """Yield each disturbance as often as it is due, in a drawn order, with the delay before it (seconds).

    One in five may strike a command that is still starting; the others wait until it writes trials.
    """
    due = [disturbance for disturbance, count in counts.items() for _ in range(count)]
    rng.shuffle(due)
    for disturbance in due:
        delay = rng.uniform(0, 1.2)
        if rng.random() > 0.2:
            waited = 0.0
            while not scene.is_under_way() and scene.status is None and waited < START_SECONDS:
                scene.wait(0.1)
                waited += 0.1
        yield disturbance, delay
