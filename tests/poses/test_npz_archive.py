import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmalign import fileio
from mmalign.errors import InputError
from mmalign.poses.npz_archive import read_npy, read_npz
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


def test_archives_that_only_zipfile_reads_are_still_pose_files(tmp_path):
    expected = write_sequence(tmp_path / "file.npz")
    with (tmp_path / "file.npz").open("ab") as stream:
        stream.write(b"\0" * 10)  # something after the archive
    np.testing.assert_array_equal(read_pose_file(tmp_path / "file.npz").scores, expected.scores)


def declaring(shape, content=b"", dtype="<f4"):
    """An ``.npy`` file with a header of a shape, whatever follows."""
    stream = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + content


def add(path, **members):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def test_arrays_that_are_not_asked_for_are_not_unpacked(tmp_path):
    path = tmp_path / "file.npz"
    expected = write_sequence(path)
    add(path, junk=bytes(64 << 20))
    assert path.stat().st_size < 1 << 18
    tracemalloc.start()
    found = read_pose_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(found.keypoints, expected.keypoints)
    assert peak < 8 << 20


@pytest.mark.parametrize("after", [b"", b"\0" * 10], ids=["plain", "by zipfile"])
def test_what_an_archive_declares_is_checked_before_it_is_unpacked(tmp_path, after):
    path = tmp_path / "file.npz"
    for shape, dtype, message in (
        ((10**8, 13, 2), "<f4", "file.npz: its arrays would take 19836 MiB .* at most 512; split"),
        ((), "<U300000000", "its arrays would take 1144 MiB"),
        ((10**6,), "<f4", "declares 33554560 bytes, its header 4000128"),
        ((10**7,), "<f4", "declares 33554560 bytes, its header 40000128"),
    ):
        path.unlink(missing_ok=True)
        add(path, keypoints=declaring(shape, bytes(32 << 20), dtype))
        with path.open("ab") as stream:
            stream.write(after)
        tracemalloc.start()
        with pytest.raises(InputError, match=message):
            read_pose_file(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 << 20


@pytest.mark.parametrize("after", [b"", b"\0" * 10], ids=["plain", "by zipfile"])
def test_names_that_share_one_body_are_refused(tmp_path, after):
    path = tmp_path / "file.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("keypoints.npy", declaring((10, 13, 2), bytes(1040)))
        first = archive.infolist()[0]
        for name in ("scores", "fps"):
            archive.writestr(f"{name}.npy", b"")
            archive.infolist()[-1].header_offset = first.header_offset
            archive.infolist()[-1].CRC = first.CRC
            archive.infolist()[-1].file_size = first.file_size
            archive.infolist()[-1].compress_size = first.compress_size
    with path.open("ab") as stream:
        stream.write(after)
    with pytest.raises(InputError, match="overlap"):
        read_pose_file(path)


def test_an_npy_file_is_measured_before_it_is_read(tmp_path):
    path = tmp_path / "file.npy"
    path.write_bytes(declaring((10**7, 13)))
    with pytest.raises(InputError, match="file.npy: its arrays would take 991 MiB"):
        read_npy(path)
    path.write_bytes(declaring((10**6, 13)))
    with pytest.raises(ValueError, match="cut off: its header declares 52000128 bytes"):
        read_npy(path)


def test_no_pose_file_is_written_that_would_not_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(fileio, "MAX_BYTES", 1 << 10)
    with pytest.raises(InputError, match="file.npz: its arrays would take"):
        write_sequence(tmp_path / "file.npz")
    assert not list(tmp_path.iterdir())
