"""ONNX Runtime keeps its warnings to itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

for package in ("onnxruntime", "onnx"):
    pytest.importorskip(package, reason="the extra `pose` is not installed")


def write_untidy(path: Path) -> None:
    """A network with a constant that nothing uses, which ONNX Runtime warns of."""
    from onnx import TensorProto, helper, save

    entry, out = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 4, 4]) for name in "xy"
    )
    unused = helper.make_tensor("unused", TensorProto.FLOAT, [1], [1.0])
    node = helper.make_node("Relu", ["x"], ["y"])
    graph = helper.make_graph([node], "untidy", [entry], [out], [unused])
    opset = helper.make_opsetid("", 17)
    save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


@pytest.mark.parametrize("quiet", [True, False])
def test_upstream_still_needs_this(repo: Path, tmp_path: Path, quiet: bool) -> None:
    write_untidy(tmp_path / "untidy.onnx")
    if quiet:
        module = "mmalign.extraction.backends.onnx_session"
        code = f"from {module} import open_session; open_session('untidy.onnx', 'cpu', 1)"
    else:
        code = "import onnxruntime; onnxruntime.InferenceSession('untidy.onnx')"
    code = f"import sys; sys.path.insert(0, {str(repo)!r}); {code}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ("Removing initializer" in done.stderr) == (not quiet) == bool(done.stderr)
