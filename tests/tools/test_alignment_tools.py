"""The tools that measure alignments, on a network that was never trained."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mmalign.experiments.activity_pairs import DIFFERENT, SAME
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, write_index
from tests.fixtures.tiny_aligner import toy_poses, write_checkpoint
from tests.fixtures.tools import load_tool

ACTIONS = {"lift": 3, "throw": 2}


@pytest.fixture(scope="module")
def tool():
    return load_tool("analysis/same_activity.py")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Copies of one execution per action, which differ in size only."""
    root = tmp_path_factory.mktemp("data")
    entries = []
    for action, count in ACTIONS.items():
        made = toy_poses(action)
        labels = np.arange(made.num_frames) // 20
        for number in range(count):
            scaled = replace(made, keypoints=made.keypoints * (1 - 0.02 * number), labels=labels)
            name = f"{action}_{number}"
            write_pose_file(root / f"poses/{name}.npz", scaled)
            entries.append(
                SequenceEntry(
                    name,
                    f"poses/{name}.npz",
                    "val",
                    action,
                    made.num_frames,
                    made.fps,
                    labelled=True,
                    source=name,
                )
            )
    phases = {"phases": [str(k) for k in range(99)]}
    write_index(root, PoseIndex("coco17", "made", dict.fromkeys(ACTIONS, phases), entries))
    return root


def test_pairs_of_all_kinds_are_scored(tool, data, tmp_path, capsys):
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    out = tmp_path / "figures.json"
    arguments = [str(data), "--views", str(data), "--checkpoint", str(checkpoint), "--num", "2"]
    assert tool.main([*arguments, "--out", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert set(figures) == {*SAME, *DIFFERENT, "one activity", "two", "ROC"}
    assert figures["one activity"]["pairs"] == 2 * len(SAME)
    for name, row in figures.items():
        if name != "ROC":
            assert row["another"] + row["unclear"] + row["same"] == pytest.approx(1)
    assert figures["ROC"]["low"] <= figures["ROC"]["area"] <= figures["ROC"]["high"]
    assert f"area {figures['ROC']['area']:.3f}" in capsys.readouterr().out
    assert tool.main([*arguments, "--fit"]) == 0
    assert re.search(r"weights \S+(, \S+){5}; constant", capsys.readouterr().out)


def test_one_action_is_not_enough(tool, data, capsys):
    assert tool.main([str(data), "--split", "train"]) == 2
    assert "found 0 action(s) with two train clips" in capsys.readouterr().err
