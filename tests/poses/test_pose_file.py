import io
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file


def make(frames=6, **changes):
    rng = np.random.default_rng(0)
    content = {
        "keypoints": rng.uniform(1, 100, (frames, 13, 2)).astype(np.float32),
        "scores": rng.uniform(0.1, 1, (frames, 13)).astype(np.float32),
        "frame_size": (270, 480),
        "fps": 20.0,
        "skeleton": "penn13",
        "labels": np.arange(frames) // 3,
        "track_id": 4,
    }
    return content | changes


def save(path, **changes):
    content = {key: value for key, value in make(**changes).items() if value is not None}
    np.savez(path, **content)
    return path


def test_a_sequence_survives_the_file_unchanged(tmp_path):
    written = PoseSequence(**make())
    write_pose_file(tmp_path / "a.npz", written)
    read = read_pose_file(tmp_path / "a.npz")
    np.testing.assert_array_equal(read.keypoints, written.keypoints)
    np.testing.assert_array_equal(read.scores, written.scores)
    np.testing.assert_array_equal(read.labels, written.labels)
    assert (read.frame_size, read.fps, read.skeleton) == ((270, 480), 20.0, "penn13")
    assert read.track_id == 4 and read.num_frames == 6
    assert (read.keypoints.dtype, read.scores.dtype) == (np.float32, np.float32)
    assert read.labels.dtype == np.int64
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


def test_labels_and_track_are_optional(tmp_path):
    write_pose_file(tmp_path / "a.npz", PoseSequence(**make(labels=None, track_id=None)))
    read = read_pose_file(tmp_path / "a.npz")
    assert read.labels is None and read.track_id is None


def test_the_file_holds_no_pickle(tmp_path):
    write_pose_file(tmp_path / "a.npz", PoseSequence(**make()))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype.kind in "fiuU" for name in archive.files)


def test_coordinates_of_absent_joints_become_zero_without_touching_the_input(tmp_path):
    content = make()
    content["keypoints"][2, 3] = np.nan
    content["keypoints"][2, 4] = 77
    content["scores"][2, 3:5] = 0
    sequence = PoseSequence(**content).validate("x")
    assert (sequence.keypoints[2, 3:5] == 0).all()
    assert np.isnan(content["keypoints"][2, 3]).all() and (content["keypoints"][2, 4] == 77).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float16, np.float64])
def test_coordinates_of_any_number_type_become_float32(tmp_path, dtype):
    path = save(tmp_path / "a.npz", keypoints=np.full((6, 13, 2), 7, dtype))
    assert read_pose_file(path).keypoints.dtype == np.float32


def with_nan(name):
    array = make()[name].copy()
    array[2, 3] = np.nan
    return array


BAD = {
    "NaN coordinate": ({"keypoints": with_nan("keypoints")}, "frame 2 is NaN"),
    "infinite in float32": ({"keypoints": np.full((6, 13, 2), 1e300)}, "frame 0 is NaN or inf"),
    "NaN score": ({"scores": with_nan("scores")}, r"outside \[0, 1\]"),
    "score above 1": ({"scores": np.full((6, 13), 1.5)}, r"outside \[0, 1\]"),
    "negative score": ({"scores": np.full((6, 13), -0.1)}, r"outside \[0, 1\]"),
    "wrong joints": (
        {"keypoints": np.ones((6, 17, 2)), "scores": np.ones((6, 17))},
        "17 joints, expected 13 of skeleton 'penn13'",
    ),
    "zero frames": (
        {"keypoints": np.ones((0, 13, 2)), "scores": np.ones((0, 13)), "labels": None},
        "zero frames",
    ),
    "nothing visible": ({"scores": np.zeros((6, 13))}, "no joint is visible"),
    "long labels": ({"labels": np.zeros(7, int)}, r"labels have shape \(7,\), expected \(6,\)"),
    "float labels": ({"labels": np.zeros(6)}, "labels are of type float64"),
    "negative label": ({"labels": np.full(6, -1)}, "a label is -1"),
    "3D": ({"keypoints": np.ones((6, 13, 3))}, r"\(6, 13, 3\)"),
    "scores of another shape": ({"scores": np.ones((6, 12))}, r"scores have shape \(6, 12\)"),
    "text": ({"keypoints": np.full((6, 13, 2), "a")}, "type <U1"),
    "complex": ({"keypoints": np.ones((6, 13, 2), complex)}, "complex"),
    "frame size": ({"frame_size": (0, 5)}, "frame_size"),
    "frame size NaN": ({"frame_size": (np.nan, 5)}, "frame_size"),
    "fps": ({"fps": 0.0}, "fps is 0.0"),
    "fps list": ({"fps": [20.0, 30.0]}, "fps is"),
    "skeleton": ({"skeleton": "penn14"}, "unknown skeleton 'penn14'"),
    "skeleton number": ({"skeleton": 13}, "skeleton is of type int64"),
    "track": ({"track_id": 1.5}, "track_id is 1.5"),
    "missing key": ({"scores": None}, "lacks scores"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_give_one_line_that_says_what_and_where(tmp_path, case):
    changes, message = BAD[case]
    path = save(tmp_path / "clip.npz", **changes)
    with pytest.raises(InputError, match=message) as caught:
        read_pose_file(path)
    assert "\n" not in str(caught.value)
    assert "clip.npz" in str(caught.value)


def test_a_bad_sequence_is_not_written(tmp_path):
    with pytest.raises(InputError):
        write_pose_file(tmp_path / "a.npz", PoseSequence(**make(labels=np.zeros(3, int))))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such pose file"):
        read_pose_file(tmp_path / "none.npz")


def test_a_folder_an_npy_and_text_are_no_pose_files(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(3))
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "empty.npz").touch()
    for name in ("a.npy", "a.txt", "empty.npz", ""):
        with pytest.raises(InputError):
            read_pose_file(tmp_path / name)


class Bomb:
    def __reduce__(self):
        return exec, ("import pathlib; pathlib.Path('executed').touch()",)


def test_pickled_objects_are_refused_and_nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save("a.npz", keypoints=np.array([Bomb()], dtype=object))
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Bomb()))
    for name in ("a.npz", "b.npz"):
        with pytest.raises(InputError, match="not a readable pose file"):
            read_pose_file(name)
    assert not (tmp_path / "executed").exists()


def whole_file():
    stream = io.BytesIO()
    np.savez_compressed(stream, **make())
    return stream.getvalue()


WHOLE = whole_file()
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read_or_refuse(path):
    try:
        sequence = read_pose_file(path)
    except InputError as error:
        assert "\n" not in str(error)
        return
    sequence.validate("again")
    assert np.isfinite(sequence.keypoints).all() and (sequence.scores > 0).any()


@FUZZ
@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_truncated_file_is_refused(tmp_path, length):
    (tmp_path / "cut.npz").write_bytes(WHOLE[:length])
    with pytest.raises(InputError, match="cut.npz: not a readable pose file"):
        read_pose_file(tmp_path / "cut.npz")


@FUZZ
@given(places=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), min_size=1))
def test_flipped_bits_are_refused_or_harmless(tmp_path, places):
    content = bytearray(WHOLE)
    for place, change in places:
        content[place] ^= change
    (tmp_path / "flipped.npz").write_bytes(content)
    read_or_refuse(tmp_path / "flipped.npz")


ARRAYS = hnp.arrays(
    dtype=hnp.scalar_dtypes(),
    shape=st.one_of(
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        st.tuples(st.integers(0, 3), st.just(13), st.just(2)),
        st.tuples(st.integers(0, 3), st.just(13)),
    ),
)


@FUZZ
@given(
    changes=st.dictionaries(
        st.sampled_from(["keypoints", "scores", "frame_size", "fps", "labels", "track_id"]),
        ARRAYS,
        min_size=1,
    )
)
def test_arrays_of_any_shape_and_type_are_refused_or_valid(tmp_path, changes):
    save(tmp_path / "odd.npz", **changes)
    read_or_refuse(tmp_path / "odd.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fps": 1e-9}, "fps is 1e-09, expected one number from 0.001 to 1e.06; correct"),
        ({"fps": 1e7}, "fps is 10000000.0"),
        ({"frame_size": (270, 10**7)}, "frame_size"),
        ({"keypoints": np.full((6, 13, 2), -2e6)}, "at 2e.06 pixels, expected at most 1e.06"),
    ],
)
def test_numbers_that_nobody_means_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        PoseSequence(**make(**changes)).validate("x")


def test_an_absent_joint_may_have_been_anywhere():
    content = make()
    content["keypoints"][2, 3] = 1e9
    content["scores"][2, 3] = 0
    assert (PoseSequence(**content).validate("x").keypoints[2, 3] == 0).all()
