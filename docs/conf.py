"""The site of the documentation: `make docs`. What the code knows is written out of it (docs/reference_pages.py), so
that it cannot be out of date."""
from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from reference_pages import write_reference  # noqa: E402 - found beside this file, whose folder Sphinx does not search

project, author, language = "Progon", "The Progon authors", "en"
copyright = "The Progon authors, MIT licence"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme, html_title, html_show_sphinx = "furo", "Progon", False
html_theme_options = {"source_repository": "", "top_of_page_buttons": []}


def setup(app) -> None:
    write_reference(HERE / "reference")
