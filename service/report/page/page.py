"""The report as one HTML file: no script, nothing from elsewhere, for screens of any width and for paper.

Whatever text comes in is escaped where it is put in.
"""

import csv
from base64 import b64encode
from collections.abc import Iterable, Iterator
from importlib.resources import files
from io import StringIO
from itertools import groupby, takewhile

from markupsafe import Markup

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import (
    Block,
    Bullets,
    Cell,
    Command,
    Folded,
    Headline,
    Numbers,
    Paragraph,
    Picture,
    Section,
    Table,
)
from service.report.page.drawing import number_text
from service.report.page.report_sections import report_sections
from service.report.page.words import Glosses, title_of

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What browsers let the page do: show itself in its own style, and nothing else, whatever is in its texts."""

_PAGE = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Proctor">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header>
<p class="maker">Proctor report on the study {study}</p>
<h1>{title}</h1>
<nav aria-label="Contents"><ul>{contents}</ul></nav>
</header>
<main>
{body}
</main>
</body>
</html>
"""
)


def page_html(contents: ReportContents) -> str:
    """Return a report as an HTML page; the same study always gives the same bytes.

    Parameters
    ----------
    contents
        What it shows.
    """
    sections, glosses = report_sections(contents), Glosses()
    links = (Markup('<li><a href="#{}">{}</a></li>').format(each.name, each.title) for each in sections)
    return str(
        _PAGE.format(
            policy=POLICY,
            study=contents.report.study,
            title=title_of(contents.report),
            style=_style(),
            contents=Markup("").join(links),
            body=Markup("\n").join(_section_html(section, glosses) for section in sections),
        )
    )


def _style() -> Markup:
    """Return the style sheet, which is the package's own."""
    return Markup((files(__package__) / "style.css").read_text("utf-8"))  # noqa: S704


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(numbers: Numbers) -> str:
    """Return numbers in full as CSV.

    A text that a spreadsheet would take for a formula gets an apostrophe before it: it may come from a table.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_safe(column) for column in numbers.columns])
    writer.writerows([_safe(cell) for cell in row] for row in numbers.rows)
    return text.getvalue()


def csv_address(numbers: Numbers) -> str:
    """Return the CSV as an address that holds it, for a link."""
    return f"data:text/csv;charset=utf-8;base64,{b64encode(csv_text(numbers).encode()).decode()}"


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


MOST_ROWS_SHOWN = 60
"""Of a picture's numbers on the page itself; the download has all."""


LONG = 40
"""Characters beyond which a cell may be broken anywhere."""


def _section_html(section: Section, glosses: Glosses) -> Markup:
    """Return a section as HTML.

    Parameters
    ----------
    section
        The section.
    glosses
        What explains words where they first stand; one for a page.
    """
    body = Markup("\n").join(_grouped(section.blocks, glosses))
    return Markup('<section id="{}">\n<h2>{}</h2>\n{}\n</section>').format(section.name, section.title, body)


def _grouped(blocks: Iterable[Block], glosses: Glosses) -> Iterator[Markup]:
    """Yield blocks as HTML, pictures that follow one another in one grid."""
    for are_pictures, group in groupby(blocks, lambda block: isinstance(block, Picture)):
        inside = [block_html(block, glosses) for block in group]
        if are_pictures:
            yield Markup('<div class="pictures">\n{}\n</div>').format(Markup("\n").join(inside))
        else:
            yield from inside


def block_html(block: Block, glosses: Glosses) -> Markup:
    """Return a block as HTML."""
    match block:
        case Table():
            return _table(block)
        case Picture():
            return _picture(block)
        case Numbers():
            return _download(block)
        case Folded():
            inside = Markup("\n").join(_grouped(block.blocks, glosses))
            return Markup('<details class="folded"><summary>{}</summary>\n{}\n</details>').format(
                block.summary, inside
            )
        case Headline() | Paragraph() | Bullets() | Command():
            return _text(block, glosses)


def _text(block: Headline | Paragraph | Bullets | Command, glosses: Glosses) -> Markup:
    match block:
        case Headline():
            return Markup(
                '<p class="headline"><strong>{}</strong> <span>{}</span> <span class="interval">{}</span></p>'
            ).format(block.figure, block.label, block.interval)
        case Paragraph():
            lead = Markup("<strong>{}</strong> ").format(glosses.marked(block.lead)) if block.lead else ""
            kind = "warning" if block.is_warning else "text"
            return Markup('<p class="{}">{}{}</p>').format(kind, lead, glosses.marked(block.text))
        case Bullets():
            items = Markup("\n").join(
                Markup("<li>{}</li>").format(glosses.marked(item)) for item in block.items
            )
            return Markup("<ul>\n{}\n</ul>").format(items)
        case Command():
            return Markup("<pre><code>{}</code></pre>").format(block.text)


def _table(table: Table) -> Markup:
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(_side(place, table), column)
        for place, column in enumerate(table.columns)
    )
    rows = Markup("\n").join(_row(place, row, table) for place, row in enumerate(table.rows))
    kind = "shaded" if table.shades else "plain"
    return Markup(
        '<div class="scroll"><table class="{}"><caption><span>{}</span></caption>\n'
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table></div>"
    ).format(kind, table.caption, heads, rows)


def _row(place: int, row: tuple[str, ...], table: Table) -> Markup:
    shades = table.shades[place] if table.shades else ()
    cells = Markup("").join(_cell(column, cell, shades, table) for column, cell in enumerate(row))
    return Markup("<tr{}>{}</tr>").format(Markup(' class="strong"') if place in table.strong else "", cells)


def _cell(column: int, cell: str, shades: tuple[float, ...], table: Table) -> Markup:
    if column == 0 and table.n_words:
        return Markup('<th scope="row">{}</th>').format(cell)
    shade = shades[column - table.n_words] if shades else 0.0
    style = Markup(' style="--shade:{}%"').format(round(100 * shade)) if shade else ""
    long = " long" if len(cell) > LONG else ""
    return Markup('<td class="{}{}"{}>{}</td>').format(_side(column, table), long, style, cell)


def _side(column: int, table: Table) -> str:
    return "words" if column < table.n_words else "number"


def _picture(picture: Picture) -> Markup:
    legend = Markup("").join(
        Markup('<li class="key-{}">{}</li>').format(place, name)
        for place, name in enumerate(picture.legend)
        if name
    )
    label = Markup('<p class="y-label">{}</p>').format(picture.y_label) if picture.y_label else ""
    return Markup(
        '<figure class="{}{}">\n<h3>{}</h3>\n{}<div class="drawing" role="img" aria-label="{}">{}</div>\n{}'
        "<figcaption>{} {}</figcaption>\n</figure>"
    ).format(
        picture.colors,
        " wide" if picture.is_wide else "",
        picture.title,
        label,
        picture.alternative,
        picture.svg,
        Markup('<ul class="legend">{}</ul>\n').format(legend) if legend else "",
        picture.caption,
        _numbers(picture.numbers),
    )


def _numbers(numbers: Numbers | str) -> Markup:
    """Return a way to a picture's numbers: there, or as a table and a download."""
    if isinstance(numbers, str):
        return Markup('<a href="#{}-csv">Numbers</a>').format(numbers)
    link = _link(numbers, "Numbers (CSV)")
    if len(numbers.rows) > MOST_ROWS_SHOWN:
        return link
    table = _table(as_table(numbers))
    return Markup("{}<details><summary>Numbers as a table</summary>{}</details>").format(link, table)


def as_table(numbers: Numbers) -> Table:
    """Return numbers as people read them."""
    words = (isinstance(cell, str) for cell in numbers.rows[0]) if numbers.rows else iter(())
    n_words = sum(1 for _ in takewhile(bool, words))
    return Table("", numbers.columns, tuple(tuple(map(_cell_text, row)) for row in numbers.rows), n_words)


def _cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    return number_text(cell) if isinstance(cell, float) else f"{cell}"


def _download(numbers: Numbers) -> Markup:
    text = f"Download all {len(numbers.rows):,} rows of {numbers.name} (CSV)"
    return Markup('<p class="download" id="{}-csv">{}</p>').format(numbers.name, _link(numbers, text))


def _link(numbers: Numbers, text: str) -> Markup:
    return Markup('<a download="{}.csv" href="{}">{}</a>').format(numbers.name, csv_address(numbers), text)
