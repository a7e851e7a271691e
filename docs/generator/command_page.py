"""The commands, from their declarations in `service.cli`."""

from collections.abc import Iterator
from inspect import cleandoc

import click

from docs.generator.markdown import anchor, code, page, table
from service.cli import proctor

_INTRODUCTION = """
`proctor COMMAND --help` prints the same on the screen. Exit statuses: 0 done, 1 a fault, 2 bad input, 130
interrupted.
"""


def command_page() -> str:
    """Return the page of all commands, in the order in which they are declared."""
    commands = list(_commands(proctor, "proctor"))
    listed = [(f"[`{path}`](#{anchor(path)})", _first_sentence(command)) for path, command in commands]
    return page(
        "Commands",
        _INTRODUCTION,
        table(("command", "does"), listed),
        *(_section(path, command) for path, command in commands),
    )


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def _paragraphs(command: click.Command) -> list[str]:
    text = cleandoc(command.help or "").replace("\b\n", "")
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _first_sentence(command: click.Command) -> str:
    first = _paragraphs(command)[0]
    return first if first.endswith(".") else f"{first}."


def _section(path: str, command: click.Command) -> str:
    with click.Context(command, info_name=path) as context:
        usage = " ".join([path, *command.collect_usage_pieces(context)])
        options = [option for option in command.params if isinstance(option, click.Option)]
        records = [record for option in options if (record := option.get_help_record(context))]
    rows = [(code(names), text) for names, text in records]
    listed = table(("option", "meaning"), rows).strip("\n") if rows else ""
    parts = [f"## {path}", f"    {usage}", *_paragraphs(command), listed]
    return "\n\n".join(part for part in parts if part)
