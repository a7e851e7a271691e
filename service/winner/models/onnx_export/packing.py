"""A graph as a model that runtimes load: the versions that it is written for, and the check of it."""

import onnx
from onnx import helper

from service.winner.models.onnx_export.tensor_graph import LABELS_DOMAIN, TensorGraph

_OPSET, _LABELS_OPSET, _IR_VERSION = 17, 3, 8
"""Of 2022: any runtime of today reads them."""


def packed(graph: TensorGraph, name: str) -> onnx.ModelProto:
    """Pack a graph under a name, and check it: types and shapes fit, each tensor is written once.

    Raises
    ------
    onnx.checker.ValidationError
        It is no graph.
    """
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, graph.inputs, graph.outputs, list(graph.constants.values())),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(LABELS_DOMAIN, _LABELS_OPSET)],
        ir_version=_IR_VERSION,
        producer_name="proctor",
    )
    onnx.checker.check_model(model, full_check=True)
    return model
