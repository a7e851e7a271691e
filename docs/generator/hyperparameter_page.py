"""The hyperparameters: their ranges and defaults, which built-in space searches them, and their formulas."""

import re
from collections.abc import Iterator, Mapping

from docs.generator.docstrings import stated
from docs.generator.markdown import page, table
from docs.generator.schema_text import default_text, values_text
from search_spaces.description import describe
from search_spaces.network.point import NetworkPoint
from search_spaces.network.relevance import ONLY_CLASSES_HAVE, READERS
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import preset_names, read_preset
from workers.network import activations, initialization, losses, optimizers, regularization, schedules

_INTRODUCTION = """
Every hyperparameter can be fixed or searched in `[space]` of a [study file](study-file.md). One that a
space leaves out has its default.
"""
_WIDTHS = re.compile(r"width_[2-9]")

FORMULAS: Mapping[str, tuple[object, ...]] = {
    "Activations": (
        activations.relu,
        activations.leaky_relu,
        activations.tanh,
        activations.sigmoid,
        activations.gelu,
    ),
    "Optimizers": (
        optimizers.SGD,
        optimizers.Momentum,
        optimizers.Nesterov,
        optimizers.RMSProp,
        optimizers.Adam,
        optimizers.AdamW,
    ),
    "Losses": (
        losses.SoftmaxCrossEntropy,
        losses.BinaryCrossEntropy,
        losses.SquaredError,
        losses.Huber,
    ),
    "Regularization": (regularization.l1_penalty, regularization.l2_penalty, regularization.bound_norms),
    "Learning rate schedules": (schedules.learning_rate_factor,),
    "Initialization": (initialization.weight_deviation,),
}
"""What has a formula in its docstring, by heading."""


def hyperparameter_page() -> str:
    """Return the page of all hyperparameters, in the order of the model."""
    return page(
        "Hyperparameters",
        _INTRODUCTION,
        table(("name", "values", "default", "meaning"), _rows()),
        "## Built-in spaces",
        "`proctor spaces` lists them, and `proctor spaces show NAME` prints one.",
        *(_space(name) for name in preset_names(NetworkSpace)),
        "## Formulas",
        "As the docstrings in `workers/network/` state them, where the sources are, too.",
        *(
            "\n\n".join([f"### {heading}", *(_formula(described) for described in all_described)])
            for heading, all_described in FORMULAS.items()
        ),
    )


def _rows() -> Iterator[tuple[str, str, str, str]]:
    schema = NetworkPoint.model_json_schema()
    for name, told in schema["properties"].items():
        if _WIDTHS.fullmatch(name):
            continue
        meaning = NetworkPoint.model_fields[name].description or ""
        yield (
            f"`{name}`",
            values_text(told, schema["$defs"]),
            default_text(told),
            " ".join([meaning, *_restrictions(name)]),
        )


def _restrictions(name: str) -> Iterator[str]:
    if name in READERS and "read by" not in (NetworkPoint.model_fields[name].description or ""):
        yield f"Only with {READERS[name]}."
    if name in ONLY_CLASSES_HAVE:
        yield "Only in classification."


def _space(name: str) -> str:
    preset = read_preset(NetworkSpace, name)
    rows = (
        (f"`{row.name}`", row.kind, row.values, row.default, row.condition) for row in describe(preset.space)
    )
    listed = table(("hyperparameter", "kind", "values", "first trial", "searched when"), rows)
    return "\n\n".join([f"### `{name}`", f"{preset.description}.", listed.strip("\n")])


def _formula(described: object) -> str:
    """Return what has a formula with the part of its docstring that states it."""
    name = getattr(described, "__name__", "")
    return f"`{name}`:\n\n```text\n{stated(described)}\n```"
