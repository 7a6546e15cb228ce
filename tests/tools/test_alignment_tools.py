"""The tools that measure alignments, on a network that was never trained."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

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


def test_pairs_are_drawn_as_said(tool, data):
    entries = tool.candidates(data, "lift", "val", None)
    same, other = tool.draw(entries, "lift", 10, 0)
    assert len(same) == len(other) == 10
    assert all(a.action == b.action == "lift" and a.id != b.id for a, b in same)
    assert {(a.action, b.action) for a, b in other} == {("lift", "throw"), ("throw", "lift")}
    assert tool.draw(entries, "lift", 10, 0) == (same, other)


def test_held_out_clips_are_those_of_the_data_set(tool, data, tmp_path):
    index = tool.read_index(data)
    training = [replace(entry, split="train") for entry in index.sequences]
    write_index(tmp_path, replace(index, sequences=training))
    (tmp_path / "poses").symlink_to(data / "poses")
    found = tool.candidates(tmp_path, "lift", "val", (0, 3))
    assert [entry.id for entry in found] == ["lift_0", "throw_0", "throw_1"]


@pytest.mark.slow
def test_copies_are_the_same_activity(tool, data, tmp_path, capsys):
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    out = tmp_path / "figures.json"
    arguments = [
        "--data-root",
        str(data),
        "--checkpoint",
        f"lift={checkpoint}",
        "--num",
        "4",
        "--out",
        str(out),
    ]
    assert tool.main(arguments) == 0
    figures = json.loads(out.read_text())["lift"]
    assert figures["auc"] == 1 and figures["same_called_same"] == 1
    assert figures["labels_agree"] > 0.9
    assert f"auc {figures['auc']:.3f}" in capsys.readouterr().out
    assert tool.main([*arguments, "--fit"]) == 0
    assert re.search(r"weights \S+, \S+, \S+; constant \S+; 8 pairs", capsys.readouterr().out)
    assert tool.main(["--data-root", str(data), "--checkpoint", f"swim={checkpoint}"]) == 2
    assert "0 clips of 'swim'" in capsys.readouterr().err
