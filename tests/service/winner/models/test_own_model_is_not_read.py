"""What a model of the user's own has learned may be code: no file of such a model is read."""

import os
import pickle
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from search_spaces.own.point import OwnPoint
from service.errors import BadInputError
from service.winner.models.model import ARRAYS_FILE, DESCRIPTION_FILE, MemberDescription, read_model
from tests.service.winner.models.exported_winner import ExportedWinner
from tests.workers.own.own_sources import FOREST, source_of_text
from workers.own.models import PICKLE, SOURCE, source_bytes


class _Mine:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_nothing_is_unpickled_from_a_models_directory(tmp_path: Path, iris: ExportedWinner) -> None:
    source = source_of_text(f"import os\nos.mkdir({str(tmp_path / 'run')!r})\n{FOREST}")
    mine = np.frombuffer(pickle.dumps(_Mine(tmp_path / "unpickled")), np.uint8)
    arrays: dict[str, NDArray[Any]] = {f"models/0/{PICKLE}": mine, f"models/0/{SOURCE}": source_bytes(source)}
    fitted = iris.model.trained.preparations[0].transformation.arrays()
    arrays |= {f"preparations/0/{name}": array for name, array in fitted.items()}
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    description = iris.model.description.model_copy(
        update={
            "members": (
                MemberDescription(kind="own", hyperparameters=OwnPoint.model_validate({"max_depth": 3})),
            ),
            "shapes": {name: array.shape for name, array in arrays.items()},
            "arrays_sha256": sha256(file.getvalue()).hexdigest(),
        }
    )
    directory = tmp_path / "model"
    directory.mkdir()
    (directory / DESCRIPTION_FILE).write_text(description.model_dump_json())
    (directory / ARRAYS_FILE).write_bytes(file.getvalue())

    with pytest.raises(BadInputError, match="a model of one's own cannot be read from a file"):
        read_model(directory)

    assert not (tmp_path / "unpickled").exists()
    assert not (tmp_path / "run").exists()
