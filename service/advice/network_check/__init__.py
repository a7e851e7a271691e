"""The checks that a person makes before a long training: behind `proctor check`."""
