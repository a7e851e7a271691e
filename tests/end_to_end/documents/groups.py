"""Which pages are run together, in one directory: a study that one page has run is there for the next."""

README = ("README.md",)
TABLES = ("docs/tutorial.md", "docs/how-to/tables.md")
SEARCHES = ("docs/how-to/searching.md", "docs/how-to/what-next.md")
STUDIES = ("docs/how-to/reading-the-report.md", "docs/how-to/keeping-studies.md")
MODELS = ("docs/how-to/models.md", "docs/how-to/kinds.md")
OWN_MODELS = ("docs/how-to/own-models.md",)
SEAL = ("docs/explanation/seal.md", "docs/how-to/clusters.md")

GROUPS = (README, TABLES, SEARCHES, STUDIES, MODELS, OWN_MODELS, SEAL)
