"""MMPose works without mmcv's operators and torchvision, and what stands for them is right."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.registry import DefaultScope

from mmalign.compat import mmpose as mends
from mmalign.errors import InputError

HAS_MMPOSE = find_spec("mmpose") is not None and find_spec("mmdet") is not None
needs_mmpose = pytest.mark.skipif(
    not HAS_MMPOSE, reason="MMPose is not installed (requirements/mmpose.txt)"
)
without_operators = pytest.mark.skipif(
    find_spec("mmcv._ext") is not None and "mmcv._ext" not in sys.modules,
    reason="mmcv has its operators",
)


def slow_nms(boxes: np.ndarray, scores: np.ndarray, threshold: float, offset: int) -> list[int]:
    def area(box: np.ndarray) -> float:
        return (box[2] - box[0] + offset) * (box[3] - box[1] + offset)

    def overlap(a: np.ndarray, b: np.ndarray) -> float:
        common = [*np.maximum(a[:2], b[:2]), *np.minimum(a[2:], b[2:])]
        if common[2] - common[0] + offset <= 0 or common[3] - common[1] + offset <= 0:
            return 0.0
        return area(np.array(common)) / (area(a) + area(b) - area(np.array(common)))

    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if all(overlap(boxes[i], boxes[k]) <= threshold for k in kept):
            kept.append(int(i))
    return kept


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 25), st.sampled_from([0, 1]))
def test_nms_keeps_what_the_obvious_one_keeps(seed: int, number: int, offset: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 12, (number, 2))
    boxes = np.concatenate([low, low + rng.integers(1, 12, (number, 2))], axis=1).astype(float)
    scores = rng.integers(0, 6, number) / 6  # Ties too.
    threshold = float(rng.uniform(0.1, 0.9))
    kept = mends.nms(torch.tensor(boxes), torch.tensor(scores), threshold, offset)
    assert kept.tolist() == slow_nms(boxes, scores, threshold, offset)


def test_missing_mmpose_is_told_with_the_command(monkeypatch) -> None:
    monkeypatch.setattr(mends, "find_spec", lambda name: None if name == "mmpose" else object())
    with pytest.raises(InputError, match=r"'mmpose' is not installed.*requirements/mmpose\.txt"):
        mends.import_mmpose()


@pytest.mark.slow
@without_operators
def test_mmcv_without_operators_still_fails_by_itself() -> None:
    code = "import mmcv.ops"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "No module named 'mmcv._ext'" in run.stderr


@needs_mmpose
def test_mmpose_still_asks_for_torchvision() -> None:
    source = Path(find_spec("mmpose").origin).parent / "visualization" / "simcc_vis.py"
    assert "from torchvision.transforms import ToPILImage" in source.read_text()


@needs_mmpose
def test_import_leaves_nothing_behind() -> None:
    before = DefaultScope.get_current_instance()
    mends.import_mmpose()
    assert {"mmpose.apis", "mmdet.apis"} <= set(sys.modules)
    assert find_spec("torchvision") is not None or "torchvision" not in sys.modules
    assert DefaultScope.get_current_instance() is before


@needs_mmpose
@without_operators
def test_operators_that_are_not_written_here_say_so() -> None:
    mends.import_mmpose()
    from mmcv.ops import DeformConv2d, nms

    layer = DeformConv2d(3, 4, 3)
    with pytest.raises(InputError, match="'deform_conv_forward' is not built here.*rtmpose-m"):
        layer(torch.zeros(1, 3, 8, 8), torch.zeros(1, 18, 6, 6))
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
    kept, indices = nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
    assert indices.tolist() == [1, 2]
    assert torch.equal(kept[:, :4], boxes[[1, 2]])
