"""A winner as one value, its arrays as the bytes of a file, and the names that both have on disk."""

from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any

import numpy as np

from service.models.model_description import ModelDescription
from service.models.trained_network import TrainedNetwork

DESCRIPTION_FILE = "model.json"
ARRAYS_FILE = "arrays.npz"

ARRAY_TYPES: dict[str, np.dtype[np.floating]] = {
    "parameters": np.dtype(np.float32),
    "mean": np.dtype(np.float64),
    "deviation": np.dtype(np.float64),
    "target_mean": np.dtype(np.float64),
    "target_deviation": np.dtype(np.float64),
}
"""What is in `arrays.npz`, by name: the network's parameters, and its normalization."""


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
    """Put all that was fitted into one file, each array in its type."""
    normalization = network.normalization
    values: dict[str, Any] = {
        "parameters": network.parameters,
        "mean": normalization.mean,
        "deviation": normalization.deviation,
        "target_mean": normalization.target_mean,
        "target_deviation": normalization.target_deviation,
    }
    arrays = {name: np.asarray(values[name], dtype=dtype) for name, dtype in ARRAY_TYPES.items()}
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return PackedArrays(file.getvalue(), {name: array.shape for name, array in arrays.items()})
