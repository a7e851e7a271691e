"""Settings that Ray reads from the environment when it is imported; they must be there before."""

RAY_SETTINGS = {
    # A cluster that a study starts for itself listens on the loopback address alone.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    # An address at which no Ray answers is given up after 10 seconds, not after two minutes.
    "RAY_py_gcs_connect_timeout_s": "10",
    "RAY_NUM_REDIS_GET_RETRIES": "1",
}
