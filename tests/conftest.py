"""What every test shares: hypothesis is derandomized, so that a red gate is red again on the next run."""

from hypothesis import settings

pytest_plugins = ["tests.postgresql", "tests.ray_cluster"]

settings.register_profile("gate", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("gate")
