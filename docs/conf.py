"""Settings of the documentation: ``sphinx-build -W -b html docs docs/_build``."""

from __future__ import annotations

import re
from pathlib import Path

project = "mmalign"
author = "mmalign contributors"
project_copyright = author
release = re.findall(
    r'"([^"]+)"', Path(__file__, "../../mmalign/version.py").resolve().read_text()
)[0]
extensions = [
    "myst_parser",
    "sphinx_copybutton",
    "sphinx.ext.autodoc",
    "sphinx.ext.apidoc",
    "sphinx.ext.napoleon",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "results/**", "api/modules.rst"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "mmalign"

# The reference is made of the docstrings at every build: a page per package, all modules.
apidoc_modules = [
    {
        "path": "../mmalign",
        "destination": "api",
        "separate_modules": False,
        "implicit_namespaces": True,
        "max_depth": 1,
    }
]
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "show-inheritance": True,
    # What a package only passes on is documented where it is written.
    "ignore-module-all": True,
}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# A dataclass's fields are documented once, by its docstring.
napoleon_use_ivar = True
