"""Why a search ended is kept with the study, is the same on any number of workers, and is not asked again."""

from pathlib import Path
from typing import Any

import pytest

from search_spaces.network.space import NetworkSpace
from service.configuration.study_config import BudgetConfig
from service.study.search.search_budget import EndingReason
from service.study.storage.study_store import StudyStore
from tests.service.study.search.crashes import new_store
from tests.service.study.search.studies import begin, content, run_to_end, small_config, two_moons
from workers.pools.in_process_pool import InProcessPool

DIVERGES = NetworkSpace.model_validate(
    {"learning_rate": {"low": 1e25, "high": 1e28, "log": True}, "width": {"low": 2, "high": 9}, "depth": 1}
)


def run(directory: Path, name: str, *, n_workers: int = 1, **changes: Any) -> StudyStore:  # noqa: ANN401
    store, config, data = new_store(directory, name), small_config(trials=40, **changes), two_moons()
    begin(store, config)
    run_to_end(store, config, pool=InProcessPool(data, n_workers=n_workers))
    return store


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"budget": BudgetConfig(epochs=70)}, EndingReason.EPOCHS, "70 epochs were spent"),
        ({"budget": BudgetConfig(dev_metric=0.3)}, EndingReason.DEV_METRIC, "is as good as 0.3"),
        ({"budget": BudgetConfig(no_gain_trials=6)}, EndingReason.NO_GAIN, "6 trials brought no new best"),
        ({"space": DIVERGES}, EndingReason.FIRST_TRIALS_FAILED, "the first 10 trials all failed: diverged"),
    ],
)
def test_it_ends_by_the_limit_that_is_met_first_on_any_number_of_workers(
    tmp_path: Path, changes: dict[str, Any], reason: EndingReason, said: str
) -> None:
    alone = run(tmp_path, "alone", **changes)
    together = run(tmp_path, "together", n_workers=5, **changes)

    ending = alone.attributes("small")["ending"]
    assert ending["reason"] == reason
    assert said in ending["text"]
    assert len(alone.trials("small")) < 40
    assert all(trial.state.is_finished() for trial in alone.trials("small"))
    assert together.attributes("small")["ending"] == ending
    assert content(together, "small") == content(alone, "small")
    alone.close()
    together.close()


def test_seconds_that_were_spent_stay_spent(tmp_path: Path) -> None:
    budget = BudgetConfig(seconds=1e-9)
    store = run(tmp_path, "spent", budget=budget)
    n_trials = len(store.trials("small"))

    assert store.attributes("small")["ending"]["reason"] == EndingReason.SECONDS
    run_to_end(store, small_config(trials=40, budget=budget))
    assert len(store.trials("small")) == n_trials
    store.close()
