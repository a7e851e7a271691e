"""The same runs by PyTorch: what Proctor's network is held against.

    uv run --with torch==2.13.0 python -m tests.workers.pytorch_reference --check
    uv run --with torch==2.13.0 python -m tests.workers.pytorch_reference --record

PyTorch is no dependency of the project. `--check` trains every case by both, side by side; `--record` writes
PyTorch's figures to pytorch_reference.json, which the tests compare with in an environment without it.
"""

import argparse
import json
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.workers.agreement_cases import CASES
from tests.workers.pytorch_run import PyTorchRun
from tests.workers.training_trace import QUANTITIES, Trace, disagreements, proctor_trace

RECORD = Path(__file__).with_suffix(".json")
TOLERANCES: dict[type[np.floating], float] = {np.float64: 1e-10, np.float32: 1e-5}


def recorded() -> dict[str, dict[str, Trace]]:
    """Return what PyTorch left, by case and type."""
    content = json.loads(RECORD.read_text())["traces"]
    return {
        name: {
            dtype: Trace(**{quantity: np.array(trace[quantity]) for quantity in QUANTITIES})
            for dtype, trace in by_type.items()
        }
        for name, by_type in content.items()
    }


def record() -> None:
    """Write PyTorch's figures, with more digits than the tolerances ask for."""
    traces: dict[str, dict[str, dict[str, list[float]]]] = {}
    for name, case in CASES.items():
        traces[name] = {}
        for dtype in TOLERANCES:
            trace = PyTorchRun(case, dtype).trace()
            digits = 8 if dtype is np.float32 else 14
            traces[name][dtype.__name__] = {
                quantity: [float(f"{value:.{digits}g}") for value in getattr(trace, quantity)]
                for quantity in QUANTITIES
            }
    versions = {name: version(name) for name in ("torch", "numpy")}
    RECORD.write_text(json.dumps({"versions": versions, "traces": traces}, separators=(",", ":")) + "\n")


def check() -> bool:
    """Print every case's largest disagreement, by both types; return whether all are within bounds."""
    all_agree = True
    for name, case in CASES.items():
        for dtype, tolerance in TOLERANCES.items():
            errors = disagreements(proctor_trace(case, dtype), PyTorchRun(case, dtype).trace())
            worst = max(errors, key=lambda quantity: errors[quantity])
            agrees = errors[worst] <= tolerance
            all_agree = all_agree and agrees
            words = "agrees" if agrees else "DIFFERS"
            print(f"{name:<32}{dtype.__name__:<9}{words:<9}{errors[worst]:.1e} ({worst})")  # noqa: T201 - a command
    return all_agree


def main() -> None:
    """Do what the option says."""
    parser = argparse.ArgumentParser(description="Proctor's network beside PyTorch's.")
    actions = parser.add_mutually_exclusive_group(required=True)
    actions.add_argument("--check", action="store_true", help="train by both; exit 1 where they differ")
    actions.add_argument("--record", action="store_true", help="write PyTorch's figures anew")
    options = parser.parse_args()
    if find_spec("torch") is None:
        parser.error(
            "this needs PyTorch: uv run --with torch==2.13.0 python -m tests.workers.pytorch_reference"
        )
    if options.record:
        record()
    elif not check():
        sys.exit(1)


if __name__ == "__main__":
    main()
