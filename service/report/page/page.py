"""The report as one HTML file: no script, nothing from elsewhere, for screens of any width and for paper."""

from importlib.resources import files

from markupsafe import Markup

from service.report.facts.report_contents import ReportContents
from service.report.page.glosses import Glosses
from service.report.page.html_blocks import section_html
from service.report.page.names import title_of
from service.report.page.report_sections import report_sections

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
            body=Markup("\n").join(section_html(section, glosses) for section in sections),
        )
    )


def _style() -> Markup:
    """Return the style sheet, which is the package's own."""
    return Markup((files(__package__) / "style.css").read_text("utf-8"))  # noqa: S704
