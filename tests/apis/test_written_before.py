"""Checkpoints and pose files that version 0.1 wrote load, and give the embeddings they gave then.

The files in ``fixtures/written_before`` have tiny untrained networks: heatmaps with cross-attention
and projection head, an ensemble with the loss between clips and its prototype features, and a
network fused from poses and frames.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.poses.pose_file import read_pose_file

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "written_before"


@pytest.mark.parametrize("name", ["aligner", "ensemble", "fused"])
def test_the_embedding_is_the_same(name: str) -> None:
    poses = read_pose_file(FOLDER / "poses.npz")
    found = Embedder(load_aligner(FOLDER / f"{name}.pth"))(poses, poses.fps)
    with np.load(FOLDER / f"{name}_embedding.npz") as kept:
        expected = kept["embedding"]
    assert expected.std() > 0.05
    np.testing.assert_allclose(found, expected, atol=1e-5)
