"""A winner as one value, its arrays as the bytes of a file, and the names that both have on disk."""

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

import numpy as np

from service.winner.models.model_description import ModelDescription
from service.winner.models.trained_network import TrainedNetwork

DESCRIPTION_FILE = "model.json"
ARRAYS_FILE = "arrays.npz"
ONNX_FILE = "model.onnx"

PARAMETERS = "parameters"
"""Name of the networks' parameters in `arrays.npz`; all else in it is the transformation's."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A winner: its description, and the network that predicts."""

    description: ModelDescription
    network: TrainedNetwork = field(repr=False)


@dataclass(frozen=True, slots=True)
class PackedArrays:
    """A network's arrays as a file.

    Attributes
    ----------
    content
        The bytes of `arrays.npz`; the same arrays give the same bytes.
    shapes
        Of each array, by name.
    """

    content: bytes
    shapes: dict[str, tuple[int, ...]]

    @property
    def sha256(self) -> str:
        """Checksum of the bytes, in hexadecimal digits."""
        return sha256(self.content).hexdigest()


def pack_arrays(network: TrainedNetwork) -> PackedArrays:
    """Put all arrays that were fitted into one file, each in its type."""
    arrays = {PARAMETERS: network.parameters, **network.preparation.transformation.arrays()}
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return PackedArrays(file.getvalue(), {name: array.shape for name, array in arrays.items()})
