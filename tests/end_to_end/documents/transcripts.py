"""The documents' commands and programs: found, run as readers run them, and compared with what is shown."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.commands import PROCTOR, environment
from tests.end_to_end.warm_process import run_warm
from tests.house.checkout import ROOT

LEFT_OUT = "..."
"""In a transcript: lines that are not shown."""

_LEADING_THERE = ("export PATH=", "cd ")
"""Commands that only lead to where the others run."""

_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A command with what it is shown to print, or a program.

    Attributes
    ----------
    page
        The page that it stands on, from the repository's root.
    source
        The command, or the program.
    shown
        The lines under the command.
    is_program
        Whether it is Python.
    """

    page: str
    source: str
    shown: tuple[str, ...] = ()
    is_program: bool = False


def blocks_of(page: str) -> Iterator[Block]:
    """Yield what is to be run on a page, in order; a page without any of it is a mistake of the test."""
    text = (ROOT / page).read_text("utf-8")
    assert _BLOCK.search(text), f"{page} has nothing to run"
    for language, block in _BLOCK.findall(text):
        if language == "python":
            yield Block(page, block, is_program=True)
            continue
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = re.sub(r"\\\n", "", command).rstrip("\n").split("\n")
            if not line.startswith(_LEADING_THERE):
                yield Block(page, line, tuple(shown))


def distinct_blocks(pages: Iterable[str]) -> list[Block]:
    """Return what is to be run on the pages, in order, without what an earlier one of them has."""
    blocks: dict[str, Block] = {}
    for page in pages:
        blocks |= {block.source: block for block in blocks_of(page) if block.source not in blocks}
    return list(blocks.values())


def examples_in(directory: Path) -> Path:
    """Return a copy of the examples, in which everything is run."""
    return shutil.copytree(ROOT / "examples", directory / "examples")


def run_block(block: Block, *, cwd: Path, is_spared_ray: bool = True) -> list[str]:
    """Run a block as its reader does, and return the lines that it prints.

    A line of Proctor alone runs in a process that begins at once.

    Raises
    ------
    AssertionError
        When it fails.
    """
    env = environment(PATH=f"{PROCTOR.parent}:{environment()['PATH']}")
    if block.is_program:
        ran = run_warm((block.page, block.source), cwd=cwd, env=env, timeout=300, program=second_word)
    elif block.source.startswith("proctor ") and not set("|<>&;$`") & set(block.source):
        words = shlex.split(block.source)
        if is_spared_ray and words[1] in {"run", "resume", "learning-curve"}:
            words = [*words, "--workers", "0"]
        ran = run_warm(tuple(words), cwd=cwd, env=env, timeout=300)
    else:
        ran = subprocess.run(  # noqa: S602 (a reader's shell)
            block.source, shell=True, cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
    assert ran.returncode == 0, f"{block.page}: {block.source}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout.splitlines()


def second_word() -> None:
    """Run the Python program that is the second word of the command line."""
    exec(compile(sys.argv[1], sys.argv[0], "exec"), {"__name__": "__main__"})  # noqa: S102 (a reader's program)


def shape(line: str) -> str:
    """Return a line without what differs from machine to machine: numbers, paths and spaces."""
    return " ".join(re.sub(r"[\d.,]+(e[+-]\d+)?", "#", re.sub(r"\S*/\S+", "PATH", line)).split())


def not_printed(block: Block, printed: list[str]) -> list[str]:
    """Return the shown lines that were not printed in their order, but for numbers and paths.

    Lines of columns are left out: which trial is the best depends on the processor.
    """
    shapes = iter(map(shape, printed))
    compared = (
        line for line in block.shown if line.strip() not in {"", LEFT_OUT} and "  " not in line.strip()
    )
    return [line for line in compared if shape(line) not in shapes]


def run_pages(*pages: str, directory: Path, has_first_on_ray: bool = False) -> None:
    """Run all that stands on the pages, in order and in one directory, and compare.

    What an earlier page has run is not run again: pages begin with the same study, for readers of one alone.

    Raises
    ------
    AssertionError
        When a command fails, or does not print what its page shows.
    """
    examples = examples_in(directory)
    for place, block in enumerate(distinct_blocks(pages)):
        printed = run_block(block, cwd=examples, is_spared_ray=place > 0 or not has_first_on_ray)
        missing = not_printed(block, printed)
        output = "\n".join(printed)
        assert not missing, f"{block.page}: {block.source} does not print {missing}, but\n{output}"
