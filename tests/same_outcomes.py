"""Whether another checkout does the same, to the last bit: what to run before and after code is moved.

    python -m tests.same_outcomes OTHER_CHECKOUT

runs the same studies by both checkouts' commands, each in its own gate's environment, and compares all that
they leave: reports, pages, screens, trials as Optuna has them, exported models and their predictions. What
may differ each time, such as times, is left out. The exit status is 1 where anything differs.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import optuna

from service.study.storage.database_url import file_url
from tests.house.checkout import ROOT

QUICK = ("--trials", "6", "--max-epochs", "12", "--seed", "3", "--workers", "0")
STUDIES = {
    "iris": ("iris", *QUICK),
    "houses": ("houses.csv", "--target", "price", *QUICK),
    "rents": ("rents.toml", *QUICK, "--folds", "3"),
    "bits": ("breast_cancer", "--name", "bits", "--metric", "roc_auc", "--ensemble", *QUICK),
}
MOVING = re.compile(
    r"\d+(\.\d+)? ?(s|ms|seconds|min)\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?|process \d+|/\S+"
    r'|"(\w*seconds|pid|started|opened_at|finished_at|process)": [^,\n]+'
)
"""Times, processes and paths."""


def outcomes(checkout: Path, directory: Path) -> Iterator[tuple[str, str]]:
    """Run all studies by a checkout's command; yield the names and digests of what they leave."""
    shutil.copytree(checkout / "examples", directory, dirs_exist_ok=True)

    def said(*words: str) -> str:
        command = [f"{checkout / '.gate/venv/bin/proctor'}", *words]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PROCTOR_")}
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment | {"COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )
        return f"{done.returncode}\n{MOVING.sub('', done.stdout)}\n{MOVING.sub('', done.stderr)}"

    for name, words in STUDIES.items():
        yield f"{name}: screen of run", digest(said("run", *words).encode())
        yield f"{name}: report", digest(said("show", name, "--json").encode())
        yield (
            f"{name}: page",
            digest(MOVING.sub("", (directory / f"{name}-report.html").read_text()).encode()),
        )
        yield f"{name}: advice", digest(said("advise", name, "--json").encode())
        yield f"{name}: export", digest(said("export", name, "-o", f"{name}-model").encode())
        for file in sorted((directory / f"{name}-model").iterdir()):
            yield f"{name}: {file.name}", digest(file.read_bytes())
        study = optuna.load_study(study_name=name, storage=file_url(directory / "proctor.db"))
        yield (
            f"{name}: trials",
            digest(
                repr([(t.number, t.state, t.params, t.values, t.intermediate_values) for t in study.trials])
            ),
        )
    predicted = said("predict", "houses-model", "houses.csv", "-o", "predicted.csv")
    yield "houses: predictions", digest(predicted + (directory / "predicted.csv").read_text())


def digest(content: str | bytes) -> str:
    """Return a name for a content."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:16]


def main() -> int:
    """Compare this checkout with the one that is named."""
    other = Path(sys.argv[1]).resolve()
    found = []
    for checkout in (ROOT, other):
        with tempfile.TemporaryDirectory(prefix="proctor-") as directory:
            found.append(dict(outcomes(checkout, Path(directory))))
    ours, theirs = found
    for name in ours | theirs:
        same = "same" if ours.get(name) == theirs.get(name) else "DIFFERS"
        print(f"{same:8} {ours.get(name, '-'):17} {theirs.get(name, '-'):17} {name}")  # noqa: T201 (what it is for)
    return int(ours != theirs)


if __name__ == "__main__":
    sys.exit(main())
