import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign import fileio
from mmalign.errors import InputError
from mmalign.formats.base import ConversionReport
from mmalign.formats.benchmarks import ui_prmd
from mmalign.formats.benchmarks.gait_markers import body_joints, facing
from mmalign.formats.benchmarks.ui_prmd import UiPrmdReader, read_markers
from mmalign.formats.convert import convert
from mmalign.poses.pose_index import PoseIndex
from mmalign.skeletons import get_skeleton

MARKERS = get_skeleton("plugin_gait39").joints
JOINTS = get_skeleton("penn13").joints
STANDING = {
    "SHO": (0, 200, 1450), "ELB": (0, 300, 1150), "WRA": (40, 320, 900), "WRB": (-40, 320, 900),
    "ASI": (100, 120, 1000), "PSI": (-100, 50, 1020), "KNE": (10, 140, 520), "ANK": (0, 130, 90),
    "FHD": (90, 70, 1700), "BHD": (-90, 70, 1700),
}  # fmt: skip


def standing(frames=4):
    """Somebody who looks along x: the left side is where y is positive."""
    markers = np.tile([1.0, 2.0, 1000.0], (frames, 39, 1))
    for name, (x, y, z) in STANDING.items():
        markers[:, MARKERS.index("L" + name)] = x, y, z
        markers[:, MARKERS.index("R" + name)] = x, -y, z
    markers += np.linspace(0, 50, frames)[:, None, None]
    return markers


def write(path, markers, packed=False):
    text = "\n".join(",".join(map(repr, row)) for row in markers.reshape(len(markers), -1).tolist())
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


def clips(src, **options):
    reader = UiPrmdReader(src, **options)
    report = ConversionReport(PoseIndex(reader.skeleton, ""))
    return [clip for item in reader.items() for clip in reader.read(item, report)], report


def test_joints_of_a_known_body():
    joints, there = body_joints(standing(1) / 1000)
    found = dict(zip(JOINTS, joints[0], strict=True))
    assert there.all()
    np.testing.assert_allclose(found["head"], [0, 0, 1.7], atol=1e-9)
    np.testing.assert_allclose(found["right_wrist"], [0, -0.32, 0.9], atol=1e-9)
    np.testing.assert_allclose(found["left_knee"], [0.01, 0.14, 0.52], atol=1e-9)
    # Bell: 14 % of the width inwards, 22 % back, 30 % down from the front of the pelvis, whose
    # plane is tilted by 20 mm in 200.
    back = np.array([-0.2, 0, 0.02]) / np.hypot(0.2, 0.02)
    down = np.array([-back[2], 0, back[0]])
    hip = [0.1, 0.12, 1.0] + 0.24 * (np.array([0, -0.14, 0]) + 0.22 * back + 0.30 * down)
    np.testing.assert_allclose(found["left_hip"], hip, atol=1e-9)
    np.testing.assert_allclose(found["right_hip"], hip * [1, -1, 1], atol=1e-9)


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-2, 2), st.floats(-2, 2))
def test_joints_and_front_turn_with_the_body(angle, x, y):
    markers = standing(2) / 1000
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    moved = markers @ turn.T + [x, y, 0]
    joints, _ = body_joints(markers)
    np.testing.assert_allclose(body_joints(moved)[0], joints @ turn.T + [x, y, 0], atol=1e-9)
    assert (facing(moved) - angle + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


def test_missing_markers_make_joints_absent(tmp_path):
    markers = standing()
    markers[1, MARKERS.index("LWRB")] = 0
    markers[2, MARKERS.index("RPSI")] = 0
    (clip, _), report = clips(write(tmp_path / "m01_s02_e03_positions.txt", markers))
    absent = [(t, JOINTS[k]) for t, k in np.argwhere(clip.sequence.scores == 0)]
    assert absent == [(1, "left_wrist"), (2, "right_hip"), (2, "left_hip")]
    assert report.counts["joints of missing markers"] == 3
    markers[:] = 0
    with pytest.raises(InputError, match="no joint is known in any frame"):
        clips(write(tmp_path / "m01_s02_e03_positions.txt", markers))


def test_cameras_stand_where_they_are_told_to(tmp_path):
    write(tmp_path / "m02_s08_e10_positions_inc.txt.gz", standing(), packed=True)
    found, _ = clips(tmp_path, angles=[0, 90, 180, -90], elevation=0, distance=5)
    assert [clip.id for clip in found] == [f"s08_e10_inc_cam{i}" for i in range(4)]
    assert {(clip.split, clip.action, clip.sequence.fps) for clip in found} == {
        ("val", "hurdle_step", 100.0)
    }
    x = {name: [c.sequence.keypoints[0, JOINTS.index(name), 0] for c in found] for name in JOINTS}
    # From the front the left shoulder is on the right of the picture, from behind on its left.
    assert x["left_shoulder"][0] > x["right_shoulder"][0] + 50
    assert x["left_shoulder"][2] < x["right_shoulder"][2] - 50
    # From the person's left forward is to the left of the picture; the hips are before the head.
    for name in ("left_hip", "right_hip"):
        assert x[name][1] < x["head"][1] - 5 and x[name][3] > x["head"][3] + 5
    for clip in found:
        y = clip.sequence.keypoints[0, :, 1]
        assert y[JOINTS.index("head")] < y[JOINTS.index("left_hip")] < y[JOINTS.index("left_ankle")]
        np.testing.assert_array_equal(clip.sequence.keypoints3d, found[0].sequence.keypoints3d)
    # A camera 5 m away sees a metre as a fifth of its focal length: 3 m fill the frame.
    front = found[0].sequence
    height = np.ptp(front.keypoints[0, [0, JOINTS.index("left_ankle")], 1])
    assert height == pytest.approx(1.61 / 3 * 720, rel=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cameras": 0}, "--cameras 0"),
        ({"cameras": 3, "angles": [1, 2]}, "--cameras 3 with 2 --angles"),
        ({"elevation": 90}, "--elevation 90"),
        ({"distance": 1}, "--distance 1"),
        ({"frame_size": "big"}, "--frame-size 'big'"),
        ({"skeleton": "coco17"}, "--skeleton 'coco17', expected one of penn13, plugin_gait39"),
    ],
)
def test_bad_options(tmp_path, options, message):
    write(tmp_path / "m01_s01_e01_positions.txt", standing())
    with pytest.raises(InputError, match=message):
        UiPrmdReader(tmp_path, **options)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damaged_files_are_named(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("f") / "m01_s01_e01_positions.txt.gz"
    whole = bytearray(gzip.compress(standing(2).tobytes()))
    text = ",".join(map(repr, standing(1).ravel().tolist()))
    kind = data.draw(st.sampled_from(["binary", "cut", "words", "columns", "huge", "empty"]))
    if kind == "binary":
        for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
            whole[place] ^= data.draw(st.integers(1, 255))
    words = {
        "words": text.replace("1.0", data.draw(st.sampled_from(["x", "", "1;0"])), 1),
        "columns": text + ",3" * data.draw(st.integers(1, 200)),
        "huge": text.replace("1.0", "1e300"),
        "empty": "",
    }
    content = gzip.compress(words[kind].encode()) if kind in words else bytes(whole)
    path.write_bytes(
        content[: data.draw(st.integers(0, len(content) - 1)) if kind == "cut" else None]
    )
    with pytest.raises(InputError) as caught:
        clips(path)
    assert str(path) in str(caught.value)


def test_other_files_are_not_ui_prmd(tmp_path):
    (tmp_path / "readme.txt").write_text("1,2,3")
    with pytest.raises(InputError, match="named like m01_s01_e01_positions.txt"):
        UiPrmdReader(tmp_path)


@pytest.fixture(scope="module")
def squats():
    root = os.environ.get("MMALIGN_DATA")
    if not root:
        pytest.skip("needs UI-PRMD: set MMALIGN_DATA to the folder that holds ui_prmd/")
    return Path(root) / "ui_prmd"


def test_deep_squats_by_ten_people(squats, tmp_path):
    files = UiPrmdReader(squats).items()
    assert len(files) == 100
    for path in files[::10]:
        (tmp_path / path.name).symlink_to(path)
    report = convert(UiPrmdReader(tmp_path, cameras=3), tmp_path / "out")
    assert [(e.split, e.action) for e in report.index.sequences] == (
        [("train", "deep_squat")] * 21 + [("val", "deep_squat")] * 9
    )
    assert report.index.sequences[4].id == "s02_e01_cam1"


def test_two_cameras_see_the_same_instant_of_a_real_squat(squats):
    path = squats / "m01_s03_e05_positions.txt.gz"
    (first, second), report = clips(path)
    a, b = first.sequence, second.sequence
    assert a.num_frames == b.num_frames == report.counts["frames"] == len(read_markers(path))
    # The same points in space: every frame of one camera follows from the other's.
    np.testing.assert_array_equal(a.keypoints3d, b.keypoints3d)
    for clip in (a, b):
        homogeneous = np.concatenate([a.keypoints3d, np.ones((*a.scores.shape, 1))], axis=-1)
        p, q = homogeneous.reshape(-1, 4), clip.keypoints.reshape(-1, 2)
        zero = np.zeros_like(p)
        rows = [[p, zero, -q[:, :1] * p], [zero, p, -q[:, 1:] * p]]
        matrix = np.concatenate([np.concatenate(row, axis=1) for row in rows])
        camera = np.linalg.svd(matrix, full_matrices=False)[2][-1].reshape(3, 4)
        projected = p @ camera.T
        residual = projected[:, :2] / projected[:, 2:] - q
        assert np.abs(residual).max() < 0.05  # one camera explains all frames
    # A person, upright, of plausible size: the squat lowers the hips by 20 cm to a metre.
    hips = a.keypoints3d[:, [JOINTS.index("left_hip"), JOINTS.index("right_hip")]]
    assert 0.1 < np.linalg.norm(hips[:, 0] - hips[:, 1], axis=1).mean() < 0.35
    assert 0.2 < np.ptp(hips[..., 2].mean(axis=1)) < 1
    for clip in (a, b):
        left, right = (clip.keypoints[:, JOINTS.index(f"{s}_hip"), 0] for s in ("left", "right"))
        assert (left > right).all()


def test_a_file_that_unpacks_to_gigabytes_is_refused_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(ui_prmd, "_LONGEST_TEXT", 1 << 20)
    monkeypatch.setattr(fileio, "MAX_BYTES", 4 << 20)
    path = tmp_path / "m01_s01_e01_positions.txt.gz"
    path.write_bytes(gzip.compress(b"0," * (16 << 20)))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"positions.txt.gz: its text would take 4 MiB .* most 4;"):
        read_markers(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
