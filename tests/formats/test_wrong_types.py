"""Values of another type anywhere in a file: read, or one line that says so."""

import copy
import json
import pickle

import numpy as np
import pytest

from mmalign.errors import InputError
from tests.formats.test_detector_formats import (
    motion,
    read,
    write_alphapose,
    write_alphapose_open,
    write_coco,
    write_mediapipe,
    write_mmpose,
    write_mmpose_demo,
    write_pickle,
    write_poseflow,
)
from tests.formats.test_more_formats import results

ODD = [[], {}, "x", None, [[1, 2], [3]], {"x": [1]}, -1, 1e308, 2**70, True, "\udcff", [["a"]] * 3]


def places(content, path=()):
    """The way to every value in nested lists and dicts, of each list the first two alone."""
    yield path
    items = content.items() if isinstance(content, dict) else ()
    items = list(enumerate(content))[:2] if isinstance(content, list) else items
    for key, value in items:
        yield from places(value, (*path, key))


def changed(content, path, value):
    if not path:
        return value
    content = copy.deepcopy(content)
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return content


WRITERS = {
    "alphapose": write_alphapose, "alphapose open": write_alphapose_open,
    "alphapose flow": write_poseflow, "coco_keypoints": write_coco, "mmpose": write_mmpose,
    "mmpose demo": write_mmpose_demo, "mediapipe": write_mediapipe,
}  # fmt: skip


def attempt(name, path, **options):
    try:
        read(name, path, frame_size="640x480", **options)
    except InputError as error:
        assert len(str(error)) < 700 and "\n" not in str(error)


@pytest.mark.parametrize("form", [*WRITERS, "ultralytics"])
def test_json(form, tmp_path):
    name = form.split()[0]
    poses = motion({"mediapipe": 33, "alphapose open": 18}.get(form, 17))[:, :3]
    if form == "ultralytics":
        src, content = tmp_path / "a.json", [results(poses, t) for t in range(3)]
    else:
        src = WRITERS[form](tmp_path / "a", motion(poses.shape[2]))
        content = json.loads(src.read_text())
    rng = np.random.default_rng(0)
    ways = list(places(content))
    for index in rng.permutation(len(ways))[:20]:
        value = ODD[int(rng.integers(len(ODD)))]
        src.write_text(json.dumps(changed(content, ways[index], value)))
        attempt(name, src)


def test_pickles(tmp_path):
    src = write_pickle(tmp_path / "a", motion(17))
    one = pickle.loads(src.read_bytes())[0]
    rng = np.random.default_rng(0)
    odd = [*ODD, np.zeros(3), np.zeros((0, 2)), np.array(["a"]), np.float64(2.5), np.array(5)]
    for content in (one, {"split": {"train": ["clip"]}, "annotations": [one]}, [one]):
        ways = list(places(content))
        for _ in range(20):
            way = ways[int(rng.integers(len(ways)))]
            src.write_bytes(pickle.dumps(changed(content, way, odd[int(rng.integers(len(odd)))])))
            attempt("mmaction", src)


@pytest.mark.parametrize("key", ["keypoints", "scores", "fps", "frame_size", "labels", "skeleton"])
def test_arrays(key, tmp_path):
    poses = motion(17)[0]
    good = {"keypoints": poses[..., :2], "scores": poses[..., 2], "fps": 25.0}
    odd = [np.zeros(3), np.zeros((2, 2, 2, 2, 2, 2)), np.array(["a", "b"]), np.array(True)]
    odd += [np.array([np.inf]), np.full(len(poses), 1e300), np.zeros((6, 17, 0)), np.array(3 + 2j)]
    for value in odd:
        np.savez(tmp_path / "a.npz", **{**good, key: value})
        attempt("npz", tmp_path / "a.npz")
