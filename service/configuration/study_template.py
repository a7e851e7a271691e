"""The study file to begin from: every option with its default and what it is for."""

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from search_spaces.expectation import expectation
from search_spaces.presets import preset_names, read_preset
from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.search_config import PrunerConfig, SamplerConfig
from service.configuration.study_config import (
    DEFAULT_SPACE,
    BudgetConfig,
    ConfirmationConfig,
    RoundsConfig,
    StudyConfig,
    TrainingConfig,
    TrialLimitsConfig,
)
from service.configuration.toml_text import toml_value

DEFAULT_TABLE = "digits"
"""The table of a study file that was begun without one."""

_TABLES: dict[str, type[BaseModel]] = {
    "data": DataConfig,
    "split": SplitConfig,
    "sampler": SamplerConfig,
    "training": TrainingConfig,
    "pruner": PrunerConfig,
    "budget": BudgetConfig,
    "confirmation": ConfirmationConfig,
    "limits": TrialLimitsConfig,
    "rounds": RoundsConfig,
    "launch": LaunchConfig,
}
_EXAMPLES: dict[str, str | float | bool | list[int]] = {
    "name": "my-study",
    "search_seed": 1,
    "concurrency": 8,
    "target": "price",
    "task": "regression",
    "dev_table": "dev.csv",
    "test_table": "test.csv",
    "image_shape": [28, 28, 1],
    "delimiter": ";",
    "encoding": "cp1252",
    "decimal_comma": True,
    "sheet": "Sheet1",
    "dev_fraction": 0.2,
    "test_fraction": 0.2,
    "warm_start": "earlier-study",
    "epochs": 2000,
    "seconds": 600,
    "dev_metric": 0.02,
    "no_gain_trials": 30,
    "memory_megabytes": 2000,
    "metric": "mae",
    "watch": "rmse",
    "bayes_error": 0.02,
    "storage": "sqlite:///proctor.db",
    "workers": 2,
    "address": "127.0.0.1:6379",
}
"""For options that have no default to write: they stand commented out."""

_SPACE = """
# The kind of each column, and how its cells are written, are inferred from the examples outside the test
# set. To set them yourself, by name or by a pattern:
#
# [columns]
# zip = "categorical"       # also: numeric, boolean, date, image
# "pixel_*" = "image"
# customer = "id"           # neither read nor learned from; likewise ignore
# patient = "group"         # all rows of a patient stay in one set
# sold = "time"             # the dev set is later than the train set, the test set later still
# price = { kind = "numeric", thousands = ".", decimal = ",", unit = "EUR" }
# born = { kind = "date", format = "%d/%m/%Y" }
# income = { missing = [-999, "--"] }   # these cells are missing

# To search something else, replace `space` above with a table. Its dimensions replace those of the base
# that have the same name, and are added to the others. Without a base there are no others.
#
# [space]
# base = "default"
# batch_size = 64                         # a constant
# learning_rate = { low = 1e-4, high = 1e-1, log = true, default = 1e-3 }
# depth = { low = 1, high = 3 }           # whole numbers; `step = 2` for every other one
# optimizer = { choices = ["adam", "momentum"] }
# momentum = { low = 0.5, high = 0.99, when = { optimizer = ["momentum"] } }
# width_3 = { low = 16, high = 64, when = { depth = { at_least = 3 } } }
"""


def study_template(table: str | None = None, *, target: str | None = None) -> str:
    """Write a commented study file with every option at its default.

    Parameters
    ----------
    table
        A built-in table or a CSV file's path; None stands for `digits`.
    target
        The column to predict; None leaves it open.
    """
    given = {"table": table or DEFAULT_TABLE, "target": target}
    lines = [
        "# A study for `proctor run`. Only the table is required; what you leave out keeps its default.",
        "",
    ]
    for name, field in StudyConfig.model_fields.items():
        if name not in {*_TABLES, "columns"}:
            lines += _option(name, field, None)
    for name, model in _TABLES.items():
        lines += ["", f"[{name}]"]
        of_kinds = _options_of_kinds(model)
        for key, field in model.model_fields.items():
            if key not in of_kinds:
                lines += _option(key, field, given.get(key))
        lines += _described(model, of_kinds)
    return "\n".join(lines) + "\n" + _SPACE


def _option(name: str, field: FieldInfo, given: str | None) -> Iterator[str]:
    expected = expectation(field)
    accepts = "" if expected in ("text", "a table") else f" ({expected})"
    yield f"# {(field.description or '').rstrip('.')}{accepts}."
    if name == "space":
        yield from (f"#   {preset}: {read_preset(preset).description}" for preset in preset_names())
        yield f"space = {toml_value(DEFAULT_SPACE)}"
    elif given is not None:
        yield f"{name} = {toml_value(given)}"
    elif name in _EXAMPLES:
        yield f"# {name} = {toml_value(_EXAMPLES[name])}"
    else:
        yield f"{name} = {toml_value(field.default)}"


def _options_of_kinds(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the options that only some of a model's kinds have: those beside the kind itself."""
    return (
        tuple(name for name in model.model_fields if name != "kind") if "kind" in model.model_fields else ()
    )


def _described(model: type[BaseModel], names: tuple[str, ...]) -> Iterator[str]:
    """Describe options without writing them: those of one kind are wrong beside another."""
    if names:
        yield "# Options that only some kinds have:"
    for name in names:
        field = model.model_fields[name]
        yield f"#   {name} ({expectation(field)}): {(field.description or '').rstrip('.')}."
