"""Seeds are told apart by study, number and purpose."""

from pathlib import Path

from service.study.search.seeds import (
    learning_curve_seed,
    redraw_seed,
    sampler_seed,
    study_wide_seed,
    trial_seed,
)
from tests.service.iris_study import new_store, search_iris


def test_each_trial_of_each_study_has_a_seed_of_its_own() -> None:
    seeds = {trial_seed(study, number) for study in range(30) for number in range(100)}
    assert len(seeds) == 3000
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_each_purpose_has_a_seed_of_its_own() -> None:
    seeds = {
        seed
        for study in range(10)
        for number in range(10)
        for seed in (
            trial_seed(study, number),
            sampler_seed(study, number),
            study_wide_seed(study),
            *(redraw_seed(study, number, attempt) for attempt in range(5)),
            *(learning_curve_seed(study, number, share) for share in (0, 1, 2, 4, 8)),
        )
    }
    assert len(seeds) == 10 * (10 * 12 + 1)


def test_another_search_seed_searches_anew_on_the_same_split(tmp_path: Path) -> None:
    first, second = (
        search_iris(new_store(tmp_path), name=name, trials=3, seed=1, search_seed=search_seed)
        for name, search_seed in (("first", None), ("second", 2))
    )
    assert first.stored.test_fingerprint == second.stored.test_fingerprint
    assert first.stored.known_fingerprint == second.stored.known_fingerprint
    points = [[trial.params for trial in study.stored.trials] for study in (first, second)]
    assert points[0][0] == points[1][0]  # the defaults
    assert points[0][1:] != points[1][1:]
    seeds = [{trial.user_attrs["seed"] for trial in study.stored.trials} for study in (first, second)]
    assert not seeds[0] & seeds[1]
    second.conclude(keep_sealed=True)
    assert second.report.winner is not None
    assert second.report.winner.is_reproduced
