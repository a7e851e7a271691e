"""Settings that Ray reads from the environment as it is imported, so that they must be there before."""

import os

_ALWAYS = {
    "RAY_USAGE_STATS_ENABLED": "0",
}
_JOINED_CLUSTER = {
    # An address at which no Ray answers is given up after 7 seconds, not after two minutes: Ray waits twice
    # for the connection, without giving up, and then for an answer.
    "RAY_gcs_rpc_server_connect_timeout_s": "1",
    "RAY_py_gcs_connect_timeout_s": "4",
    "RAY_NUM_REDIS_GET_RETRIES": "1",
}
_OWN_CLUSTER = {
    # Named after the systems where it is the default; on each it makes a cluster listen on loopback alone.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


def apply_ray_settings(*, address: str | None) -> None:
    """Put the settings into this process's environment; call it before `workers.pools.ray_pool` is imported.

    Parameters
    ----------
    address
        The running cluster that will be joined; None for a cluster of this process's own.
    """
    settings = _ALWAYS | (_JOINED_CLUSTER if address else _OWN_CLUSTER)
    for name, value in settings.items():
        os.environ.setdefault(name, value)
