"""One motion in the forms of Ultralytics, SLEAP, DeepLabCut, marker files, NTU and Sapiens."""

import csv
import json
import pickle
import sys

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.formats.catalogue import get_format
from mmalign.skeletons import get_skeleton
from tests.formats.test_detector_formats import T, motion, read

COCO = get_skeleton("coco17").joints


def is_motion(clip, poses, frames=slice(None)):
    np.testing.assert_allclose(clip.sequence.keypoints[frames], poses[..., :2], atol=2e-2)
    np.testing.assert_allclose(clip.sequence.scores[frames], poses[..., 2], atol=1e-5)


@pytest.mark.parametrize("track", [True, False])
@pytest.mark.parametrize("scored", [True, False])
def test_labels_of_yolo(track, scored, tmp_path):
    poses = motion(17)
    poses[..., 2] = poses[..., 2] if scored else poses[..., 2] > 0
    (tmp_path / "labels").mkdir()
    for t in range(T):
        lines = []
        for i in (0, 1):
            if poses[i, t].any() and t != 1:
                joints = (poses[i, t] / [640, 480, 1])[:, : 3 if scored else 2]
                numbers = [0, 0.5, 0.5, 0.2, 0.4, *joints.ravel(), *([i + 7] if track else [])]
                lines.append(" ".join(f"{n:.6g}" for n in numbers))
        if lines:
            (tmp_path / f"labels/clip_{t + 31}.txt").write_text("\n".join(lines) + "\n")
    _, (clip,), report = read("ultralytics", tmp_path, frame_size="640x480")
    poses[0, 1] = 0
    is_motion(clip, poses[0], slice(30, None))
    assert clip.id == "clip"
    assert clip.sequence.num_frames == 30 + T and clip.sequence.track_id == (7 if track else 0)
    assert [n for name, n in report.counts.items() if "--first-frame" in name] == [30]
    with pytest.raises(InputError, match="--frame-size"):
        read("ultralytics", tmp_path)


def results(poses, t):
    return [
        {"name": "person", "class": 0, "confidence": 0.9, "box": {"x1": 1.0, "y1": 2.0},
         "track_id": i + 3,
         "keypoints": {"x": pose[:, 0].tolist(), "y": pose[:, 1].tolist(),
                       "visible": pose[:, 2].tolist()}}
        for i, pose in enumerate(poses[:, t])
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["video", "json", "csv", "old csv"])
def test_results_of_yolo(form, tmp_path):
    poses = motion(17)
    if form == "video":
        (tmp_path / "a.json").write_text(json.dumps([results(poses, t) for t in range(T)]))
    for t in range(T if form != "video" else 0):
        path = tmp_path / f"clip_{t + 1}.{form[-4:].strip()}"
        if form == "json":
            path.write_text(json.dumps(results(poses, t)))
            continue
        spell = json.dumps if form == "csv" else repr
        with path.open("w", newline="") as stream:
            rows = [{**r, "keypoints": spell(r["keypoints"])} for r in results(poses, t)]
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    _, (clip,), _ = read("ultralytics", tmp_path, person="track:3")
    is_motion(clip, poses[0])


@pytest.mark.parametrize(
    "text", ["0 0.5 0.5 0.1 0.1\n", "0 a b\n", "0 " + "0.5 " * 14, "0.1 " * 52 + "x"]
)
def test_labels_that_are_no_poses(text, tmp_path):
    (tmp_path / "a_1.txt").write_text(text)
    with pytest.raises(InputError, match="a_1.txt"):
        read("ultralytics", tmp_path)


def test_sapiens_has_coco_and_hands_among_its_points(tmp_path):
    poses = np.random.default_rng(0).uniform(10, 90, (T, 308, 2)) + np.arange(308)[:, None]
    for t in range(T):
        person = {"keypoints": poses[t].tolist(), "keypoint_scores": [0.9] * 308}
        names = {str(i): f"point {i}" for i in range(308)}
        content = {"meta_info": {"keypoint_id2name": names}, "instance_info": [person]}
        (tmp_path / f"{t:05}.json").write_text(json.dumps(content))
    reader, (clip,), _ = read("mmpose", tmp_path, max_gap=1, person="longest")
    assert reader.skeleton == "coco17"
    wrists = clip.sequence.keypoints[:, [COCO.index("left_wrist"), COCO.index("right_wrist")]]
    np.testing.assert_allclose(wrists, poses[:, [62, 41]], atol=1e-4)
    hips = clip.sequence.keypoints[:, [COCO.index("left_hip"), COCO.index("right_ankle")]]
    np.testing.assert_allclose(hips, poses[:, [9, 14]], atol=1e-4)
    _, (clip,), _ = read("mmpose", tmp_path, skeleton="hands42")
    thumb = get_skeleton("hands42").joints.index("left_thumb4")
    np.testing.assert_allclose(clip.sequence.keypoints[:, thumb], poses[:, 42], atol=1e-4)


def body(skeleton="halpe26", seed=0):
    """``(T, K, 3)`` metres, z up, facing along -y: the person's left is at +x; one point absent."""
    joints = get_skeleton(skeleton).joints
    rng = np.random.default_rng(seed)
    points = rng.uniform(-0.3, 0.3, (1, len(joints), 3)) + [0, 0, 1]
    for i, name in enumerate(joints):
        points[0, i, 0] += {"l": 0.6, "r": -0.6}.get(name[0].lower(), 0)
    points = points + np.cumsum(rng.normal(0, 0.02, (T, 1, 3)), axis=0)
    points[2, 3] = np.nan
    return points


def short(joint):
    """``left_big_toe`` as Pose2Sim writes it: ``LBigToe``."""
    words = joint.replace("head_top", "head").replace("mid_hip", "hip").split("_")
    side = {"left": "L", "right": "R"}.get(words[0])
    return (side or "") + "".join(w.capitalize() for w in words[bool(side) :])


def write_trc(path, points, names, unit=1000, up="y", rate=60):
    columns = points if up == "z" else points[..., [0, 2, 1]] * [1, 1, -1]
    head = ["PathFileType\t4\t(X/Y/Z)\tclip.trc"]
    head += ["DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate"]
    units = {1000: "mm", 1: "m"}[unit]
    head += [f"{rate}\t{rate}\t{len(points)}\t{len(names)}\t{units}\t{rate}"]
    head += ["Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t"]
    head += ["\t\t" + "\t".join(f"{a}{i + 1}" for i in range(len(names)) for a in "XYZ"), ""]
    for t, frame in enumerate(columns * unit):
        cells = ["" if np.isnan(v) else f"{v:.6f}" for v in frame.ravel()]
        head.append("\t".join([str(t + 1), f"{t / rate:.4f}", *cells]))
    path.write_text("\n".join(head) + "\n")
    return path


def is_body(clip, points, skeleton="halpe26"):
    sequence = clip.sequence
    assert sequence.skeleton == skeleton
    there = np.isfinite(points).all(axis=-1)
    np.testing.assert_array_equal(sequence.scores > 0, there)
    np.testing.assert_allclose(sequence.keypoints3d[there], points[there], atol=1e-5)
    # Seen from the front: the person's left is right in the picture, and up is up.
    x = np.corrcoef(sequence.keypoints[..., 0][there], points[there][:, 0])[0, 1]
    y = np.corrcoef(sequence.keypoints[..., 1][there], points[there][:, 2])[0, 1]
    assert x > 0.98 and y < -0.999
    height, width = sequence.frame_size
    assert (sequence.keypoints[there] >= 0).all()
    assert (sequence.keypoints[there] < [width, height]).all()


@pytest.mark.parametrize("unit", [1000, 1])
@pytest.mark.parametrize("up", ["y", "z"])
def test_trc(unit, up, tmp_path):
    points = body()
    names = [short(joint) for joint in get_skeleton("halpe26").joints]
    src = write_trc(tmp_path / "a.trc", points, names, unit, up)
    _, (clip,), _ = read("trc", src, up=up)
    assert clip.sequence.fps == 60
    turned = points if up == "z" else points[..., [0, 2, 1]] * [1, 1, -1]
    there = np.isfinite(points).all(axis=-1)
    np.testing.assert_allclose(clip.sequence.keypoints3d[there], turned[there], atol=1e-5)
    clip.sequence.keypoints3d = np.where(there[..., None], points, 0)
    is_body(clip, points)


def test_trc_of_some_joints_and_others(tmp_path):
    points = body()
    names = [short(joint) for joint in get_skeleton("halpe26").joints]
    names[1:5] = ["Ball", "Box1", "Box2", "Box3"]
    _, (clip,), report = read("trc", write_trc(tmp_path / "a.trc", points, names))
    assert clip.sequence.skeleton == "halpe26" and not clip.sequence.scores[:, 1:5].any()
    assert report.notes == ["points that were not used: Ball, Box1, Box2, Box3"]
    with pytest.raises(InputError, match="expected at least 6 and half of a skeleton's"):
        read("trc", write_trc(tmp_path / "a.trc", points, [f"M{i:03}" for i in range(26)]))
    (tmp_path / "a.trc").write_text("Frame#\tTime\n")
    with pytest.raises(InputError, match="no readable TRC"):
        read("trc", tmp_path / "a.trc")


def test_c3d(tmp_path):
    c3d = pytest.importorskip("c3d")
    points = body("plugin_gait39")
    writer = c3d.Writer(point_rate=50.0)
    for frame in points:
        gone = np.isnan(frame[:, :1])
        rows = np.c_[np.nan_to_num(frame) * 1000, np.where(gone, -1, 0), np.where(gone, -1, 0)]
        writer.add_frames([(rows, np.zeros((0, 0)))])
    writer.set_point_labels([f"Subject1:{name}" for name in get_skeleton("plugin_gait39").joints])
    with (tmp_path / "a.c3d").open("wb") as stream:
        writer.write(stream)
    _, (clip,), _ = read("c3d", tmp_path / "a.c3d")
    assert clip.sequence.fps == 50
    is_body(clip, points, "plugin_gait39")
    data = (tmp_path / "a.c3d").read_bytes()
    for size in (0, 100, 600, len(data) - 700):
        (tmp_path / "a.c3d").write_bytes(data[:size])
        with pytest.raises(InputError, match=r"a\.c3d: "):
            read("c3d", tmp_path / "a.c3d")


@pytest.mark.parametrize("name", ["c3d", "h5"])
def test_a_package_that_is_missing_is_named(name, tmp_path, monkeypatch):
    module = {"c3d": "c3d", "h5": "h5py"}[name]
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / f"a.{name}").write_bytes(b"x")
    with pytest.raises(InputError, match=rf"{module} is not installed; pip install 'mmalign\["):
        read(name, tmp_path)


@pytest.mark.parametrize("extra", [0, 42])
def test_freemocap(extra, tmp_path):
    points = body("mediapipe33")
    more = np.random.default_rng(1).normal(size=(T, extra, 3))
    np.save(tmp_path / "body_3d_xyz.npy", np.concatenate([points, more], axis=1) * 1000)
    _, (clip,), _ = read("freemocap", tmp_path, fps=24)
    is_body(clip, points, "mediapipe33")
    np.save(tmp_path / "body_3d_xyz.npy", points[..., :2])
    with pytest.raises(InputError, match="read 2D arrays as npz"):
        read("freemocap", tmp_path)


def write_ntu(path, bodies):
    """``bodies``: per frame a list of (name, ``(25, 12)`` numbers)."""
    lines = [str(len(bodies))]
    for frame in bodies:
        lines.append(str(len(frame)))
        for name, numbers in frame:
            lines += [f"{name} 0 1 1 1 1 0 0.02 -0.2 2", "25"]
            lines += [" ".join(f"{v:.7g}" for v in row) for row in numbers]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_ntu_takes_who_moves_and_keeps_three_dimensions(tmp_path):
    rng = np.random.default_rng(0)
    person = np.zeros((T, 25, 12))
    person[..., :3] = rng.normal(0, 0.3, (T, 25, 3)) + [0, 0, 3]
    person[..., 5:7] = rng.uniform(0, 300, (25, 2)) + np.cumsum(rng.normal(0, 9, (T, 1, 2)), axis=0)
    person[..., 11] = rng.integers(0, 3, (T, 25))
    chair = np.zeros((25, 12))
    chair[:, 5:7], chair[:, 11] = rng.uniform(0, 1900, (25, 2)), 2
    bodies = [[("72057594037931101", chair), ("72057594037931102", p)] for p in person]
    bodies[3] = bodies[3][:1]
    src = write_ntu(tmp_path / "S001C002P003R001A043.skeleton", bodies)
    reader, (clip,), _ = read("ntu", src)
    assert reader.skeleton == "kinect25" and clip.action == "A043" and clip.sequence.fps == 30
    scores = person[..., 11] / 2
    scores[3] = 0
    np.testing.assert_allclose(clip.sequence.scores, scores)
    there = scores > 0
    np.testing.assert_allclose(clip.sequence.keypoints[there], person[there][:, 5:7], atol=1e-2)
    np.testing.assert_allclose(clip.sequence.keypoints3d[there], person[there][:, :3], atol=1e-5)
    _, (largest,), _ = read("ntu", src, person="largest")
    assert largest.sequence.track_id != clip.sequence.track_id
    src.write_text(src.read_text()[:4000])
    with pytest.raises(InputError, match="no readable .skeleton file"):
        read("ntu", src)


@pytest.mark.parametrize("scored", [True, False])
def test_sleap_analysis(scored, tmp_path):
    h5py = pytest.importorskip("h5py")
    poses = motion(17)
    points = np.where(poses[..., 2:] > 0, poses[..., :2], np.nan)
    with h5py.File(tmp_path / "a.analysis.h5", "w") as file:
        file["tracks"] = points.transpose(0, 3, 2, 1)
        file["node_names"] = [name.encode() for name in COCO]
        if scored:
            file["point_scores"] = poses[..., 2].transpose(0, 2, 1)
    _, (clip,), _ = read("h5", tmp_path)
    poses[..., 2] = poses[..., 2] if scored else poses[..., 2] > 0
    is_motion(clip, poses[0])


@pytest.mark.parametrize("people", [1, 2])
def test_deeplabcut_table(people, tmp_path):
    h5py = pytest.importorskip("h5py")
    poses = motion(17)[:people]
    one = [(joint, axis) for joint in COCO for axis in ("x", "y", "likelihood")]
    names = [("DLC", *((f"mouse{i}",) if people > 1 else ()), *name)
             for i in range(people) for name in one]  # fmt: skip
    values = poses.transpose(1, 0, 2, 3).reshape(T, -1)
    kind = np.dtype([("index", "<i8"), ("values_block_0", "<f8", (values.shape[1],))])
    table = np.zeros(T, kind)
    table["index"], table["values_block_0"] = np.arange(T), values
    with h5py.File(tmp_path / "a.h5", "w") as file:
        stored = file.create_dataset("df_with_missing/table", data=table)
        stored.attrs["values_block_0_kind"] = np.bytes_(pickle.dumps(names, protocol=0))
    _, (clip,), _ = read("h5", tmp_path)
    is_motion(clip, poses[0])
    with h5py.File(tmp_path / "a.h5", "a") as file:
        evil = b"cos\nsystem\n(S'true'\ntR."
        file["df_with_missing/table"].attrs["values_block_0_kind"] = np.bytes_(evil)
    with pytest.raises(InputError, match="refused to unpickle"):
        read("h5", tmp_path)
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"x" * 500)
    with pytest.raises(InputError, match=r"a\.h5: not readable"):
        get_format("h5")(tmp_path)
