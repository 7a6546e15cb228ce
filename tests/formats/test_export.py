"""What is exported is read back as it was."""

import numpy as np
import pytest
from mmaction.datasets import PoseDataset

from mmalign.cli.data import main
from mmalign.errors import InputError
from mmalign.formats.catalogue import get_format
from mmalign.formats.convert import convert
from mmalign.formats.export import EXPORTS, export
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file
from mmalign.poses.pose_index import PoseIndex, SequenceEntry, read_index, write_index
from mmalign.skeletons import get_skeleton

PHASES = {"squat": ["stand", "go down", "go up"], "lunge": []}


def data_set(root, skeleton="coco17", three=True, fps=29.97):
    rng = np.random.default_rng(0)
    index = PoseIndex(skeleton, "made")
    count = get_skeleton(skeleton).num_joints
    for i, (split, action) in enumerate(
        [("train", "squat"), ("train", "lunge"), ("val", "squat"), ("val", "lunge")]
    ):
        frames = 9 + i
        scores = rng.uniform(0.1, 1, (frames, count))
        scores[2, 4] = scores[5] = 0
        points = np.cumsum(rng.normal(0, 2, (frames, 1, 2)), axis=0)
        sequence = PoseSequence(
            points + rng.uniform(30, 300, (count, 2)), scores, (480, 640), fps, skeleton,
            labels=np.minimum(np.arange(frames) // 3, 2) if action == "squat" else None,
            keypoints3d=rng.normal(size=(frames, count, 3)) if three else None,
        ).validate("made")  # fmt: skip
        write_pose_file(root / f"poses/c{i}.npz", sequence)
        index.sequences.append(
            SequenceEntry(
                id=f"c{i}", file=f"poses/c{i}.npz", split=split, action=action, num_frames=frames,
                fps=fps, labelled=sequence.labels is not None, source=f"c{i}",
            )
        )  # fmt: skip
        index.actions[action] = {"phases": PHASES[action]}
    write_index(root, index)
    return root


@pytest.mark.parametrize("format_name", EXPORTS)
@pytest.mark.parametrize(("skeleton", "fps"), [("coco17", 29.97), ("penn13", 60.0)])
def test_round_trip(format_name, skeleton, fps, tmp_path):
    root = data_set(tmp_path / "set", skeleton, fps=fps)
    assert export(root, tmp_path / "out", format_name) == 4
    reader = get_format(format_name)(tmp_path / "out", skeleton=skeleton)
    convert(reader, tmp_path / "again")
    before, after = read_index(root), read_index(tmp_path / "again")
    found = {entry.id.rpartition("_")[2]: entry for entry in after.sequences}
    assert after.skeleton == skeleton and len(found) == len(after.sequences) == 4
    for entry in before.sequences:
        other = found[entry.id]
        assert (other.split, other.action) == (entry.split, entry.action)
        a = read_pose_file(root / entry.file)
        b = read_pose_file(tmp_path / "again" / other.file)
        assert b.fps == pytest.approx(a.fps, rel=1e-4)
        if format_name == "trc":
            np.testing.assert_allclose(b.keypoints3d, a.keypoints3d, atol=1e-6)
            np.testing.assert_array_equal(b.scores > 0, a.scores > 0)
            continue
        np.testing.assert_allclose(b.keypoints, a.keypoints, atol=1e-3)
        np.testing.assert_allclose(b.scores, a.scores, atol=1e-6)
        if format_name == "csv" and a.labels is not None:
            np.testing.assert_array_equal(b.labels, a.labels)
            assert after.actions["squat"]["phases"] == PHASES["squat"]
        if format_name != "csv":
            assert b.frame_size == a.frame_size


def test_mmaction_reads_the_pickle(tmp_path):
    root = data_set(tmp_path / "set")
    export(root, tmp_path, "mmaction")
    theirs = PoseDataset(ann_file=str(tmp_path / "mmaction.pkl"), split="val", pipeline=[])
    assert len(theirs) == 2
    info = theirs.get_data_info(0)
    assert info["label"] == 1 and info["keypoint"].shape == (1, 11, 17, 2)


def test_what_cannot_be_exported_is_said(tmp_path, capsys):
    root = data_set(tmp_path / "set", three=False)
    with pytest.raises(InputError, match="no 3D keypoints"):
        export(root, tmp_path / "out", "trc")
    assert not list((tmp_path / "out").rglob("*.trc"))
    assert main(["export", "csv", str(root), "--out", str(tmp_path / "t")]) == 0
    assert "wrote 4 sequences" in capsys.readouterr().out
    assert main(["export", "csv", str(tmp_path), "--out", str(tmp_path / "t")]) == 2
