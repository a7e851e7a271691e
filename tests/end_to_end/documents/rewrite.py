"""`python -m tests.end_to_end.documents.rewrite PAGE ...` runs pages, and brings what they show up to date.

Pages that follow each other are run in one directory. Of each command's output, a page shows some lines; each
is replaced by the line most like it that is printed now. A line with nothing like it is named, for a person
to decide.
"""

import sys
import tempfile
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from tests.end_to_end.documents.transcripts import (
    LEFT_OUT,
    Block,
    distinct_blocks,
    examples_in,
    run_block,
    shape,
)
from tests.house.checkout import ROOT

LIKE = 0.6
"""How alike two lines' shapes are that are taken for one line, from 0 to 1."""

READERS_DIRECTORY = "/home/you/proctor/examples"


def main() -> None:
    """Rewrite the pages that the command line names."""
    pages = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="proctor-documents-") as directory:
        examples = examples_in(Path(directory))
        for block in distinct_blocks(pages):
            printed = run_block(block, cwd=examples)
            replace_shown(block, [line.replace(str(examples), READERS_DIRECTORY) for line in printed])


def replace_shown(block: Block, printed: list[str]) -> None:
    """Write the lines that are printed now in place of those that a block shows."""
    if not block.shown:
        return
    path = ROOT / block.page
    text = path.read_text("utf-8")
    old, new = "\n".join(block.shown), "\n".join(up_to_date(block, printed))
    assert f"\n{old}\n" in text, f"{block.page}: the lines under {block.source} have been changed already"
    path.write_text(text.replace(f"\n{old}\n", f"\n{new}\n", 1), "utf-8")


def up_to_date(block: Block, printed: list[str]) -> Iterator[str]:
    """Yield, for each line that a block shows, the line most like it that is printed now, in their order."""
    place = 0
    for line in block.shown:
        if line.strip() in {"", LEFT_OUT}:
            yield line
            continue
        ratios = [SequenceMatcher(None, shape(line), shape(other)).ratio() for other in printed[place:]]
        best = max(range(len(ratios)), key=ratios.__getitem__, default=None)
        if best is None or ratios[best] < LIKE:
            print(f"{block.page}: {block.source} prints nothing like {line!r}", file=sys.stderr)  # noqa: T201
            yield line
            continue
        yield printed[place + best]
        place += best + 1


if __name__ == "__main__":
    main()
