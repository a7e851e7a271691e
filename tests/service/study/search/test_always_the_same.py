"""The same seed gives the same study, whatever its workers' number, speeds and deaths, and its kills."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.configuration.search_config import PrunerConfig, PrunerName, SamplerConfig, SamplerName
from service.configuration.study_config import BudgetConfig, ConfirmationConfig, ResolvedStudy
from service.study.search.winner import winner_of
from service.study.storage.study_store import StudyStore
from tests.service.study.search.crashes import Crash, crashing_after, new_store
from tests.service.study.search.studies import begin, content, run_to_end, small_config, two_moons
from tests.service.study.search.unruly_pool import UnrulyPool

NEEDED = {SamplerName.GP: "torch", SamplerName.CMA_ES: "cmaes"}
UNCONDITIONAL = {"learning_rate": {"low": 1e-3, "high": 1e28, "log": True, "default": 0.01}, "depth": 1}
SAMPLERS = [kind for kind in SamplerName if kind not in NEEDED or find_spec(NEEDED[kind])]
WORST = 0.4


def config_of(sampler: SamplerName, pruner: PrunerName, seed: int) -> ResolvedStudy:
    changes: dict[str, Any] = {
        "seed": seed,
        "sampler": SamplerConfig(kind=sampler),
        "pruner": PrunerConfig(kind=pruner, worst=WORST if pruner is PrunerName.THRESHOLD else None),
        "confirmation": ConfirmationConfig(finalists=2, seeds=2),
        "budget": BudgetConfig(epochs=60),
    }
    if sampler is SamplerName.GRID:
        changes |= {"space": UNCONDITIONAL, "sampler": SamplerConfig(kind=sampler, points=20)}
    return small_config(**changes)


def outcome(store: StudyStore, config: ResolvedStudy) -> dict[str, Any]:
    """Return all that a study has come to, but for accidents."""
    attributes = store.attributes("small")
    return {
        "trials": content(store, "small"),
        "winner": winner_of(store.trials("small"), config.training_rules.metric).number,
        "ending": attributes["ending"],
        "finalists": attributes["finalists"],
        "predictions": {
            number: predictions.tobytes() for number, predictions in store.dev_predictions("small").items()
        },
    }


@settings(max_examples=6)
@given(
    sampler=st.sampled_from(SAMPLERS),
    pruner=st.sampled_from(PrunerName),
    seed=st.integers(0, 10_000),
    n_workers=st.sampled_from([1, 2, 5]),
    accidents=st.integers(0, 10_000),
    crashes=st.lists(st.integers(1, 60), max_size=2),
)
def test_nothing_that_happens_to_workers_or_coordinator_changes_a_study(  # noqa: PLR0917 (drawn by name)
    tmp_path_factory: pytest.TempPathFactory,
    sampler: SamplerName,
    pruner: PrunerName,
    seed: int,
    n_workers: int,
    accidents: int,
    crashes: list[int],
) -> None:
    directory, config, data = tmp_path_factory.mktemp("same"), config_of(sampler, pruner, seed), two_moons()
    calm, unruly = new_store(directory, "calm"), new_store(directory, "unruly")
    begin(calm, config)
    begin(unruly, config)
    run_to_end(calm, config)
    for life, n_events in enumerate([*crashes, 100_000]):
        pool = UnrulyPool(data, n_workers=n_workers, seed=accidents + life)
        try:
            run_to_end(unruly, config, pool=pool, witness=crashing_after(n_events))
        except Crash:
            continue

    assert outcome(unruly, config) == outcome(calm, config)
    calm.close()
    unruly.close()


def test_the_unruly_pool_is_unruly(tmp_path: Path) -> None:
    """It kills workers, leaves progress out, and tells of trials in another order than a calm one."""
    config, data = small_config(), two_moons()
    orders = []
    for seed in range(3):
        store = new_store(tmp_path, f"unruly-{seed}")
        begin(store, config)
        heard = run_to_end(store, config, pool=UnrulyPool(data, n_workers=3, seed=seed))
        orders.append([event.number for event, state in heard.events if state.is_ended])
        store.close()

    assert len({tuple(order) for order in orders}) == 3
    assert any(not np.all(np.diff(order) > 0) for order in orders)
