"""Every module of the extraction can be the first that is imported."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys

import pytest

import mmalign.extraction

CODE = """
import sys
import importlib
for name in sys.argv[1:]:
    for loaded in [m for m in sys.modules if m.startswith(("mmalign.extraction", "mmalign.apis"))]:
        del sys.modules[loaded]
    importlib.import_module(name)
from mmalign.apis import PoseExtractor
from mmalign.apis.extract import PoseExtractor as same
assert PoseExtractor is same
"""


@pytest.mark.slow
def test_in_any_order() -> None:
    names = [
        f"mmalign.extraction.{module.name}"
        for module in pkgutil.iter_modules(mmalign.extraction.__path__)
    ]
    assert len(names) > 10
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE, *names, "mmalign.apis.extract"],
        capture_output=True,
        text=True,
        env=os.environ,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
