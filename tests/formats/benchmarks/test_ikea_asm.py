import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.benchmarks.ikea_asm import IkeaAsmReader
from mmalign.formats.benchmarks.ikea_files import (
    frame_labels,
    label_names,
    read_people,
    read_segments,
)
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import read_pose_file
from mmalign.skeletons import get_skeleton

KALLAX = "Kallax_Shelf_Drawer"


def rcnn(pose, visibility=None, **more):
    """A person as Keypoint R-CNN writes one; scores are logits."""
    seen = np.ones(17) if visibility is None else np.asarray(visibility, float)
    return {
        "person_id": [-1],
        "pose_keypoints_2d": np.ravel(pose).tolist(),
        "keypoint_visibility": seen.tolist(),
        **more,
    }


def body(x, y, size=200.0, logit=3.0):
    """A pose of 17 joints that lie on a diagonal."""
    line = np.linspace(0, size, 17)
    return np.stack([x + line, y + line, np.full(17, logit)], axis=1)


def write_frames(src, scan, frames, camera="dev3", detector="keypoint_rcnn_ft_all"):
    folder = src / scan / camera / "predictions" / "pose2d" / detector
    folder.mkdir(parents=True, exist_ok=True)
    for number, people in frames.items():
        text = json.dumps({"people": people})
        (folder / f"scan_video_{number:012d}_keypoints.json").write_text(text)
    return folder


def write_segments(src, scans):
    database = {
        name: {
            "subset": subset,
            "annotation": [{"label": label, "segment": list(ends)} for label, *ends in segments],
        }
        for name, (subset, segments) in scans.items()
    }
    src.mkdir(parents=True, exist_ok=True)
    (src / "gt_segments.json").write_text(json.dumps({"version": "1", "database": database}))


@pytest.fixture
def src(tmp_path):
    src = tmp_path / "ikea"
    write_segments(
        src,
        {
            f"{KALLAX}/0001": ("training", [("NA", 0, 1), ("b", 2, 3), ("a", 5, 6)]),
            f"{KALLAX}/0002": ("testing", [("a", 0, 2), ("NA", 3, 3)]),
            "Lack_TV_Bench/0003": ("training", [("spin leg", 0, 2)]),
        },
    )
    write_frames(src, f"{KALLAX}/0001", {t: [rcnn(body(100 + t, 50))] for t in range(8)})
    write_frames(src, f"{KALLAX}/0002", {t: [rcnn(body(100 - t, 90))] for t in range(4)})
    return src


def segments_file():
    root = os.environ.get("MMALIGN_DATA")
    if root is None or not Path(root, "ikea_asm").is_dir():
        pytest.skip("needs IKEA ASM's segments: set MMALIGN_DATA to the folder with ikea_asm/")
    return Path(root, "ikea_asm", "gt_segments.json")


def test_real_segments_have_the_documented_counts():
    reader = IkeaAsmReader(segments_file().parent)
    splits = [scan.split for scan in reader.items()]
    assert (splits.count("train"), splits.count("val"), len(reader.labels)) == (61, 29, 17)
    assert reader.labels[0] == "NA" and reader.labels[1:] == sorted(reader.labels[1:])
    # Benchmark code built on this data set lists 4078 frames as the longest clip.
    assert max(scan.num_frames for scan in reader.items()) == 4078
    assert len(read_segments(segments_file())) == 371


def test_real_labels_are_those_of_a_slow_reading():
    content = json.loads(segments_file().read_text())["database"]
    scans = [s for s in read_segments(segments_file()) if s.path.startswith(KALLAX)]
    names = label_names(scans)
    covered = 0
    for scan in scans[::10]:
        labels = frame_labels(scan, names, scan.num_frames + 5)
        assert (labels[-5:] == 0).all()
        for t in range(scan.num_frames):
            inside = [
                s["label"]
                for s in content[scan.path]["annotation"]
                if s["segment"][0] <= t <= s["segment"][1]
            ]
            assert names[labels[t]] == (inside[-1] if inside else "NA")
            covered += bool(inside)
    assert covered > 10_000


def test_scans_become_clips_with_labels_and_split(src, tmp_path):
    report = convert(IkeaAsmReader(src), tmp_path / "out")
    assert [(e.id, e.split, e.action) for e in report.index.sequences] == [
        ("0001", "train", "kallax_shelf_drawer"),
        ("0002", "val", "kallax_shelf_drawer"),
    ]
    assert report.index.actions["kallax_shelf_drawer"]["phases"] == ["NA", "a", "b"]
    first, second = (read_pose_file(tmp_path / "out" / e.file) for e in report.index.sequences)
    # Ends belong to segments, a gap and frames after the last segment are background.
    assert first.labels.tolist() == [0, 0, 2, 2, 0, 1, 1, 0]
    assert second.labels.tolist() == [1, 1, 1, 0]
    assert (first.frame_size, first.fps, first.skeleton) == ((1080, 1920), 30.0, "coco17")
    np.testing.assert_allclose(first.keypoints[7], body(107, 50)[:, :2])
    np.testing.assert_allclose(first.scores, 1 / (1 + np.exp(-3)), atol=1e-6)


def test_invisible_joints_empty_frames_and_missing_files_have_score_0(src, tmp_path):
    seen = np.arange(17) != 4
    placeholder = rcnn(np.zeros((17, 3)), np.zeros(17), score=0.0)
    folder = write_frames(
        src, f"{KALLAX}/0001", {0: [rcnn(body(100, 50), seen)], 1: [placeholder], 2: []}
    )
    (folder / "scan_video_000000000003_keypoints.json").unlink()
    report = convert(IkeaAsmReader(src), tmp_path / "out")
    scores = read_pose_file(tmp_path / "out" / report.index.sequences[0].file).scores
    assert ((scores[0] > 0) == seen).all()
    assert (scores[1:4] == 0).all() and (scores[4:] > 0).all()
    assert report.counts["frames without a file"] == 1
    assert report.counts["frames with a file but nobody"] == 2


@pytest.mark.parametrize(
    ("count", "names"), [(25, "body25"), (19, "body25"), (21, "body25"), (18, "openpose18")]
)
def test_openposes_joints_become_cocos(tmp_path, count, names):
    rng = np.random.default_rng(count)
    values = rng.uniform(0.1, 0.9, (count, 3))
    path = tmp_path / "scan_video_000000000000_keypoints.json"
    path.write_text(json.dumps({"people": [{"pose_keypoints_2d": values.ravel().tolist()}]}))
    (pose,) = read_people(path)
    joints = get_skeleton(names).joints
    for k, joint in enumerate(get_skeleton("coco17").joints):
        np.testing.assert_array_equal(pose[k], values[joints.index(joint)])


def test_one_persons_identity_is_kept_and_can_be_chosen(src, tmp_path):
    # The assembler is larger; a bystander comes first in every other frame's list.
    frames = {}
    for t in range(8):
        people = [rcnn(body(900 + t, 400, size=300)), rcnn(body(100 - t, 50, size=100, logit=8))]
        frames[t] = people if t % 2 else people[::-1]
    write_frames(src, f"{KALLAX}/0001", frames)
    expected = {"largest": 900, "score": 100, "position:120,80": 100, "center": 900}
    for rule, x in expected.items():
        report = convert(IkeaAsmReader(src, person=rule), tmp_path / "out")
        sequence = read_pose_file(tmp_path / "out" / report.index.sequences[0].file)
        assert (np.abs(sequence.keypoints[:, 0, 0] - x) < 8).all(), rule
    report = convert(IkeaAsmReader(src, person="all"), tmp_path / "out")
    assert [e.id for e in report.index.sequences] == [
        "0001_person0",
        "0001_person1",
        "0002_person0",
    ]


def test_the_best_detector_there_is_is_taken_and_another_can_be_named(src, tmp_path):
    write_frames(src, f"{KALLAX}/0001", {0: [rcnn(body(500, 50))]}, detector="keypoint_rcnn_ft")
    report = convert(IkeaAsmReader(src), tmp_path / "out")
    assert report.counts["scans read from keypoint_rcnn_ft_all"] == 2
    with pytest.raises(InputError, match="0002/dev3.*no poses of keypoint_rcnn_ft .*_ft_all"):
        convert(IkeaAsmReader(src, detector="keypoint_rcnn_ft"), tmp_path / "out")
    assert report.index.sequences[0].source == f"{KALLAX}/0001/dev3"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"furniture": "Billy"},
            "no scan of furniture 'Billy'.*Kallax_Shelf_Drawer, Lack_TV_Bench",
        ),
        ({"segments": "nowhere.json"}, "nowhere.json: no readable JSON"),
        ({"person": "tallest"}, "--person 'tallest' is unknown"),
    ],
)
def test_wrong_options_are_one_line(src, options, message):
    with pytest.raises(InputError, match=message) as caught:
        IkeaAsmReader(src, **options)
    assert "\n" not in str(caught.value)


def test_a_scan_without_anybody_and_one_without_a_folder_are_reported(src, tmp_path):
    write_frames(src, f"{KALLAX}/0001", {t: [] for t in range(8)})
    report = convert(IkeaAsmReader(src), tmp_path / "out", on_error="skip")
    assert [e.id for e in report.index.sequences] == ["0002"]
    assert "nobody was found in any frame" in report.skipped[f"{KALLAX}/0001"]
    with pytest.raises(InputError, match="has no gt_segments.json"):
        IkeaAsmReader(src / KALLAX)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no readable JSON"),
        ("[]", "has no 'database'"),
        ('{"database": {"K/1": {}}}', "lacks or has odd 'subset'"),
        ('{"database": {"K/1": {"subset": "x", "annotation": []}}}', "odd 'x'"),
        ('{"database": {"K/1": {"subset": "training", "annotation": 3}}}', "lacks or has odd"),
        ('{"database": {"../../1": {"subset": "training", "annotation": []}}}', "FURNITURE/SCAN"),
        (
            '{"database": {"K/1": {"subset": "training", "annotation":'
            ' [{"label": "a", "segment": [5, 2]}]}}}',
            "segments .first, last.",
        ),
        (
            '{"database": {"K/1": {"subset": "training", "annotation":'
            ' [{"label": "a", "segment": [0.5, 2]}]}}}',
            "segments .first, last.",
        ),
    ],
)
def test_damaged_segment_files_are_one_line(tmp_path, text, message):
    (tmp_path / "gt_segments.json").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_segments(tmp_path / "gt_segments.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ([{"pose_keypoints_2d": [1, 2]}], "person 0: ValueError"),
        ([{"pose_keypoints_2d": [1, 2, 3] * 20}], "person 0: KeyError.*17, 18, 19, 21, 25 joints"),
        ([{"keypoints": []}], "person 0: KeyError"),
        ([7], "person 0: TypeError"),
        ([{"pose_keypoints_2d": ["a"] * 51}], "person 0: ValueError"),
        ([rcnn(body(1, 1), np.ones(3))], "keypoint_visibility of"),
        ([rcnn(body(1e9, 1))], "person 0: a joint lies at 1e.09 pixels"),
        ({}, "has no list 'people'"),
    ],
)
def test_damaged_frames_are_one_line(tmp_path, people, message):
    path = tmp_path / "scan_video_000000000000_keypoints.json"
    path.write_text(json.dumps({"people": people}))
    with pytest.raises(InputError, match=message) as caught:
        read_people(path)
    assert "\n" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["database", "subset", "annotation", "segment", "label", "people", "K/1"]
                + ["pose_keypoints_2d", "keypoint_visibility"]
            ),
            inner | st.just("training") | st.lists(st.integers(), min_size=51, max_size=51),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(json_values, st.sampled_from([0, 0, 0, 1, 5]))
def test_fuzzed_json_gives_poses_or_one_line(tmp_path, value, cut):
    path = tmp_path / "fuzzed.json"
    text = json.dumps(value)
    path.write_text(text[: len(text) - cut])
    for read in (read_segments, read_people):
        try:
            result = read(path)
        except InputError as error:
            assert "\n" not in str(error) and str(path) in str(error)
        else:
            assert read is read_segments or np.isfinite(result).all()
