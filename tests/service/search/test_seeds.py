"""Seeds are told apart by study, number and purpose."""

from service.search.seeds import redraw_seed, sampler_seed, study_wide_seed, trial_seed


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
        )
    }
    assert len(seeds) == 10 * (10 * 7 + 1)
