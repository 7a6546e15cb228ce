"""Files from strangers: whatever is in them, the only error that comes out is InputError."""

import copy
import json
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.base import ConversionReport
from mmalign.formats.catalogue import get_format
from mmalign.formats.convert import convert
from mmalign.poses.pose_index import PoseIndex

rng = np.random.default_rng(0)
T = 3
BODY = np.concatenate([rng.uniform(10, 200, (T, 17, 2)), rng.uniform(0, 1, (T, 17, 1))], -1).round(
    2
)
HAND = rng.uniform(0, 1, (T, 21, 2)).round(3)
FLAT = [pose.ravel().tolist() for pose in BODY]
IMAGES = [{"id": t, "file_name": f"{t}.jpg", "width": 640, "height": 480} for t in range(T)]
HANDS = [
    {"hand_landmarks": [[{"x": x, "y": y} for x, y in hand]], "handedness": [[{"label": "Left"}]]}
    for hand in HAND.tolist()
]
GOOD = {
    "openpose": {"people": [{"person_id": [-1], "pose_keypoints_2d": FLAT[0][:51] + [1, 1, 1]}]},
    "mmpose": [
        {"frame_id": t, "instances": [
            {"keypoints": p[:, :2].tolist(), "keypoint_scores": FLAT[t][2::3]}
        ]}
        for t, p in enumerate(BODY)
    ],
    "alphapose": [{"image_id": f"{t}.jpg", "keypoints": FLAT[t], "idx": 1} for t in range(T)],
    "coco_keypoints": {
        "images": IMAGES,
        "annotations": [{"image_id": t, "keypoints": FLAT[t], "track_id": 1} for t in range(T)],
        "categories": [{"keypoints": None}],
    },
    "mediapipe": {"frames": HANDS, "width": 640, "height": 480, "fps": 30},
}  # fmt: skip
JUNK = st.sampled_from(
    [None, True, -1, 0, 2, 1e308, -1e308, float("nan"), float("inf"), 10**400, 2**63, "", "Left",
     "7", "NaN", [], {}, [[]], [None], [1, 2, 3], [{"x": 1}], {"people": 3}, "1.jpg"]
)  # fmt: skip


def nodes(value, place=()):
    """Places of everything inside a nested value."""
    yield place
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items if isinstance(value, (dict, list)) else ():
        if isinstance(item, (dict, list)):
            yield from nodes(item, (*place, key))
        else:
            yield (*place, key)


def mutate(value, place, junk, how):
    """Replace, drop or double what is at a place."""
    if not place:
        return junk
    value = copy.deepcopy(value)
    inner = value
    for key in place[:-1]:
        inner = inner[key]
    if how == "replace":
        inner[place[-1]] = junk
    elif how == "drop":
        del inner[place[-1]]
    elif isinstance(inner, list):
        inner.insert(place[-1], copy.deepcopy(inner[place[-1]]))
    else:
        inner["other"] = inner.pop(place[-1])
    return value


def attempt(name, src, out, **options):
    """Convert a source; NumPy may not even warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            convert(get_format(name)(src, **options), out)
        except InputError as error:
            assert "\n" not in str(error) and len(str(error)) < 1000
            return str(error)
    return None


def put(name, folder, content):
    text = content if isinstance(content, str) else json.dumps(content)
    path = folder / ("a_001.json" if name == "openpose" else "a.json")
    path.write_text(text)
    return folder if name == "openpose" else path


@pytest.mark.parametrize("name", GOOD)
def test_what_is_broken_below_is_whole(name, tmp_path):
    assert attempt(name, put(name, tmp_path, GOOD[name]), tmp_path / "out") is None


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_json(name, tmp_path_factory, data):
    content = GOOD[name]
    # Shallow places are few and matter most: take them as often as the numbers.
    places = sorted(nodes(content), key=len)
    shallow = [place for place in places if len(place) < 5]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(shallow) | st.sampled_from(places))
        how = data.draw(st.sampled_from(["replace", "replace", "drop", "double"]))
        try:
            content = mutate(content, place, data.draw(JUNK), how)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier change took that place away
    folder = tmp_path_factory.mktemp("f")
    person = data.draw(st.sampled_from(["largest", "score", "center", "track:1", "all"]))
    attempt(name, put(name, folder, content), folder / "out", person=person)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    "text", ["", "[", "null", "[]", "{}", "3", '"a"', "[[[[", "\x00\xff", "[" * 9999]
)
def test_no_json_or_none_of_that_form(name, text, tmp_path):
    message = attempt(name, put(name, tmp_path, text), tmp_path / "out")
    assert message is not None and str(tmp_path) in message


@pytest.mark.parametrize("name", GOOD)
def test_truncated_json(name, tmp_path):
    text = json.dumps(GOOD[name])
    for end in np.linspace(1, len(text) - 1, 5).astype(int):
        assert "no readable JSON" in attempt(
            name, put(name, tmp_path, text[:end]), tmp_path / "out"
        )


CELLS = st.sampled_from(["", "1", "-3", "2.5", "nan", "inf", "1e300", "x", "1e400", " 4 ", "\x00"])
HEADERS = st.sampled_from(
    ["frame", "person", "label", "nose_x", "nose_y", "nose_score", "landmark", "x", "y",
     "visibility", "x0", "y0", "v0", "x1", "y1", "", "tail_x"]
)  # fmt: skip


@pytest.mark.parametrize("name", ["csv", "mediapipe"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(header=st.lists(HEADERS, min_size=1, max_size=6), data=st.data())
def test_any_csv(name, tmp_path_factory, header, data):
    width = st.just(len(header)) | st.integers(0, 8)
    rows = data.draw(
        st.lists(width.flatmap(lambda n: st.lists(CELLS, min_size=n, max_size=n)), max_size=5)
    )
    folder = tmp_path_factory.mktemp("f")
    path = folder / "a.csv"
    path.write_text("\n".join(",".join(row) for row in [header, *rows]))
    attempt(name, path, folder / "out", skeleton="coco17", frame_size="640x480")


ARRAYS = st.sampled_from(
    [
        *(BODY, BODY[None], BODY[..., :2], BODY[..., 2], BODY[:0], BODY[:, :0], BODY.T, BODY > 1),
        *(BODY * np.nan, BODY * 1e300, -BODY, BODY.astype("f2"), BODY.astype(int)),
        *(BODY.astype(str), BODY.astype(complex), np.zeros((0, T, 17, 2)), np.float64(3)),
        *(np.array([480, 640]), np.array([-1, 2**62]), np.array("coco17"), np.array("coco18")),
        *(np.ones(3), np.arange(3), np.array([0, 1, 2**60])),
    ]
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arrays(tmp_path_factory, data):
    names = ["keypoints", "scores", "labels", "fps", "frame_size", "skeleton"]
    arrays = data.draw(st.dictionaries(st.sampled_from(names), ARRAYS, max_size=6))
    folder = tmp_path_factory.mktemp("f")
    np.savez(
        folder / "a.npz", **(({"keypoints": BODY} if data.draw(st.booleans()) else {}) | arrays)
    )
    attempt("npz", folder / "a.npz", folder / "out")
    annotation = {
        "frame_dir": "a",
        "label": 1,
        "img_shape": (480, 640),
        "keypoint": BODY[None, ..., :2],
    }
    keys = {"keypoints": "keypoint", "scores": "keypoint_score", "frame_size": "img_shape"}
    annotation |= {keys.get(name, name): array for name, array in arrays.items()}
    (folder / "a.pkl").write_bytes(pickle.dumps([annotation]))
    attempt("mmaction", folder / "a.pkl", folder / "out2")


def test_pickled_arrays_and_code_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", keypoints=np.array([{"a": 1}], dtype=object))
    assert "without pickled objects" in attempt("npz", tmp_path / "a.npz", tmp_path / "out")

    class Malicious:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    (tmp_path / "a.pkl").write_bytes(pickle.dumps([{"frame_dir": Malicious()}]))
    message = attempt("mmaction", tmp_path / "a.pkl", tmp_path / "out")
    assert "refused to unpickle" in message and ".open" in message
    assert not (tmp_path / "executed").exists()


OPTIONS = {
    "fps": (0, "--fps 0"),
    "frame_size": ("640", "--frame-size '640'"),
    "split": ("test", "--split 'test'"),
    "val_share": (1.5, "--val-share 1.5"),
    "max_gap": (-1, "--max-gap -1"),
    "person": ("me", "--person 'me'"),
    "skeleton": ("ape", "unknown skeleton 'ape'"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_bad_options(option, tmp_path):
    value, message = OPTIONS[option]
    path = put("mmpose", tmp_path, GOOD["mmpose"])
    assert message in attempt("mmpose", path, tmp_path / "out", **{option: value})


def test_errors_say_what_to_do(tmp_path):
    out = tmp_path / "out"
    missing = attempt("alphapose", tmp_path / "none", out)
    assert "does not exist" in missing
    assert "has no .csv" in attempt("csv", tmp_path, out)
    path = put("mediapipe", tmp_path, [HANDS[0]])
    assert "--frame-size" in attempt("mediapipe", path, out)
    path = put("alphapose", tmp_path, [{"image_id": "1.jpg", "keypoints": [0.5, 0.5, 1] * 17}])
    assert "shares of the frame" in attempt("alphapose", path, out)
    path = put("alphapose", tmp_path, [{"image_id": "1.jpg", "keypoints": [5, 5, 1] * 16}])
    assert "no skeleton with these 16 joints" in attempt("alphapose", path, out)
    numbers = [{"image_id": f"{n}.jpg", "keypoints": FLAT[0]} for n in (1, 10**9)]
    assert "number them anew" in attempt("alphapose", put("alphapose", tmp_path, numbers), out)
    content = GOOD["coco_keypoints"] | {"categories": [{"keypoints": ["beak", "tail"]}]}
    message = attempt("coco_keypoints", put("coco_keypoints", tmp_path, content), out)
    assert "(beak, tail)" in message and "--skeleton" in message


def test_a_clip_of_another_skeleton_is_an_error_of_its_own(tmp_path):
    for name, count in (("a", 17), ("b", 26)):
        rows = [{"image_id": "0.jpg", "keypoints": [5, 7, 1] * count}]
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    reader = get_format("alphapose")(tmp_path)
    assert reader.skeleton == "coco17"
    report = convert(reader, tmp_path / "out", on_error="skip")
    assert list(report.skipped) == ["b"] and "26 joints" in report.skipped["b"]
    clip = next(reader.read(reader.items()[0], ConversionReport(PoseIndex("coco17", ""))))
    assert clip.sequence.num_frames == 1
