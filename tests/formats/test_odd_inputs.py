"""Shared identities, odd arrays, spellings of JSON, and forms of pickles, from generators."""

import codecs
import json
import pickle

import numpy as np
import pytest

from mmalign.errors import InputError
from mmalign.formats.catalogue import get_format
from tests.formats.test_detector_formats import (
    SIZE,
    T,
    flat,
    instances,
    motion,
    read,
    write_alphapose,
    write_coco,
    write_mediapipe,
    write_mmpose,
    write_openpose,
    write_pickle,
    write_poseflow,
)

SHARED = "images with one id for several people (they are tracked instead)"


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


def same_ids(kind, path, poses):
    """A file in which all people of an image have one id."""
    if kind == "coco_keypoints":
        return edit(
            write_coco(path, poses), lambda c: [a.update(track_id=4) for a in c["annotations"]]
        )
    if kind == "alphapose":
        return edit(write_alphapose(path, poses), lambda c: [p.update(idx=[0.0]) for p in c])
    if kind == "poseflow":
        change = lambda c: [p.update(idx=1) for people in c.values() for p in people]  # noqa: E731
        return edit(write_poseflow(path, poses), change)
    folder = write_openpose(path, poses)
    for file in folder.iterdir():
        edit(file, lambda c: [p.update(person_id=[0]) for p in c["people"]])
    return folder


@pytest.mark.parametrize("kind", ["coco_keypoints", "alphapose", "poseflow", "openpose"])
def test_an_id_of_several_people_is_none(kind, tmp_path):
    poses = motion(18 if kind == "openpose" else 17)
    poses[0, 1::2, :, 2] *= 0.5  # Whose score is larger changes from frame to frame.
    src = same_ids(kind, tmp_path / "clip", poses)
    name = "alphapose" if kind == "poseflow" else kind
    _, (clip,), report = read(name, src)
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)
    assert report.counts[SHARED] == T - 1  # The first person is absent in one frame.


def test_an_id_of_one_person_at_a_time_is_kept(tmp_path):
    src = write_poseflow(tmp_path / "clip", motion(17))
    _, (clip,), report = read("alphapose", src)
    assert clip.sequence.track_id == 5 and SHARED not in report.counts


@pytest.mark.parametrize("shape", ["T1", "T11", "MT", "TM"])
@pytest.mark.parametrize("order", ["xy", "yx"])
@pytest.mark.parametrize("shares", [False, True])
def test_arrays_of_every_order(shape, order, shares, tmp_path):
    poses = motion(17)
    kept = poses if shape in ("MT", "TM") else poses[:1]
    array = kept / [640, 480, 1] if shares else kept
    array = array[..., [1, 0, 2]] if order == "yx" else array
    array = array if shape == "MT" else array.swapaxes(0, 1)
    np.save(tmp_path / "a.npy", array[:, None] if shape == "T11" else array)
    _, (clip,), report = read("npz", tmp_path / "a.npy", order=order, frame_size="640x480")
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)
    assert shares == any("shares of the frame" in note for note in report.notes)
    if shares:
        with pytest.raises(InputError, match="--frame-size WxH"):
            get_format("npz")(tmp_path / "a.npy", order=order).recording(
                get_format("npz")(tmp_path / "a.npy", skeleton="coco17").items()[0]
            )


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_a_third_coordinate_is_no_score(scale, tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "a.npy", rng.normal(0, 0.4, (8, 33, 3)) * scale)
    rows = [
        {"image_id": f"{t}.jpg", "keypoints": flat(pose[:17] * 100)}
        for t, pose in enumerate(np.load(tmp_path / "a.npy"))
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    for name, file in (("npz", "a.npy"), ("alphapose", "a.json")):
        with pytest.raises(InputError, match="scores reach from -.*3D poses"):
            get_format(name)(tmp_path / file)


@pytest.mark.parametrize("absent", [0.0, -1.0, np.nan])
def test_scores_a_little_beyond_one_and_of_absent_joints_are_scores(absent, tmp_path):
    poses = motion(17)[0]
    poses[..., 2] = np.where(poses[..., 2] > 0, poses[..., 2] * 1.3, absent)
    np.save(tmp_path / "a.npy", poses)
    _, (clip,), _ = read("npz", tmp_path / "a.npy")
    expected = np.nan_to_num(poses[..., 2]).clip(0, 1)
    np.testing.assert_allclose(clip.sequence.scores, expected, atol=1e-6)


MARKS = {
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize(
    ("name", "write"),
    [("alphapose", write_alphapose), ("mmpose", write_mmpose), ("coco_keypoints", write_coco),
     ("mediapipe", write_mediapipe), ("openpose", write_openpose)],
)  # fmt: skip
def test_json_of_any_encoding(name, write, encoding, tmp_path):
    joints = {"mediapipe": 33, "openpose": 18}.get(name, 17)
    src = write(tmp_path / "clip", motion(joints))
    for file in src.iterdir() if src.is_dir() else [src]:
        text = file.read_text().encode(encoding.removesuffix("-sig"))
        file.write_bytes(MARKS[encoding] + text)
    _, (clip,), _ = read(name, src)
    assert clip.sequence.num_frames == T


@pytest.mark.parametrize("empty", [{0}, {0, 1, 2}, {0, 5}, {5}])
def test_images_without_people_may_be_anywhere(empty, tmp_path):
    poses = motion(17)
    (tmp_path / "clip").mkdir()
    for t in range(T):
        people = [] if t in empty else instances(poses, t)
        (tmp_path / f"clip/img_{t}.json").write_text(json.dumps(people))
    _, (clip,), _ = read("mmpose", tmp_path / "clip")
    found = clip.sequence.scores.any(axis=1)
    assert [t for t in range(T) if not found[t]] == sorted(empty | {4})


def test_predictions_without_scores(tmp_path):
    poses = motion(17)
    poses[..., 2] = poses[..., 2] > 0

    def drop(frames):
        for frame in frames:
            for person in frame["instances"]:
                del person["keypoint_scores"]

    _, (clip,), _ = read("mmpose", edit(write_mmpose(tmp_path / "clip", poses), drop))
    np.testing.assert_allclose(clip.sequence.scores, poses[0, ..., 2])


@pytest.mark.parametrize("form", ["pairs", "two numbers", "zeros"])
def test_coco_without_visibilities(form, tmp_path):
    poses = motion(17)
    poses[..., 2] = poses[..., 2] > 0

    def change(content):
        for person in content["annotations"]:
            pose = np.array(person["keypoints"]).reshape(-1, 3)
            pose[:, 2] = 0
            points = pose[:, :2].tolist() if form == "pairs" else flat(pose[:, :2])
            person["keypoints"] = flat(pose) if form == "zeros" else points

    _, (clip,), _ = read("coco_keypoints", edit(write_coco(tmp_path / "clip", poses), change))
    np.testing.assert_allclose(clip.sequence.scores, poses[0, ..., 2])
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)


@pytest.mark.parametrize("side", ["images", "annotations"])
def test_coco_ids_as_text(side, tmp_path):
    key = {"images": "id", "annotations": "image_id"}[side]
    change = lambda c: [item.update({key: str(item[key])}) for item in c[side]]  # noqa: E731
    src = edit(write_coco(tmp_path / "clip", motion(17)), change)
    _, (clip,), _ = read("coco_keypoints", src)
    assert clip.sequence.scores.any(axis=1).sum() == T - 1
    edit(src, lambda c: [a.update(image_id=f"x{a['image_id']}") for a in c["annotations"]])
    with pytest.raises(InputError, match="no annotation is of an image"):
        read("coco_keypoints", src)


@pytest.mark.parametrize("first", [True, False])
def test_coco_categories_and_masks(first, tmp_path):
    ball = {"id": 7, "name": "ball", "keypoints": ["centre"]}

    def change(content):
        content["categories"][0]["id"] = 3
        content["categories"].insert(0 if first else 1, ball)
        for person in content["annotations"]:
            person |= {"category_id": 3, "iscrowd": 0}
            person["segmentation"] = {"size": [480, 640], "counts": "PPYo0"}
        crowd = {"image_id": 100, "iscrowd": 1, "category_id": 3, "keypoints": [0] * 51}
        crowd["segmentation"] = {"size": [480, 640], "counts": [307200]}
        content["annotations"] += [crowd, {"image_id": 100, "category_id": 3}]
        content["annotations"] += [{"image_id": 100, "category_id": 7, "keypoints": [9, 9, 2]}]

    poses = motion(17)
    reader, (clip,), report = read(
        "coco_keypoints", edit(write_coco(tmp_path / "clip", poses), change)
    )
    assert reader.skeleton == "coco17"
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)
    assert report.notes == ["annotations of ball were not used"]


def annotations_of(tmp_path, names):
    content = pickle.loads(write_pickle(tmp_path / "one", motion(17)).read_bytes())
    (tmp_path / "one.pkl").unlink()
    return [{**content[0], "frame_dir": name} for name in names]


def save(path, content):
    path.write_bytes(pickle.dumps(content))
    return path


def test_a_pickle_of_one_annotation(tmp_path):
    src = save(tmp_path / "a.pkl", annotations_of(tmp_path, ["vid"])[0])
    _, (clip,), _ = read("mmaction", src)
    assert clip.id == "vid"
    np.testing.assert_allclose(clip.sequence.keypoints, motion(17)[0, ..., :2], atol=1e-3)


SPLITS = {"train": ["a"], "val": ["b"], "test": ["c"]}


@pytest.mark.parametrize(
    ("splits", "options", "expected"),
    [
        (SPLITS, {}, "a train b val"),
        ({"train": ["a"], "test": ["c"]}, {}, "a train c val"),
        (SPLITS, {"val_split": ["test"]}, "a train c val"),
        (SPLITS, {"train_split": ["train", "val"]}, "a train b train c val"),
        (SPLITS, {"train_split": ["train", "val"], "val_split": ["test"]}, "a train b train c val"),
        ({"xsub_train": ["a"], "xsub_val": ["b"], "xset_train": ["b"], "xset_val": ["c"]},
         {"protocol": "xset"}, "b train c val"),
    ],
)  # fmt: skip
def test_splits_of_pickles(splits, options, expected, tmp_path):
    content = {"split": splits, "annotations": annotations_of(tmp_path, "abc")}
    src = save(tmp_path / "a.pkl", content)
    _, clips, report = read("mmaction", src, **options)
    assert " ".join(f"{clip.id} {clip.split}" for clip in clips) == expected
    named = {name for name in splits if f"{name}" in " ".join(report.notes)}
    assert bool(named) == any("splits that were not used" in note for note in report.notes)
    with pytest.raises(InputError, match="has no split 'nope'"):
        read("mmaction", src, val_split=["nope"])


@pytest.mark.parametrize("scored", [True, False])
def test_pickles_of_kinetics(scored, tmp_path):
    poses = motion(17)
    rows = [(t, poses[i, t]) for t in range(T) for i in ((1, 0) if t % 2 else (0, 1))]
    frames = np.array([t for t, pose in rows if pose.any()])
    found = np.stack([pose for _, pose in rows if pose.any()])
    annotation = {"frame_dir": "k", "label": 1, "img_shape": SIZE, "total_frames": T}
    annotation |= {"frame_inds": frames, "keypoint": found if scored else found[..., :2]}
    _, (clip,), _ = read("mmaction", save(tmp_path / "k.pkl", [annotation]))
    np.testing.assert_allclose(clip.sequence.keypoints, poses[0, ..., :2], atol=1e-3)
    scores = poses[0, ..., 2] if scored else poses[0, ..., 2] > 0
    np.testing.assert_allclose(clip.sequence.scores, scores, atol=1e-6)
    bad = {**annotation, "frame_inds": frames + T}
    with pytest.raises(InputError, match=f"frame_inds reach {2 * T - 1}, expected 0 to {T - 1}"):
        read("mmaction", save(tmp_path / "k.pkl", [bad]))
    del annotation["keypoint"], annotation["frame_inds"]
    with pytest.raises(InputError, match="raw_file.*pickles of the single videos"):
        read("mmaction", save(tmp_path / "k.pkl", [{**annotation, "raw_file": "/x/k.pkl"}]))


def test_json_that_is_deeper_than_any_format(tmp_path):
    src = tmp_path / "a.json"
    src.write_text("[" * 900 + "]" * 900)
    for name in ("alphapose", "mmpose", "coco_keypoints", "mediapipe"):
        with pytest.raises(InputError, match="lists within lists"):
            get_format(name)(src)


@pytest.mark.parametrize("key", ["frame", "frame_id", "frameNumber"])
def test_mediapipe_frames_that_are_numbered(key, tmp_path):
    poses = motion(33)

    def change(content):
        for t, frame in enumerate(content["frames"]):
            frame[key] = t + 30
        content["frames"] = [content["frames"][t] for t in (0, 2, 1, 5)]

    _, (clip,), _ = read("mediapipe", edit(write_mediapipe(tmp_path / "clip", poses), change))
    found = clip.sequence.scores.any(axis=1)
    assert np.flatnonzero(found).tolist() == [30, 31, 32, 35]
    np.testing.assert_allclose(clip.sequence.keypoints[31], poses[0, 1, :, :2], atol=1e-3)


def test_late_people_of_cameras_stay_late(tmp_path):
    poses = motion(17)
    rows = json.loads(write_alphapose(tmp_path / "a", poses).read_text())
    late = [{**row, "image_id": f"{int(row['image_id'][:-4]) + 30}.jpg"} for row in rows]
    (tmp_path / "b.json").write_text(json.dumps(late))
    _, (a, b), report = read("alphapose", tmp_path)
    assert b.sequence.num_frames == a.sequence.num_frames + 30
    np.testing.assert_allclose(b.sequence.keypoints[30:], a.sequence.keypoints)
    assert not b.sequence.scores[:30].any()
    assert [n for name, n in report.counts.items() if "--first-frame N" in name] == [30]
    _, (cut,), _ = read("alphapose", tmp_path / "b.json", first_frame=30)
    np.testing.assert_allclose(cut.sequence.keypoints, a.sequence.keypoints)
    with pytest.raises(InputError, match="none before 31"):
        read("alphapose", tmp_path / "b.json", first_frame=31)
