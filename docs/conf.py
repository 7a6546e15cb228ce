"""Settings of the documentation: ``sphinx-build -W -b html docs docs/_build``."""

from __future__ import annotations

import re
from pathlib import Path

project = "mmalign"
author = "mmalign contributors"
release = re.findall(
    r'"([^"]+)"', Path(__file__, "../../mmalign/version.py").resolve().read_text()
)[0]
extensions = ["myst_parser", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "results/**"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "mmalign"
