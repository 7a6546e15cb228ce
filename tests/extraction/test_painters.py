"""Poses drawn by MMPose's visualizer lie where those of this project do."""

from __future__ import annotations

import numpy as np
import pytest
from blob_backend import offsets

from mmalign.extraction.painters import MMPosePainter, paint


@pytest.mark.parametrize("skeleton", ["coco17", "hand21"])
def test_both_draw_the_same_joints_in_the_same_colours(skeleton: str) -> None:
    pytest.importorskip("mmpose", reason="MMPose is not installed")
    count = 17 if skeleton == "coco17" else 21
    points, scores = offsets(count) * [60, 80] + [100, 120], np.ones(count)
    points[4], scores[4] = [20, 20], 0.0
    white = np.full((240, 200, 3), 255, np.uint8)
    painter = MMPosePainter()
    for _ in range(2):
        theirs = painter(white.copy(), points, scores, skeleton)
        ours = paint(white.copy(), points, scores, skeleton)
        x, y = np.rint(points[scores > 0]).astype(int).T
        assert np.abs(theirs[y, x].astype(int) - ours[y, x]).mean() < 20
        assert (theirs[15:25, 15:25] == 255).all()
        assert not (theirs == white).all()
