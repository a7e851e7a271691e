"""Whenever the power is cut, what a SQLite database's files hold by then is resumed to the same."""

import time
from pathlib import Path
from random import Random

from tests.chaos.disturbances.power_loss import copy_in_mid_write
from tests.chaos.lives import begun_life, is_lived_to_the_end
from tests.chaos.outcome import differences, outcome_of

MOST_COPIES = 4


def test_files_copied_in_mid_write_are_resumed_to_the_same(tmp_path: Path) -> None:
    database, rng = tmp_path / "studies.db", Random(4)
    life = begun_life(f"sqlite:///{database}")
    copies: list[Path] = []
    while life.is_alive():
        time.sleep(rng.uniform(0.0, 0.05))
        if database.exists() and life.pid is not None:
            copies.append(tmp_path / f"copy-{len(copies)}.db")
            copy_in_mid_write(database, copies[-1], pid=life.pid, rng=rng)
    assert life.exitcode == 0
    assert len(copies) >= MOST_COPIES
    expected = outcome_of(f"sqlite:///{database}")

    broken = {}
    for copy in rng.sample(copies, MOST_COPIES):
        storage = f"sqlite:///{copy}"
        assert is_lived_to_the_end(storage, None)
        if found := list(differences(expected, outcome_of(storage))):
            broken[copy.name] = found
    assert broken == {}
