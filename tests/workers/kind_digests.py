"""Prints digests of what boosted trees and linear models learn, for processes that are set up otherwise."""

import hashlib

from search_spaces.boosting.point import BoostingPoint
from search_spaces.linear.point import LinearPoint
from search_spaces.point import Point
from tests.workers.train_dev_sets import digits, rules
from workers.trial.training import Training

CASES: tuple[Point, ...] = (
    BoostingPoint(max_features=0.5),
    LinearPoint(),
    LinearPoint(strength=300.0, l1_ratio=0.5),
)


def main() -> None:
    """Train each for some epochs on the digits."""
    data = digits()
    for point in CASES:
        n_epochs = 3 if point.kind == "boosting" else 1
        training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=n_epochs))
        for _ in range(n_epochs):
            training.run_epoch()
        digest = hashlib.sha256()
        for name, array in sorted(training.best_state.items()):
            digest.update(name.encode() + array.tobytes())
        print(point.kind, digest.hexdigest())  # noqa: T201 (what it is for)


if __name__ == "__main__":
    main()
