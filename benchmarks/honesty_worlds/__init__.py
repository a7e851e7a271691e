"""Made worlds whose truth is known, for `python -m benchmarks.honesty`."""
