"""What `proctor list` takes in a database of many studies, by the number of studies.

    python -m benchmarks.listing [--studies 1000] [--rounds 5] [--json FILE]

Studies of twenty trials in a SQLite file: one that is run, and copies of it. The command's own start is left
out: it is the same for any number. Figures are medians over the rounds.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import proctor
from benchmarks.machine import processor
from service.configuration.launch_config import LaunchConfig
from service.report.facts.study_summaries import summaries_in
from service.study.storage.database import opened_storage
from service.study.storage.database_url import file_url
from service.study.storage.study_keeping import copy_studies

N_TRIALS = 20


def seconds_to_list(launch: LaunchConfig, n_studies: int) -> float:
    """List all studies, and return what that took (seconds)."""
    began = time.perf_counter()
    found = summaries_in(launch)
    took = time.perf_counter() - began
    if len(found.readable) != n_studies or found.refusals:
        raise RuntimeError(f"expected {n_studies} studies, got {len(found.readable)}, and {found.refusals}")
    return took


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="What proctor list takes.")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"{processor()}; studies of {N_TRIALS} trials")
    figures = {}
    with tempfile.TemporaryDirectory() as directory:
        launch = LaunchConfig(storage=file_url(Path(directory) / "proctor.db"), workers=0)
        settings: dict[str, Any] = {"trials": N_TRIALS, "max_epochs": 3, "confirm": 2, "no_baselines": True}
        proctor.run("iris", storage=launch.storage, verbose=False, **settings)
        n_studies = 1
        for wanted in sorted({1, options.studies // 10, options.studies} - {0}):
            with opened_storage(launch, create=False) as store:
                for number in range(n_studies, wanted):
                    copy_studies(store, {"iris": f"iris-{number}"})
            n_studies = max(n_studies, wanted)
            figures[n_studies] = median(seconds_to_list(launch, n_studies) for _ in range(options.rounds))
            print(f"{n_studies:6,} studies {figures[n_studies]:8.3f} s", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
