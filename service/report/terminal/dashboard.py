"""optuna-dashboard on a study's storage; it is an extra."""

from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.storage.database import opened_storage


def serve_dashboard(launch: LaunchConfig, *, host: str, port: int) -> None:
    """Serve optuna-dashboard until the process is interrupted.

    Raises
    ------
    BadInputError
        When the extra is not installed, or the storage cannot be reached.
    """
    try:
        from optuna_dashboard import run_server  # noqa: PLC0415 (an extra)
    except ImportError:
        raise BadInputError(
            "the dashboard is an extra: install proctor[dashboard], or optuna-dashboard beside it"
        ) from None
    with opened_storage(launch, create=False) as store:
        run_server(store.optuna_storage, host=host, port=port)
