"""`python -m docs.generator` writes the reference; with a directory, also what the site is built from."""

import sys
from pathlib import Path

from docs.generator.reference import write_reference
from docs.generator.site import lay_out

write_reference()
if len(sys.argv) > 1:
    lay_out(Path(sys.argv[1]))
