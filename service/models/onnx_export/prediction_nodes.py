"""From the output layer to what people ask for, as nodes: probabilities and a label, or a number."""

from collections.abc import Sequence

import numpy as np

from search_spaces.hyperparameters import LossName
from service.models.onnx_export.tensor_graph import Tensor, side_by_side
from service.preparation.target_scaling import TargetScaling

_LARGEST_TARGET = float(np.finfo(np.float64).max)


def add_class_outputs(Z: Tensor, class_names: Sequence[str], loss: LossName) -> None:
    """Add `probabilities` (n_examples, n_classes), and `label` (n_examples,), the most probable class.

    Parameters
    ----------
    Z
        The output layer's pre-activations (n_examples, n_units).
    class_names
        In the order of the probabilities.
    loss
        What the network was trained by; it has the output function.
    """
    if loss is LossName.BINARY:
        probabilities = side_by_side([Z.apply("Neg").apply("Sigmoid"), Z.apply("Sigmoid")])
    else:
        probabilities = Z.apply("Softmax", axis=1)
    names = Z.graph.constant(np.array(class_names, dtype=object))
    label = names.apply("Gather", probabilities.apply("ArgMax", dtype=np.int64, axis=1, keepdims=0))
    in_order = f"of the classes {list(class_names)}, in this order"
    Z.graph.add_output(probabilities, "probabilities", ("n_examples", len(class_names)), meaning=in_order)
    Z.graph.add_output(label, "label", ("n_examples",), meaning="the most probable class")


def add_number_output(Z: Tensor, scaling: TargetScaling, *, target: str) -> None:
    """Add `prediction`, float64 (n_examples, 1): the network's number in the target's unit.

    Parameters
    ----------
    Z
        The standardised predictions (n_examples, 1).
    scaling
        How the target was standardised.
    target
        Its name.
    """
    y = (Z.cast(np.float64) * scaling.deviation).shifted(scaling.mean)
    y = y.apply("Exp") if scaling.is_log else y
    y = y.clip(-_LARGEST_TARGET, _LARGEST_TARGET)
    Z.graph.add_output(y, "prediction", ("n_examples", 1), meaning=f"{target}, in its own unit")
