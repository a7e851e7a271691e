"""Where the checkout lies whose house the tests look at."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The top of the checkout."""

ROOMS = ("search_spaces", "service", "workers")
"""The packages that are installed."""
