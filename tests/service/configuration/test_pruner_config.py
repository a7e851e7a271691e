"""A pruner has its own options, and none of another rule's."""

import pytest
from pydantic import ValidationError

from service.configuration.search_config import PRUNER_OPTIONS, PrunerConfig, PrunerName

VALUES = {"reduction_factor": 2, "min_epochs": 3, "startup_trials": 4, "warmup_epochs": 0, "worst": -1.5}


@pytest.mark.parametrize("kind", PrunerName)
def test_its_own_options_are_accepted_and_read_back(kind: PrunerName) -> None:
    own = {option: VALUES[option] for option in PRUNER_OPTIONS[kind]}
    config = PrunerConfig.model_validate({"kind": kind, **own})
    assert config.model_dump(exclude_none=True) == {"kind": kind, **own}
    assert PrunerConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (kind, option)
        for kind in PrunerName
        for option in VALUES
        if option not in PRUNER_OPTIONS[kind] and (kind, option) != (PrunerName.NONE, "reduction_factor")
    ],
)
def test_an_option_of_another_rule_is_refused(kind: PrunerName, option: str) -> None:
    needed = {"worst": 1.0} if kind is PrunerName.THRESHOLD else {}
    with pytest.raises(ValidationError, match=f"{option}: {kind} does not have this option; it has "):
        PrunerConfig.model_validate({"kind": kind, **needed, option: VALUES[option]})


def test_a_threshold_needs_its_value() -> None:
    with pytest.raises(ValidationError, match="worst: threshold needs worst: it has no default"):
        PrunerConfig(kind=PrunerName.THRESHOLD)


@pytest.mark.parametrize("kind", ["successive-halving", "none"])
def test_configurations_of_old_are_read(kind: str) -> None:
    """Both kinds were once kept with a reduction factor."""
    config = PrunerConfig.model_validate({"kind": kind, "reduction_factor": 4})
    assert (config.kind, config.reduction_factor) == (kind, 4 if kind == "successive-halving" else None)
    assert PrunerConfig().reduction_factor == 3
