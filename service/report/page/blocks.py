"""What a section of the report is made of: values that the page and the Markdown write each in their way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from markupsafe import Markup

Cell = str | int | float | None
"""Of a table of numbers: written in full; None is an empty cell."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The one figure, large, with what it is."""

    figure: str
    label: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; `lead` stands before it in bold, `is_warning` marks what must not be overlooked."""

    text: str
    lead: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """Plain texts, an item each."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """What may be copied into a terminal."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of short texts.

    Attributes
    ----------
    caption
        What is to be seen; a sentence.
    columns
        Headings.
    rows
        Texts, as many a row as there are columns.
    n_words
        Columns from the left that hold words; those after them hold numbers, and stand to the right.
    shades
        By row and column how dark a cell is, 0 to 1; none where cells are alike.
    strong
        Rows that stand out.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_words: int = 1
    shades: tuple[tuple[float, ...], ...] = ()
    strong: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers in full, to be downloaded as CSV.

    Attributes
    ----------
    name
        The file's, without an ending.
    columns
        Headings.
    rows
        As many cells a row as there are columns.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Colors(StrEnum):
    """Which colors the series of a picture have."""

    LIKE = "like"
    """Series of equal rank."""

    TRIALS = "trials"
    """Trials that were ended early, that were trained to the end, and the winner."""

    MEASURED = "measured"
    """What is measured, and faintly what it is compared with."""

    CHANCE = "chance"
    """What is beyond chance, and faintly what may be chance."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot.

    Attributes
    ----------
    title
        What it shows; a heading.
    alternative
        The same for those who do not see it: what it shows, and what is to be seen.
    svg
        The drawing, safe to be put into a page.
    caption
        How to read it.
    numbers
        What it was drawn from; or the name of the `Numbers` elsewhere in the report that hold it.
    y_label
        What the upright axis is.
    legend
        Names of the series, in the order of their colors; none where there is one.
    colors
        Which colors its series have.
    is_wide
        Whether it needs the page's whole width.
    """

    title: str
    alternative: str
    svg: Markup
    caption: str
    numbers: Numbers | str
    y_label: str = ""
    legend: tuple[str, ...] = ()
    colors: Colors = Colors.LIKE
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Folded:
    """What few readers need: on the page it is folded away under a line, and opens with a click.

    Attributes
    ----------
    summary
        The line; it says what is inside.
    blocks
        What is inside, in order.
    """

    summary: str
    blocks: "tuple[Block, ...]"


Block = Headline | Paragraph | Bullets | Command | Table | Numbers | Picture | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report, under a heading.

    Attributes
    ----------
    name
        For links to it.
    title
        Its heading.
    blocks
        What it holds, in order; pictures that follow one another stand side by side where there is room.
    """

    name: str
    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)
