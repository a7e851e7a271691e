"""A sampler is written as its name or as a table of its kind and options, and has no options but its own."""

import re

import pytest
from pydantic import ValidationError

from service.configuration.search_config import SAMPLER_OPTIONS, SamplerConfig, SamplerName
from service.configuration.study_config import StudyConfig

TABLE = {"table": "digits"}


def sampler_of(written: object) -> SamplerConfig:
    return StudyConfig.model_validate(
        {"data": TABLE, "space": "small", "trials": 9, "sampler": written}
    ).sampler


def test_a_name_alone_is_short_for_its_kind() -> None:
    for name in ("tpe", "random", "qmc", "gp", "cma-es"):
        assert sampler_of(name) == SamplerConfig(kind=SamplerName(name))


def test_what_is_left_out_is_the_kinds_default() -> None:
    assert SamplerConfig() == SamplerConfig(
        kind=SamplerName.TPE, multivariate=False, group=False, startup_trials=10
    )
    assert SamplerConfig(kind=SamplerName.CMA_ES).startup_trials == 1


@pytest.mark.parametrize("kind", SamplerName)
def test_what_is_kept_reads_back(kind: SamplerName) -> None:
    sampler = SamplerConfig(kind=kind)
    assert SamplerConfig.model_validate(sampler.model_dump(mode="json")) == sampler
    assert SamplerConfig.model_validate_json(sampler.model_dump_json(exclude_none=True)) == sampler


OF_ANOTHER_KIND = [
    (kind, option, value)
    for kind in SamplerName
    for option, value in {
        "multivariate": True,
        "group": False,
        "startup_trials": 3,
        "scramble": False,
        "points": 4,
    }.items()
    if option not in SAMPLER_OPTIONS[kind]
]


@pytest.mark.parametrize(("kind", "option", "value"), OF_ANOTHER_KIND)
def test_an_option_of_another_kind_is_refused(kind: SamplerName, option: str, value: object) -> None:
    with pytest.raises(ValidationError, match=f"{option}: {kind} does not have this option; it has "):
        SamplerConfig.model_validate({"kind": kind, option: value})


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"group": True, "multivariate": False}, "group needs multivariate"),
        ({"kind": "grid", "points": 0}, "greater than or equal to 1"),
        ({"startup_trials": 1.5}, "valid integer"),
        ({"seed": 3}, "Extra inputs"),
        (3, "expected a sampler's name or a table, got 3"),
        (["tpe"], "expected a sampler's name or a table, got a list"),
    ],
)
def test_a_wrong_sampler_is_refused(written: object, message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        sampler_of(written)
