"""Whether anything was learned, with the luck of being chosen taken off."""

from service.winner.noise_floor.floor import BesideConstant


def test_a_gain_counts_beyond_two_standard_errors_and_what_flatters() -> None:
    beside = BesideConstant(constant="mean", gain=0.05, standard_error=0.02, flattery=0.0)
    assert beside.is_beyond_chance
    assert not beside.model_copy(update={"flattery": 0.02}).is_beyond_chance
    assert not beside.model_copy(update={"gain": -0.5}).is_beyond_chance
