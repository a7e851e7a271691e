"""A graph of ONNX operators as it is written: tensors that are computed with, as NumPy's arrays are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import onnx
from numpy.typing import DTypeLike, NDArray
from onnx import helper, numpy_helper

LABELS_DOMAIN = "ai.onnx.ml"
"""Where ONNX has its operators on texts."""

Attribute: TypeAlias = int | float | str | Sequence[int] | Sequence[str]


@dataclass(slots=True, eq=False)
class TensorGraph:
    """Collects the nodes, inputs, outputs and constants of a graph.

    Attributes
    ----------
    reserved
        Names that no tensor of the graph's own may have: those of its inputs.
    inputs, outputs, nodes
        In the order in which they were made; a node reads what earlier ones write.
    constants
        By type, shape and bytes: what is used twice is there once.
    """

    reserved: frozenset[str]
    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[tuple[object, ...], onnx.TensorProto] = field(default_factory=dict)

    def constant(self, values: NDArray[np.generic]) -> "Tensor":
        """Put an array into the graph; one of objects holds texts."""
        content = tuple(values.ravel()) if values.dtype == object else values.tobytes()
        key = (values.dtype, values.shape, content)
        if key not in self.constants:
            name = self.free_name(f"constant {len(self.constants)}")
            self.constants[key] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return Tensor(self, self.constants[key].name, values.dtype)

    def add_input(self, name: str, dtype: DTypeLike, *, meaning: str) -> "Tensor":
        """Add a column (n_examples, 1) that is fed to the graph."""
        self.inputs.append(_described(name, np.dtype(dtype), ("n_examples", 1), meaning))
        return Tensor(self, name, np.dtype(dtype))

    def add_output(self, tensor: "Tensor", name: str, shape: tuple[str | int, ...], *, meaning: str) -> None:
        """Give a tensor to whoever runs the graph, under a name; `_` is put behind one that a column has."""
        name = self.free_name(name)
        self.nodes.append(helper.make_node("Identity", [tensor.name], [name]))
        self.outputs.append(_described(name, tensor.dtype, shape, meaning))

    def free_name(self, name: str) -> str:
        """Return the name, or one like it that no input has."""
        while name in self.reserved:
            name += "_"
        return name


def _described(
    name: str, dtype: np.dtype[np.generic], shape: tuple[str | int, ...], meaning: str
) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(dtype), shape, doc_string=meaning
    )


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """What a node gives. Arithmetic with it adds nodes; numbers beside it are taken in its type.

    Attributes
    ----------
    graph
        Where it stands.
    name
        Its own there.
    dtype
        Of its entries, in NumPy's terms; texts are objects.
    """

    graph: TensorGraph
    name: str
    dtype: np.dtype[np.generic]

    def apply(
        self,
        operator: str,
        *others: "Operand",
        dtype: DTypeLike | None = None,
        domain: str = "",
        **attributes: Attribute,
    ) -> "Tensor":
        """Add a node that reads this tensor and others.

        Parameters
        ----------
        operator
            Its name among ONNX's operators.
        others
            What it reads besides.
        dtype
            Of the result; this tensor's where none is named.
        domain, attributes
            The operator's.
        """
        graph = self.graph
        name = graph.free_name(f"{operator} {len(graph.nodes)}")
        read = [self.name, *(self.beside(other).name for other in others)]
        node = helper.make_node(operator, read, [name], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        graph.nodes.append(node)
        return Tensor(graph, name, self.dtype if dtype is None else np.dtype(dtype))

    def __add__(self, other: "Operand") -> "Tensor":
        return self.apply("Add", other)

    def __sub__(self, other: "Operand") -> "Tensor":
        return self.apply("Sub", other)

    def __mul__(self, other: "Operand") -> "Tensor":
        return self.apply("Mul", other)

    def __truediv__(self, other: "Operand") -> "Tensor":
        return self.apply("Div", other)

    def __ge__(self, other: "Operand") -> "Tensor":
        return self.apply("GreaterOrEqual", other, dtype=np.bool_)

    def shifted(self, by: float | NDArray[np.floating]) -> "Tensor":
        """Add a constant, however small: onnxruntime leaves out an `Add` or `Sub` of what is 0 as float32."""
        return self.apply("Sum", by)

    def equals(self, other: "Operand") -> "Tensor":
        """Compare each entry."""
        return self.apply("Equal", other, dtype=np.bool_)

    def is_nan(self) -> "Tensor":
        """Tell each entry that is no number."""
        return self.apply("IsNaN", dtype=np.bool_)

    def clip(self, low: float, high: float) -> "Tensor":
        """Draw in each entry."""
        return self.apply("Clip", low, high)

    def chosen(self, there: "Operand", elsewhere: "Tensor") -> "Tensor":
        """Take entries of one tensor where this one is true, and of another elsewhere."""
        return self.apply("Where", elsewhere.beside(there), elsewhere, dtype=elsewhere.dtype)

    def cast(self, dtype: DTypeLike) -> "Tensor":
        """Convert each entry."""
        return self.apply("Cast", dtype=dtype, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def beside(self, other: "Operand") -> "Tensor":
        """Return what can be read together with this tensor: a number as a constant of its type."""
        if isinstance(other, Tensor):
            return other
        return self.graph.constant(np.asarray(other, dtype=self.dtype))


Operand: TypeAlias = Tensor | float | NDArray[np.generic]


def side_by_side(tensors: Sequence[Tensor]) -> Tensor:
    """Put matrices (n_examples, n) of one type next to each other; one matrix at least."""
    first, *others = tensors
    return first.apply("Concat", *others, axis=1) if others else first
