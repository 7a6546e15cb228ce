"""LiteRT runs a network, and keeps quiet."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tiny_tflite import tiny_tflite

from mmalign.errors import InputError
from mmalign.extraction.backends.blaze.interpreter import Network
from mmalign.extraction.backends.catalogue import build_backend


def test_it_computes() -> None:
    pytest.importorskip("ai_edge_litert", reason="the extra `video` is not installed")
    network = Network(tiny_tflite(4), threads=1)
    assert network.size == 4
    for shift in (0.0, 1.0):
        picture = np.linspace(-1, 1, 48, dtype=np.float32).reshape(4, 4, 3) + np.float32(shift)
        (found,) = network(picture)
        np.testing.assert_array_equal(found, np.maximum(picture, 0))


@pytest.mark.parametrize("quiet", [True, False])
def test_upstream_still_needs_this(repo, quiet: bool) -> None:
    pytest.importorskip("ai_edge_litert", reason="the extra `video` is not installed")
    begin = "from tiny_tflite import tiny_tflite\n"
    if quiet:
        module = "mmalign.extraction.backends.blaze.interpreter"
        body = f"from {module} import Network\nNetwork(tiny_tflite(4), 1)"
    else:
        body = (
            "from ai_edge_litert.interpreter import Interpreter\n"
            "Interpreter(model_content=tiny_tflite(4)).allocate_tensors()"
        )
    code = f"import sys; sys.path[:0] = [{str(repo)!r}, {str(repo / 'tests/fixtures')!r}]\n"
    done = subprocess.run(
        [sys.executable, "-c", code + begin + body], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert ("INFO" in done.stderr) == (not quiet) == bool(done.stderr)


def test_without_litert_the_error_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(InputError, match=r"LiteRT cannot be imported.*'\.\[video\]'"):
        Network(b"", 1)
    # It is said before anything is fetched.
    with pytest.raises(InputError, match="LiteRT cannot be imported"):
        build_backend("blazepose")
