"""The reference pages: what they are written with, and that nothing is forgotten."""

from docs.generator.command_page import command_page
from docs.generator.docstrings import stated
from docs.generator.hyperparameter_page import FORMULAS
from docs.generator.markdown import code, table
from docs.generator.schema_text import Schema, values_text
from search_spaces.network.point import Activation, Optimizer
from workers.metrics.classification_metrics import error
from workers.network.activations import leaky_relu


def test_a_bar_breaks_no_table() -> None:
    written = table(("option", "meaning"), [(code("--x [a|b]"), "a | b")])
    assert written.splitlines()[2] == r"| <code>--x [a&#124;b]</code> | a \| b |"


def test_values_are_told_with_their_bounds_and_choices() -> None:
    definitions: dict[str, Schema] = {
        "Color": {"enum": ["red", "blue"]},
        "Part": {"type": "object", "properties": {}},
    }
    bounded = {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}
    assert values_text(bounded, definitions) == "whole number at least 1 and below 9"
    either = {"anyOf": [{"$ref": "#/$defs/Color"}, {"$ref": "#/$defs/Part"}, {"type": "null"}]}
    assert values_text(either, definitions) == "`red`, `blue` or [Part](#part)"


def test_every_command_and_flag_of_a_run_is_in_the_reference() -> None:
    written = command_page()
    assert "## proctor spaces show\n" in written
    assert "| `--look-again REASON` | " in written


def test_formulas_are_stated_without_instructions_and_sections() -> None:
    assert stated(error) == "The fraction of examples whose label is not their class."
    assert stated(leaky_relu).startswith("max(Z, slope * Z), for a slope below 1")


def test_every_activation_and_optimizer_has_its_formula() -> None:
    def described(heading: str) -> set[str]:
        return {str(getattr(one, "__name__", one)).lower() for one in FORMULAS[heading]}

    assert described("Activations") == set(Activation)
    assert described("Optimizers") == set(Optimizer)
