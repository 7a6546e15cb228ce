import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmalign.errors import InputError
from mmalign.poses.npz_archive import read_npz
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file

arrays = st.dictionaries(
    st.text("abcdefgh_", min_size=1, max_size=8),
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.dtype("U6")]),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=5),
    ),
    max_size=5,
)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_it_gives_what_numpy_gives(tmp_path_factory, save):
    path = tmp_path_factory.mktemp("npz") / "file.npz"

    @settings(max_examples=40, deadline=None)
    @given(arrays)
    def check(content):
        save(path, **content)
        found = read_npz(path)
        assert found.keys() == content.keys()
        for name, array in content.items():
            np.testing.assert_array_equal(found[name], array)
            assert found[name].dtype == array.dtype

    check()


def test_fortran_order_is_kept(tmp_path):
    array = np.asfortranarray(np.arange(6).reshape(2, 3))
    np.savez(tmp_path / "file.npz", array=array)
    np.testing.assert_array_equal(read_npz(tmp_path / "file.npz")["array"], array)


def write_sequence(path):
    rng = np.random.default_rng(0)
    sequence = PoseSequence(
        keypoints=rng.uniform(1, 99, (30, 13, 2)),
        scores=rng.uniform(0.1, 1, (30, 13)),
        frame_size=(270, 480),
        fps=20.0,
        skeleton="penn13",
        labels=np.arange(30) * 3 // 30,
    )
    write_pose_file(path, sequence)
    return sequence.validate("test")


def test_a_damaged_pose_file_is_never_another_sequence(tmp_path_factory):
    """Whatever bytes change or are missing: the same poses come out, or the documented error."""
    path = tmp_path_factory.mktemp("npz") / "file.npz"
    expected = write_sequence(path)
    data = path.read_bytes()

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def check(draw):
        changed = bytearray(data)
        for place in draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=4)):
            changed[place] = draw.draw(st.integers(0, 255))
        path.write_bytes(changed[: draw.draw(st.integers(0, len(data)) | st.just(len(data)))])
        try:
            found = read_pose_file(path)
        except InputError as error:
            assert "file.npz" in str(error) and "\n" not in str(error)
        else:
            np.testing.assert_array_equal(found.keypoints, expected.keypoints)
            np.testing.assert_array_equal(found.scores, expected.scores)

    check()


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / "file.npz", keypoints=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="objects"):
        read_npz(tmp_path / "file.npz")
    with pytest.raises(InputError, match="file.npz"):
        read_pose_file(tmp_path / "file.npz")


def test_archives_that_only_numpy_reads_are_still_pose_files(tmp_path):
    expected = write_sequence(tmp_path / "file.npz")
    with (tmp_path / "file.npz").open("ab") as stream:
        stream.write(b"\0" * 10)  # something after the archive
    with pytest.raises(ValueError, match="no end"):
        read_npz(tmp_path / "file.npz")
    np.testing.assert_array_equal(read_pose_file(tmp_path / "file.npz").scores, expected.scores)
