"""One motion, written in every detector's own form, is read back as it was."""

import csv
import json
import pickle

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.formats.base import ConversionReport
from mmalign.formats.catalogue import get_format
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file
from mmalign.poses.pose_index import PoseIndex
from mmalign.skeletons import get_skeleton

T = 6
SIZE = (480, 640)


def motion(joints, seed=0):
    """Two people ``(2, T, K, 3)``, the first larger; a joint and a whole frame are absent."""
    rng = np.random.default_rng(seed)
    rest = rng.uniform(0, 1, (2, 1, joints, 2)) * np.array([200, 100]).reshape(2, 1, 1, 1)
    drift = np.cumsum(rng.normal(0, 2, (2, T, 1, 2)), axis=1)
    xy = rest + drift + np.array([[30, 30], [400, 300]])[:, None, None]
    poses = np.concatenate([xy, rng.uniform(0.3, 1, (2, T, joints, 1))], axis=-1).round(4)
    poses[0, 2, 3] = 0
    poses[0, 4] = 0
    return poses


def flat(pose):
    return pose.ravel().tolist()


def write_openpose(path, poses, keys=("pose_keypoints_2d",)):
    path.mkdir(parents=True)
    for t in range(T):
        # The people change places, as OpenPose's do.
        seen = [poses[i, t] for i in ((0, 1) if t % 2 else (1, 0)) if poses[i, t].any()]
        parts = [np.split(p, len(keys)) for p in seen]
        rows = [{k: flat(p) for k, p in zip(keys, part, strict=True)} for part in parts]
        name = f"a_{t:012d}_keypoints.json"
        (path / name).write_text(json.dumps({"version": 1.3, "people": rows}))
    return path


def write_hands(path, poses):
    return write_openpose(path, poses, ("hand_left_keypoints_2d", "hand_right_keypoints_2d"))


def instances(poses, t):
    return [
        {
            "keypoints": p[:, :2].tolist(),
            "keypoint_scores": p[:, 2].tolist(),
            "bbox": [[0, 0, 1, 1]],
        }
        for p in poses[:, t]
    ]


def write_mmpose(path, poses):
    frames = [{"frame_id": t, "instances": instances(poses, t)} for t in range(T)]
    path.with_suffix(".json").write_text(json.dumps(frames))
    return path.with_suffix(".json")


def write_mmpose_demo(path, poses):
    joints = get_skeleton("coco17").joints
    frames = [{"frame_id": t + 1, "instances": instances(poses, t)} for t in range(T)]
    meta = {"keypoint_id2name": {str(i): joint for i, joint in enumerate(joints)}}
    path.with_suffix(".json").write_text(json.dumps({"meta_info": meta, "instance_info": frames}))
    return path.with_suffix(".json")


def write_mmpose_images(path, poses):
    path.mkdir()
    for t in range(T):
        (path / f"img_{t:05d}.json").write_text(json.dumps(instances(poses, t)))
    return path


def write_coco(path, poses):
    images = [
        {"id": 100 - t, "file_name": f"v/f{t}.jpg", "height": 480, "width": 640} for t in range(T)
    ]
    people = [
        {"image_id": 100 - t, "keypoints": flat(poses[i, t]), "track_id": i + 1}
        for t in reversed(range(T))
        for i in range(2)
    ]
    categories = [{"name": "person", "keypoints": list(get_skeleton("coco17").joints)}]
    content = {"images": images, "annotations": people, "categories": categories}
    path.with_suffix(".json").write_text(json.dumps(content))
    return path.with_suffix(".json")


def write_alphapose(path, poses):
    rows = [
        {"image_id": f"{t}.jpg", "category_id": 1, "keypoints": flat(poses[i, t]), "score": 2.5}
        for t in range(T)
        for i in range(2)
    ]
    path.with_suffix(".json").write_text(json.dumps(rows))
    return path.with_suffix(".json")


def write_alphapose_open(path, poses, people="people", joints="pose_keypoints_2d"):
    images = {
        f"{t}.jpg": {"version": "AlphaPose v0.3", people: [{joints: flat(p)} for p in poses[:, t]]}
        for t in range(T)
    }
    path.with_suffix(".json").write_text(json.dumps(images))
    return path.with_suffix(".json")


def write_alphapose_cmu(path, poses):
    return write_alphapose_open(path, poses, "bodies", "joints")


def write_poseflow(path, poses):
    images = {
        f"{t}.jpg": [{"keypoints": flat(poses[i, t]), "idx": [5, 3][i]} for i in range(2)]
        for t in range(T)
    }
    path.with_suffix(".json").write_text(json.dumps(images))
    return path.with_suffix(".json")


def landmark(point):
    x, y, score = point
    return {"x": x / 640, "y": y / 480, "z": 0.1, "visibility": score}


def write_mediapipe(path, poses):
    frames = [{"pose_landmarks": [[landmark(p) for p in q] for q in poses[:, t]]} for t in range(T)]
    content = {"width": 640, "height": 480, "fps": 25, "frames": frames}
    path.with_suffix(".json").write_text(json.dumps(content))
    return path.with_suffix(".json")


def write_table(path, header, rows):
    with path.with_suffix(".csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path.with_suffix(".csv")


def write_mediapipe_long(path, poses):
    rows = [
        (t, k, x / 640, y / 480, 0.0, score)
        for t, pose in enumerate(poses[0])
        for k, (x, y, score) in enumerate(pose)
    ]
    return write_table(path, ("frame", "landmark", "x", "y", "z", "visibility"), rows)


def write_mediapipe_wide(path, poses):
    header = [f"{c}{k}" for k in range(1, 34) for c in ("x", "y", "z", "v")]
    scale = np.array([640, 480, 1])
    rows = [[v for x, y, s in pose / scale for v in (x, y, 0.5, s)] for pose in poses[0]]
    return write_table(path, header, rows)


def write_csv(path, poses):
    joints = reversed(get_skeleton("penn13").joints)
    header = ["frame", "person", *(f"{j}_{c}" for j in joints for c in ("x", "y", "score"))]
    rows = [
        [t + 1, i, *("" if v == 0 else v for v in poses[i, t, ::-1].ravel())]
        for i in range(2)
        for t in range(T)
    ]
    return write_table(path, header, rows)


def write_npz(path, poses):
    np.savez(path.with_suffix(".npz"), kp=poses[..., :2], conf=poses[..., 2])
    return path.with_suffix(".npz")


def write_npy(path, poses):
    np.save(path.with_suffix(".npy"), poses)
    return path.with_suffix(".npy")


def write_pickle(path, poses):
    annotation = {
        "frame_dir": "clip", "label": 4, "img_shape": SIZE, "total_frames": T,
        "keypoint": poses[..., :2], "keypoint_score": poses[..., 2],
    }  # fmt: skip
    path.with_suffix(".pkl").write_bytes(pickle.dumps([annotation]))
    return path.with_suffix(".pkl")


FORMS = {
    "openpose coco": ("openpose", write_openpose, "openpose18", {}),
    "openpose hands": ("openpose", write_hands, "hands42", {}),
    "openpose 25B": ("openpose", write_openpose, "body25b", {"skeleton": "body25b"}),
    "mmpose video": ("mmpose", write_mmpose, "halpe26", {}),
    "mmpose demo": ("mmpose", write_mmpose_demo, "coco17", {}),
    "mmpose images": ("mmpose", write_mmpose_images, "coco17", {}),
    "alphapose": ("alphapose", write_alphapose, "halpe26", {}),
    "alphapose open": ("alphapose", write_alphapose_open, "openpose18", {}),
    "alphapose cmu": ("alphapose", write_alphapose_cmu, "openpose18", {}),
    "poseflow": ("alphapose", write_poseflow, "coco17", {}),
    "mediapipe": ("mediapipe", write_mediapipe, "mediapipe33", {}),
    "mediapipe long": ("mediapipe", write_mediapipe_long, "mediapipe33", {}),
    "mediapipe wide": ("mediapipe", write_mediapipe_wide, "mediapipe33", {}),
    "csv": ("csv", write_csv, "penn13", {}),
    "npz": ("npz", write_npz, "coco17", {"keypoints_key": "kp", "scores_key": "conf"}),
    "npy": ("npz", write_npy, "h36m17", {"skeleton": "h36m17"}),
    "mmaction": ("mmaction", write_pickle, "coco17", {}),
}


def read(name, src, **options):
    reader = get_format(name)(src, **options)
    report = ConversionReport(PoseIndex(reader.skeleton, ""))
    return reader, [clip for item in reader.items() for clip in reader.read(item, report)], report


@pytest.mark.parametrize("form", FORMS)
def test_a_motion_is_read_back_as_it_was_written(form, tmp_path):
    name, write, skeleton, options = FORMS[form]
    poses = motion(get_skeleton(skeleton).num_joints)
    src = write(tmp_path / "clip", poses)
    reader, (clip,), report = read(name, src, frame_size="640x480", **options)
    assert reader.skeleton == clip.sequence.skeleton == skeleton
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)
    np.testing.assert_allclose(clip.sequence.scores, poses[0, ..., 2], atol=1e-6)
    assert clip.sequence.frame_size == SIZE and clip.id == "clip" and clip.split == "train"
    assert clip.sequence.fps == (25 if form == "mediapipe" else 30)
    assert report.counts["frames"] == T and report.counts["frames without the person"] == 1


@pytest.mark.parametrize("form", [form for form in FORMS if "mediapipe " not in form])
def test_all_people_become_clips_and_one_can_be_named(form, tmp_path):
    name, write, skeleton, options = FORMS[form]
    poses = motion(get_skeleton(skeleton).num_joints)
    src = write(tmp_path / "clip", poses)
    options = options | {"frame_size": "640x480"}
    _, clips, report = read(name, src, person="all", **options)
    found = {float(clip.sequence.keypoints[0, 0, 0]): clip for clip in clips}
    assert sorted(found) == pytest.approx(sorted(poses[:, 0, 0, 0].tolist()), abs=1e-3)
    assert len({clip.id for clip in clips}) == 2 and report.counts["frames"] == 2 * T
    for clip in clips:
        _, (again,), _ = read(name, src, person=f"track:{clip.sequence.track_id}", **options)
        np.testing.assert_array_equal(again.sequence.keypoints, clip.sequence.keypoints)
    second = np.concatenate([clip.sequence.keypoints for clip in clips if "_p" in clip.id])
    assert len(second) == 2 * T


def test_coco_visibilities_become_scores(tmp_path):
    poses = motion(17)
    poses[..., 2] = np.where(poses[..., 2] > 0, 2, 0)
    poses[0, :, 5, 2] = np.minimum(poses[0, :, 5, 2], 1)
    src = write_coco(tmp_path / "clip", poses)
    reader, (clip,), _ = read("coco_keypoints", src, fps=10)
    expected = np.choose(poses[0, ..., 2].astype(int), (0, 0.5, 1))
    np.testing.assert_allclose(clip.sequence.scores, expected)
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)
    assert clip.sequence.frame_size == SIZE and clip.sequence.track_id == 1
    assert reader.skeleton == "coco17"


def test_coco_file_of_several_videos(tmp_path):
    pose = flat(np.concatenate([motion(17)[0, 0, :, :2], np.full((17, 1), 2)], axis=1))
    images = [{"id": i, "file_name": f"{'ab'[i % 2]}/{i}.png"} for i in (11, 9, 2, 10)]
    people = [{"image_id": i, "keypoints": pose} for i in (2, 9)]
    src = tmp_path / "all.json"
    src.write_text(json.dumps({"images": images, "annotations": people}))
    _, clips, report = read("coco_keypoints", src)
    assert [(clip.id, clip.sequence.num_frames) for clip in clips] == [("a", 2), ("b", 2)]
    assert [clip.sequence.scores.any(axis=1).tolist() for clip in clips] == [
        [True, False],  # 2, then 10: not in the order of letters
        [True, False],
    ]
    assert report.counts["clips of unknown frame rate (30 is taken)"] == 2


def test_body25_and_body25b_are_told_apart_and_the_option_wins(tmp_path):
    poses = motion(25)
    poses[:, :, 8, :2] = (poses[:, :, 9, :2] + poses[:, :, 12, :2]) / 2
    src = write_openpose(tmp_path / "clip", poses)
    assert get_format("openpose")(src).skeleton == "body25"
    assert get_format("openpose")(write_openpose(tmp_path / "b", motion(25))).skeleton == "body25b"
    assert get_format("openpose")(src, skeleton="smpl25").skeleton == "smpl25"


def test_single_hands_are_taken_by_openpose_and_mediapipe(tmp_path):
    poses = motion(42)
    src = write_hands(tmp_path / "clip", poses)
    _, clips, _ = read("openpose", src, skeleton="hand21", person="all")
    assert len(clips) == 4 and {clip.sequence.skeleton for clip in clips} == {"hand21"}


@pytest.mark.parametrize("swap", [False, True])
def test_mediapipe_hands_are_put_in_their_places(tmp_path, swap):
    poses = motion(42)[0]
    poses[4] = poses[3]
    left, right = ([[landmark(p) for p in hand] for hand in h] for h in np.split(poses, 2, axis=1))
    sides = [[{"category_name": "Right", "score": 0.9}], [{"category_name": "Left"}]]
    frames = [
        {"hand_landmarks": [b, a], "handedness": sides} for a, b in zip(left, right, strict=True)
    ]
    frames[1] = {"hand_landmarks": [], "handedness": []}
    frames[3] = {"leftHandLandmarks": left[3], "rightHandLandmarks": None}
    (tmp_path / "h.json").write_text(json.dumps(frames))
    reader, (clip,), _ = read(
        "mediapipe", tmp_path / "h.json", frame_size="640x480", swap_hands=swap
    )
    assert reader.skeleton == "hands42"
    expected = np.concatenate(np.split(poses, 2, axis=1)[:: -1 if swap else 1], axis=1)
    keypoints, scores = clip.sequence.keypoints, clip.sequence.scores
    np.testing.assert_allclose(keypoints[0], expected[0, :, :2], atol=1e-3)
    present = slice(21, 42) if swap else slice(0, 21)
    assert scores[[0, 4]].min() == 1 and scores[1].max() == 0
    assert scores[3, present].min() == 1 and scores[3].sum() == 21


@pytest.mark.parametrize(("count", "start"), [(133, 91), (136, 94)])
def test_bodies_and_hands_are_taken_out_of_whole_bodies(tmp_path, count, start):
    poses = motion(count)
    src = write_mmpose(tmp_path / "clip", poses)
    body = {133: "coco17", 136: "halpe26"}[count]
    reader, (clip,), _ = read("mmpose", src)
    number = get_skeleton(body).num_joints
    assert reader.skeleton == body
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, :, :number, :2], atol=1e-3)
    _, (clip,), _ = read("mmpose", src, skeleton="hands42")
    hands = poses[0, :, start : start + 42, :2]
    np.testing.assert_allclose(clip.sequence.keypoints, hands, atol=1e-3)


def test_a_pose_file_is_taken_as_it_is(tmp_path):
    rng = np.random.default_rng(0)
    sequence = PoseSequence(
        rng.uniform(1, 90, (T, 13, 2)), np.full((T, 13), 0.7), (100, 120), 12.5, "penn13",
        labels=np.array([0, 0, 1, 1, 2, 2]), track_id=3, keypoints3d=rng.normal(size=(T, 13, 3)),
    )  # fmt: skip
    write_pose_file(tmp_path / "src/val/squat/one.npz", sequence)
    reader = get_format("npz")(tmp_path / "src")
    report = convert(reader, tmp_path / "out")
    (entry,) = report.index.sequences
    assert (entry.id, entry.split, entry.action) == ("val_squat_one", "val", "squat")
    assert report.index.actions == {"squat": {"phases": ["phase 0", "phase 1", "phase 2"]}}
    copy = read_pose_file(tmp_path / "out" / entry.file)
    np.testing.assert_array_equal(copy.keypoints3d, sequence.keypoints3d.astype(np.float32))
    assert copy.track_id == 3 and copy.fps == 12.5 and copy.labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_csv_of_one_person_with_labels_and_a_missing_frame(tmp_path):
    rows = [(frame, 1.5 * frame, 9, frame // 3) for frame in (5, 3, 2, 6)]
    src = write_table(tmp_path / "a", ("frame", "nose_x", "nose_y", "label"), rows)
    _, (clip,), _ = read("csv", src, skeleton="coco17", action="nod")
    assert clip.sequence.labels.tolist() == [0, 1, 1, 1, 2] and clip.action == "nod"
    assert clip.sequence.keypoints[:, 0, 0].tolist() == [3, 4.5, 0, 7.5, 9]
    assert clip.sequence.scores.sum() == 4


def test_clips_are_sorted_into_splits_and_actions_by_folders(tmp_path):
    for name in ("train/squat/a", "val/squat/b", "lunge/c2", "lunge/c10", "d", "e"):
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        write_alphapose(tmp_path / "src" / name, motion(17))
    _, clips, _ = read("alphapose", tmp_path / "src", val_share=0.5)
    assert [(c.id, c.split, c.action) for c in clips] == [
        ("d", "train", "activity"),
        ("e", "val", "activity"),
        ("lunge/c2", "train", "lunge"),
        ("lunge/c10", "val", "lunge"),
        ("train/squat/a", "train", "squat"),
        ("val/squat/b", "val", "squat"),
    ]
    _, clips, _ = read("alphapose", tmp_path / "src/lunge", split="val", action="x")
    assert {(c.split, c.action) for c in clips} == {("val", "x")}


def test_splits_of_a_pickle_are_chosen_by_their_names(tmp_path):
    annotations = []
    for name in "abc":
        path = write_pickle(tmp_path / name, motion(17))
        annotations += [pickle.loads(path.read_bytes())[0] | {"frame_dir": name}]
        path.unlink()
    splits = {"xsub_train": ["a", "b"], "xsub_val": ["c"], "xset_train": ["c"], "xset_val": ["a"]}
    content = {"split": splits, "annotations": annotations}
    (tmp_path / "n.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(InputError, match="choose them with --protocol PREFIX"):
        get_format("mmaction")(tmp_path / "n.pkl")
    for protocol, expected in {"xsub": "a train b train c val", "xset": "a val c train"}.items():
        _, clips, _ = read("mmaction", tmp_path / "n.pkl", protocol=protocol)
        assert " ".join(f"{clip.id} {clip.split}" for clip in clips) == expected
        assert {clip.action for clip in clips} == {"4"}


def test_frames_without_a_file_are_absent_and_clips_of_one_folder_apart(tmp_path):
    src = write_openpose(tmp_path / "clip", motion(18))
    (src / "a_000000000001_keypoints.json").unlink()
    (src / "b.0003.json").write_text((src / "a_000000000000_keypoints.json").read_text())
    reader, (first, second), _ = read("openpose", src)
    assert [item.name for item in reader.items()] == ["a", "b"]
    assert first.sequence.scores.any(axis=1).tolist() == [True, False, True, True, False, True]
    assert second.sequence.num_frames == 1
