"""The database that a command works on: the one named, or `proctor.db` in the working directory."""

from pathlib import Path

from service.configuration.launch_config import LaunchConfig

DEFAULT_FILE = "proctor.db"


def storage_url(launch: LaunchConfig) -> str:
    """Return the database's URL."""
    return launch.storage or f"sqlite:///{Path(DEFAULT_FILE).absolute()}"
