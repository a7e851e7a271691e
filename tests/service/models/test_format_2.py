"""A model of format 2, as the version before averages wrote it, is read and predicts as it did there."""

import json
from pathlib import Path

import numpy as np
import polars as pl

from service.models.frame_prediction import predict_frame
from service.models.model_reading import read_model

MODEL = Path(__file__).parent / "format_2"
"""Of iris, a network of one hidden layer of two units; what it predicted for four examples is beside it."""


def test_it_is_read_as_one_network_and_predicts_the_same() -> None:
    then = json.loads((MODEL / "predictions.json").read_text())
    model = read_model(MODEL)
    assert (model.description.format, model.description.n_networks) == (2, 1)
    assert model.network.parameters.shape == (1, 19)
    frame = pl.DataFrame(then["cells"], schema=list(model.description.feature_names), orient="row")
    np.testing.assert_allclose(predict_frame(model.network, frame), then["probabilities"], rtol=1e-5)
