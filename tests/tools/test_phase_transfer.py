"""Phases carried over from one clip to others."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from mmalign.experiments.phase_transfer import METHODS
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from tests.fixtures.tiny_aligner import toy_poses, write_checkpoint
from tests.fixtures.tools import load_tool


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/phase_transfer.py")


def test_copies_get_the_reference_s_phases(tool, tmp_path):
    """Whole copies: every method but the clock of a window is right."""
    poses = toy_poses("lift")
    labels = np.arange(poses.num_frames) * 3 // poses.num_frames
    entries = []
    for name, split in (("a", "train"), ("b", "train"), ("c", "val"), ("d", "val")):
        write_pose_file(tmp_path / f"poses/{name}.npz", replace(poses, labels=labels))
        entries.append(
            SequenceEntry(
                name, f"poses/{name}.npz", split, "lift", poses.num_frames, poses.fps, True, name
            )
        )
    phases = {"lift": {"phases": ["one", "two", "three"]}}
    write_index(tmp_path, PoseIndex("coco17", "made", phases, entries))
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    out = tmp_path / "figures.json"
    argv = ["--data-root", str(tmp_path), "--checkpoint", f"lift={checkpoint}", "--out", str(out)]
    assert tool.main(argv) == 0
    figures = json.loads(out.read_text())
    assert figures["mean"] == figures["lift"]
    for method in METHODS:
        assert figures["lift"][f"whole, embedding, {method}"]["medoid"] == 1
        assert figures["lift"][f"whole, raw pose, {method}"]["medoid"] == 1
    assert figures["lift"]["whole, clock"]["medoid"] == 1
    assert figures["lift"]["trimmed, clock"]["medoid"] < 0.95
    assert figures["lift"]["trimmed, raw pose, nearest"]["medoid"] == 1
