"""From output layers to what people ask for, as nodes: probabilities and a label, or a number."""

from collections.abc import Sequence

import numpy as np

from search_spaces.hyperparameters import LossName
from service.data.preparation.target_scaling import TargetScaling
from service.winner.models.averaging import power_of_two_below
from service.winner.models.onnx_export.tensor_graph import Tensor, side_by_side
from workers.decision_rule import DecisionRule

_LARGEST_TARGET = float(np.finfo(np.float64).max)


def add_class_outputs(
    networks: Sequence[Tensor], class_names: Sequence[str], loss: LossName, rule: DecisionRule
) -> None:
    """Add `probabilities` (n_examples, n_classes), and `label` (n_examples,), as the rule decides it.

    Parameters
    ----------
    networks
        Each one's pre-activations of its output layer (n_examples, n_units).
    class_names
        In the order of the probabilities.
    loss
        What the networks were trained by; it has the output function.
    rule
        Decides labels.
    """
    probabilities = averaged([_probabilities(Z, loss) for Z in networks])
    graph = probabilities.graph
    names = graph.constant(np.array(class_names, dtype=object))
    scores = probabilities.cast(np.float64) * np.array(rule.weights) if rule.weights else probabilities
    label = names.apply("Gather", scores.apply("ArgMax", dtype=np.int64, axis=1, keepdims=0))
    in_order = f"of the classes {list(class_names)}, in this order"
    graph.add_output(probabilities, "probabilities", ("n_examples", len(class_names)), meaning=in_order)
    graph.add_output(label, "label", ("n_examples",), meaning=_meaning_of_label(class_names, rule))


def _meaning_of_label(class_names: Sequence[str], rule: DecisionRule) -> str:
    if not rule.weights:
        return "the most probable class"
    weights = ", ".join(
        f"{name}: {weight:.4g}" for name, weight in zip(class_names, rule.weights, strict=True)
    )
    return f"the class whose probability times its weight is highest; weights {weights}"


def add_number_output(networks: Sequence[Tensor], scaling: TargetScaling, *, target: str) -> None:
    """Add `prediction`, float64 (n_examples, 1): the networks' number in the target's unit.

    Parameters
    ----------
    networks
        Each one's standardised predictions (n_examples, 1).
    scaling
        How the target was standardised.
    target
        Its name.
    """
    y = averaged([_in_target_unit(Z, scaling) for Z in networks])
    y.graph.add_output(y, "prediction", ("n_examples", 1), meaning=f"{target}, in its own unit")


def averaged(predictions: Sequence[Tensor]) -> Tensor:
    """Average predictions of one shape as `service.winner.models.averaging.average` does, in float64."""
    if len(predictions) == 1:
        return predictions[0]
    scale = power_of_two_below(len(predictions))
    first, *others = [each.cast(np.float64) * scale for each in predictions]
    mean = first.apply("Sum", *others) / (len(predictions) * scale)
    return mean.cast(predictions[0].dtype)


def _probabilities(Z: Tensor, loss: LossName) -> Tensor:
    if loss is LossName.BINARY:
        return side_by_side([Z.apply("Neg").apply("Sigmoid"), Z.apply("Sigmoid")])
    return Z.apply("Softmax", axis=1)


def _in_target_unit(Z: Tensor, scaling: TargetScaling) -> Tensor:
    y = (Z.cast(np.float64) * scaling.deviation).shifted(scaling.mean)
    y = y.apply("Exp") if scaling.is_log else y
    return y.clip(-_LARGEST_TARGET, _LARGEST_TARGET)
