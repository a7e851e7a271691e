"""The hyperparameters by kind of model: ranges, defaults, which built-in space searches them, formulas."""

import re
from collections.abc import Iterator, Mapping

from docs.generator.docstrings import stated
from docs.generator.markdown import page, table
from docs.generator.schema_text import default_text, values_text
from search_spaces.description import describe
from search_spaces.fields import Fields
from search_spaces.kinds import SPACES
from search_spaces.presets import preset_names, read_preset
from search_spaces.space import SearchSpace
from service.configuration.model_config import DEFAULT_KIND
from workers.metrics.metric import BALANCED
from workers.network import (
    activation_mix,
    activations,
    initialization,
    losses,
    optimizers,
    rate_factors,
    regularization,
    schedules,
    start,
)

_INTRODUCTION = """
Every hyperparameter can be fixed or searched in `[space]` of a [study file](study-file.md). One that a
space leaves out has its default. Each kind of model has hyperparameters and built-in spaces of its own:
`proctor spaces` lists the spaces, and `proctor spaces show NAME --model KIND` prints one.
"""
_WIDTHS = re.compile(r"width_[2-9]")

FORMULAS: Mapping[str, tuple[object, ...]] = {
    "Activations": (
        activations.relu,
        activations.leaky_relu,
        activations.tanh,
        activations.sigmoid,
        activations.gelu,
        activations.selu,
        activations.mish,
    ),
    "Mixed activations": (activation_mix.ActivationMix,),
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
    "Regularization": (
        regularization.l1_penalty,
        regularization.l2_penalty,
        regularization.bound_norms,
        schedules.regularization_factor,
    ),
    "Learning rate schedules": (schedules.learning_rate_factor,),
    "Learning rates by group": (rate_factors.rate_factors, rate_factors.layer_factor),
    "Initialization": (initialization.weight_deviation, start.fit_to_examples),
}
"""What has a formula in its docstring, by heading."""


def hyperparameter_page() -> str:
    """Return the page of all hyperparameters: of each kind of model, in the order of its points."""
    return page(
        "Hyperparameters",
        _INTRODUCTION,
        *(part for kind, space_type in SPACES.items() for part in _kind(kind, space_type)),
        "## Formulas",
        "Of networks, as the docstrings in `workers/network/` state them, where the sources are, too.",
        *(
            "\n\n".join([f"### {heading}", *(_formula(described) for described in all_described)])
            for heading, all_described in FORMULAS.items()
        ),
    )


def _kind(kind: str, space_type: type[SearchSpace]) -> Iterator[str]:
    default = ", which is the default" if kind == DEFAULT_KIND else ""
    yield f"## `{kind}`"
    yield f"Of a study with `--model {kind}`{default}:"
    yield table(("name", "values", "default", "meaning"), _rows(space_type.fields))
    for name in preset_names(space_type):
        yield _space(space_type, name)


def _rows(fields: Fields) -> Iterator[tuple[str, str, str, str]]:
    schema = fields.point_type.model_json_schema()
    for name, told in schema["properties"].items():
        if _WIDTHS.fullmatch(name):
            continue
        meaning = fields.point_type.model_fields[name].description or ""
        yield (
            f"`{name}`",
            values_text(told, schema.get("$defs", {})),
            default_text(told),
            " ".join([meaning, *_restrictions(fields, name)]),
        )


def _restrictions(fields: Fields, name: str) -> Iterator[str]:
    is_said = "read by" in (fields.point_type.model_fields[name].description or "")
    if name in fields.readers and not is_said:
        yield f"Only with {fields.readers[name]}."
    if name in fields.only_classes_have:
        yield "Only in classification."
    if name in fields.only_numbers_have:
        yield "Only in regression."
    if name in fields.only_dates_have:
        yield "Only where a table has dates."
    if name in fields.follow_metric:
        metrics = " or ".join(f"`{metric}`" for metric in BALANCED)
        yield f"Where it is searched, the first trial has 1 if the metric is {metrics}, else 0."


def _space(space_type: type[SearchSpace], name: str) -> str:
    preset = read_preset(space_type, name)
    rows = (
        (f"`{row.name}`", row.kind, row.values, row.default, row.condition) for row in describe(preset.space)
    )
    listed = table(("hyperparameter", "kind", "values", "first trial", "searched when"), rows)
    return "\n\n".join(
        [f"### The space `{name}` of `{space_type.kind()}`", f"{preset.description}.", listed.strip("\n")]
    )


def _formula(described: object) -> str:
    """Return what has a formula with the part of its docstring that states it."""
    name = getattr(described, "__name__", "")
    return f"`{name}`:\n\n```text\n{stated(described)}\n```"
