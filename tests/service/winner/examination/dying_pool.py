"""A pool whose worker dies under trainings."""

from tests.service.iris_study import IrisStudy
from workers.messages import Event, TrialEnded, TrialLost
from workers.pools.in_process_pool import InProcessPool


class DyingPool(InProcessPool):
    """A pool whose worker dies at the end of its first trials, so many times."""

    def __init__(self, study: IrisStudy, deaths: int) -> None:
        super().__init__(study.prepared.trial_data)
        self.deaths_left = deaths

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what happened, with a loss in an end's place while there are deaths left."""
        happened = super().events(timeout_seconds)
        for place, event in enumerate(happened):
            if isinstance(event, TrialEnded) and self.deaths_left:
                self.deaths_left -= 1
                happened[place] = TrialLost(event.number, event.worker, "it was killed")
        return happened
