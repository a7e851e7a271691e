"""What a file of `requirements/` says is to be installed on a given machine."""

import re

from packaging.requirements import Requirement

from tests.house.checkout import ROOT
from tests.house.locked_packages import Environment, LockedPackage


def required_packages(file_name: str, environment: Environment) -> dict[str, LockedPackage]:
    """Read the pinned packages that apply to the machine, each with its hashes.

    Raises
    ------
    ValueError
        Two lines that apply to the machine name the same package.
    """
    text = (ROOT / "requirements" / file_name).read_text().replace("\\\n", " ")
    found: dict[str, LockedPackage] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        requirement = Requirement(line.split(" --hash=")[0])
        if requirement.marker is None or requirement.marker.evaluate(dict(environment)):
            version = str(requirement.specifier).removeprefix("==")
            if requirement.name in found:
                raise ValueError(f"a package is named once for a machine, got {line} again ({file_name})")
            hashes = frozenset(re.findall(r"--hash=(\S+)", line))
            found[requirement.name] = LockedPackage(requirement.name, version, hashes)
    return found
