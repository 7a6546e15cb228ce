import json

import numpy as np
import pytest

from mmalign.cli.data_toy import main
from mmalign.errors import InputError
from mmalign.formats.benchmarks.h2o import H2OReader
from mmalign.formats.benchmarks.ikea_asm import IkeaAsmReader
from mmalign.formats.benchmarks.penn_action import PennActionReader
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import read_pose_file
from mmalign.skeletons import get_skeleton
from mmalign.toy.h2o_tree import write_h2o
from mmalign.toy.ikea_tree import write_ikea_asm
from mmalign.toy.penn_tree import write_penn_action
from mmalign.toy.trees import ToyContent, runs


def content(activity, noise=1.0, **more):
    return ToyContent(activity, num_train=3, num_val=2, length=(36, 48), noise=noise, **more)


def read_back(reader, written, out):
    """Generated and read sequences, side by side, with the index of what was read."""
    report = convert(reader, out)
    assert sorted(e.id for e in report.index.sequences) == sorted(written)
    for entry in report.index.sequences:
        made, read = written[entry.id], read_pose_file(out / entry.file)
        assert entry.split == made.performer.split and read.frame_size == made.frame_size
        assert read.num_frames == made.num_frames
        yield made, read, report.index


def test_h2os_tree_gives_the_detections_back(tmp_path):
    written = write_h2o(tmp_path / "src", content("pour"))
    reader = H2OReader(tmp_path / "src", casa_record=[str(tmp_path / "src" / "npyrecords")])
    for made, read, index in read_back(reader, written, tmp_path / "out"):
        seen = made.scores > 0
        # Micrometres at a metre, in float32.
        np.testing.assert_allclose(read.keypoints[seen], made.keypoints[seen], atol=0.01)
        hands = seen.reshape(-1, 2, 21).any(axis=2).repeat(21, axis=1)
        np.testing.assert_array_equal(read.scores > 0, hands)
        exact, depth = made.camera.project(made.joints)
        hidden = hands & ~seen
        np.testing.assert_allclose(read.keypoints[hidden], exact[hidden], atol=0.01)
        np.testing.assert_allclose(read.keypoints3d[..., 2][hands], depth[hands], atol=1e-5)
        assert read.labels.tolist() == made.labels.tolist()
        assert len(index.actions["pour_milk"]["phases"]) == 5


def test_h2os_tree_can_be_read_by_its_action_files_alone(tmp_path):
    written = write_h2o(tmp_path / "src", content("pour"))
    for made, read, _ in read_back(H2OReader(tmp_path / "src"), written, tmp_path / "out"):
        assert read.labels is None and made.num_frames == read.num_frames


@pytest.mark.parametrize("detector", ["keypoint_rcnn_ft_all", "openpose"])
def test_ikea_asms_tree_gives_the_detections_back(tmp_path, detector):
    written = write_ikea_asm(tmp_path / "src", content("wave_squat"), detector)
    for made, read, index in read_back(IkeaAsmReader(tmp_path / "src"), written, tmp_path / "out"):
        np.testing.assert_array_equal(read.scores > 0, made.scores > 0)
        np.testing.assert_allclose(read.keypoints, made.keypoints, atol=2e-4)
        np.testing.assert_allclose(read.scores, made.scores, atol=1e-4)
        names = index.actions["kallax_shelf_drawer"]["phases"]
        phases = ("arm up", "arm down", "squat", "jump up")
        for t, label in enumerate(read.labels):
            idle = made.canonical_time[t] in (0, 4)
            assert names[label] == ("NA" if idle else phases[made.labels[t]])
        assert (read.labels == 0).any()


def test_penn_actions_files_give_the_detections_back(tmp_path):
    written = write_penn_action(tmp_path / "src", content("throw"))
    reader = PennActionReader(tmp_path / "src")
    coco, penn = get_skeleton("coco17").joints, get_skeleton("penn13").joints
    for made, read, index in read_back(reader, written, tmp_path / "out"):
        for k, joint in enumerate(penn[1:], 1):
            source = coco.index(joint)
            np.testing.assert_array_equal(read.scores[:, k] > 0, made.scores[:, source] > 0)
            np.testing.assert_allclose(read.keypoints[:, k], made.keypoints[:, source], atol=1e-3)
        for t in range(made.num_frames):
            seen = made.scores[t, :5] > 0
            if seen.any():
                middle = made.keypoints[t, :5][seen].mean(axis=0)
                np.testing.assert_allclose(read.keypoints[t, 0], middle, atol=1e-3)
            assert (read.scores[t, 0] > 0) == seen.any()
        assert read.labels.tolist() == made.labels.tolist()
        assert len(index.actions["throw"]["phases"]) == 4


def test_runs_cover_everything_once():
    assert runs(np.array([2, 2, 0, 0, 0, 2])) == [(2, 0, 1), (0, 2, 4), (2, 5, 5)]
    assert runs(np.array([7])) == [(7, 0, 0)]


@pytest.mark.parametrize(
    ("write", "options", "message"),
    [
        (
            write_h2o,
            {"activity": "lift"},
            "'lift' has the skeleton coco17, these files hold hands42",
        ),
        (write_penn_action, {"activity": "pour"}, "'pour' has the skeleton hands42"),
        (write_ikea_asm, {"activity": "juggle"}, "juggle"),
        (write_penn_action, {"activity": "lift", "num_val": 0}, "num_sequences: found 0"),
        (write_penn_action, {"activity": "lift", "length": (5, 4)}, "length"),
    ],
)
def test_content_that_cannot_be_is_one_line(tmp_path, write, options, message):
    with pytest.raises(InputError, match=message):
        write(tmp_path, ToyContent(**options))
    assert not list(tmp_path.iterdir())


def test_the_command_writes_and_says_how_to_go_on(tmp_path, capsys):
    out = tmp_path / "toy"
    few = ["--num-train", "2", "--num-val", "1", "--length", "36", "40"]
    assert main(["penn_action", "--out", str(out), *few, "--activity", "throw"]) == 0
    printed = capsys.readouterr().out
    assert f"wrote 3 sequences to {out}" in printed
    assert f"mmalign data convert penn_action {out} --out DST\n" in printed
    labels = json.loads((out / "phase_labels" / "throw_train.json").read_text())
    assert list(labels) == ["0001", "0002"]
    assert main(["h2o", "--out", str(out), "--activity", "throw"]) == 2
    assert capsys.readouterr().err.startswith("error: activity: 'throw'")
