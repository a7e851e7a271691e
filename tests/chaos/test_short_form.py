"""A short form of `make chaos`: a few blows to one study, which must come out as if there had been none.

The study that is left alone is spared Ray.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from service.study.storage.database_url import file_url
from tests.chaos.campaign import Campaign
from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.disturbances.kills import COORDINATOR, WORKER
from tests.chaos.disturbances.pauses import COORDINATOR_PAUSED
from tests.chaos.outcome import outcome_of
from tests.chaos.scene import Scene
from tests.chaos.study import DisturbedStudy, make_table


def each_after(scene: Scene, *plan: tuple[int, Disturbance]) -> Iterator[tuple[Disturbance, float]]:
    """Give each disturbance its turn once so many trials have ended."""
    for n_ended, disturbance in plan:
        while scene.n_ended() < n_ended and scene.status is None:
            scene.wait(0.02)
        yield disturbance, 0.0


def test_a_study_that_is_struck_comes_out_as_one_that_was_left_alone(tmp_path: Path) -> None:
    table = make_table(tmp_path / "table.csv", n_rows=1000)
    campaigns = {}
    for name, n_workers in (("alone", 0), ("struck", 2)):
        directory = tmp_path / name
        directory.mkdir()
        study = DisturbedStudy(table, file_url(directory / "studies.db"), n_trials=16, max_epochs=60, seed=3)
        scene = Scene(study, directory, places=("--workers", f"{n_workers}"))
        campaigns[name] = Campaign(scene, Random(0))
        plan = each_after(scene, (2, WORKER), (4, COORDINATOR_PAUSED), (6, COORDINATOR))
        try:
            campaigns[name].run_to_end(plan if name == "struck" else iter(()))
        finally:
            scene.end()
    expected = outcome_of(campaigns["alone"].scene.study.storage)

    assert campaigns["struck"].verdict(expected) == []
    assert [strike.what for strike in campaigns["struck"].strikes[:3]] == [
        WORKER.name,
        COORDINATOR_PAUSED.name,
        COORDINATOR.name,
    ]
    assert campaigns["alone"].verdict(expected) == []
