"""A sampler whose package is missing is refused before anything runs, with the package's name."""

import pytest

from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset
from service.configuration.search_config import SamplerConfig, SamplerName
from service.errors import BadInputError
from service.study.search.sampler_packages import NEEDED_PACKAGES, check_packages
from service.study.search.suggestions import Suggestions


@pytest.mark.parametrize("kind", NEEDED_PACKAGES)
def test_what_is_missing_is_named(kind: SamplerName, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("sys.path_importer_cache", {})
    monkeypatch.delitem(__import__("sys").modules, NEEDED_PACKAGES[kind], raising=False)
    package = NEEDED_PACKAGES[kind]
    message = f"^sampler {kind} needs the package {package}, which is not installed: pip install {package}$"
    with pytest.raises(BadInputError, match=message):
        Suggestions(load_preset(NetworkSpace, "small"), sampler=SamplerConfig(kind=kind), study_seed=0)


def test_the_others_need_nothing() -> None:
    for kind in {*SamplerName} - NEEDED_PACKAGES.keys():
        check_packages(kind)
