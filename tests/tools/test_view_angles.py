"""The tool that measures alignment by the angle between cameras, on a network never trained."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_aligner import write_checkpoint

from mmalign.datasets import ToyPoseDataset
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index


def write_data(root: Path, solid: bool) -> None:
    """Two executions with or without 3D poses, of which one has a second camera."""
    toy = ToyPoseDataset(num_sequences=2, split="val", length=(60, 70))
    entries = []
    for number, name in enumerate(("one_cam0", "one_cam1", "two_cam0")):
        info = toy.get_data_info(number // 2)
        points = info["keypoint_3d"][0] if solid else None
        scores = np.ones_like(info["keypoint_score"][0])
        made = PoseSequence(
            info["keypoint"][0], scores, (720, 1280), 30.0, "coco17", keypoints3d=points
        )
        made = replace(made, keypoints3d=toy.sequences[number // 2].joints) if solid else made
        file = f"poses/{name}.npz"
        write_pose_file(root / file, made)
        entries.append(
            SequenceEntry(name, file, "val", "lift", made.num_frames, 30.0, False, source=name)
        )
    write_index(root, PoseIndex("coco17", "made", {}, entries))


def run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "tools/analysis/view_angles.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_error_grows_with_the_angle(tmp_path: Path) -> None:
    write_data(tmp_path, solid=True)
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    done = run(str(tmp_path), str(checkpoint), "--angles", "0", "90", "--num", "3")
    assert done.returncode == 0, done.stderr
    assert "2 executions, 3 draws each" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == ["0", "90"]
    near, far = (np.array(row[1:], dtype=float) for row in rows)
    path, clock, number = 2, 6, 7
    assert near[path] < min(near[clock], near[number]) < 2000
    assert far[path] > near[path]
    # What looks at no pose does not see the angle.
    np.testing.assert_array_equal(near[clock : number + 1], far[clock : number + 1])


@pytest.mark.slow
def test_data_without_3d_poses_are_refused(tmp_path: Path) -> None:
    write_data(tmp_path, solid=False)
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    done = run(str(tmp_path), str(checkpoint))
    assert done.returncode == 2
    assert "has 3D poses; prepare data that have" in done.stderr
