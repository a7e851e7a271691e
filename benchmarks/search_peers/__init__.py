"""The same tuning task by Proctor's peers, each a process of its own: `python -m benchmarks.search`."""
