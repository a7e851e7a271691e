"""Packages that some samplers need; asked for before Optuna, which takes longest to import, is there."""

from importlib.util import find_spec

from service.configuration.search_config import SamplerName
from service.errors import BadInputError

NEEDED_PACKAGES = {SamplerName.GP: "torch", SamplerName.CMA_ES: "cmaes"}
"""By sampler; its name at an index and when imported."""


def check_packages(kind: SamplerName) -> None:
    """Refuse a sampler whose package is not installed; ask before anything runs.

    Raises
    ------
    BadInputError
        Naming what to install.
    """
    package = NEEDED_PACKAGES.get(kind)
    if package is not None and find_spec(package) is None:
        raise BadInputError(
            f"sampler {kind} needs the package {package}, which is not installed: pip install {package}"
        )
