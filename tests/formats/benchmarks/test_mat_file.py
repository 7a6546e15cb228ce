"""MATLAB's files: what SciPy reads of them, or an error, whatever is done to the bytes."""

import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.benchmarks.mat_file import read_mat

CONTENT = {
    "x": np.random.default_rng(0).uniform(0, 300, (9, 13)),
    "y": np.arange(117, dtype=np.uint16).reshape(9, 13),
    "visibility": np.ones((9, 13), np.uint8),
    "train": -1,
    "action": "golf_swing",
    "pose": "b\u00e9",
    "row": np.array(["ab ", "cde"]),
    "small": np.int8([[1, 2, 3]]),
}


@pytest.mark.parametrize("packed", [False, True])
def test_numbers_and_text_are_what_scipy_reads(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, CONTENT | {"cell": np.array([{}], object)}, do_compression=packed)
    expected = scipy.io.loadmat(path)
    found = read_mat(path, CONTENT)
    assert found.keys() == CONTENT.keys()
    for name, array in found.items():
        assert array.dtype == expected[name].dtype
        np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("mat") / "a.mat"
    scipy.io.savemat(path, CONTENT, do_compression=packed)
    data = path.read_bytes()
    places = st.integers(0, len(data) - 1)

    @settings(max_examples=200, deadline=None)
    @given(places, st.integers(0, 40), st.dictionaries(places, st.integers(0, 255), max_size=3))
    def check(start: int, gone: int, changed: dict[int, int]) -> None:
        spoilt = bytearray(data)
        for place, value in changed.items():
            spoilt[place] = value
        path.write_bytes(spoilt[:start] + spoilt[start + gone :])
        try:
            found = read_mat(path, CONTENT)
        except ValueError:
            return
        assert all(array.dtype.kind in "iufU" and array.ndim for array in found.values())

    check()


@pytest.mark.parametrize("start", range(128, 500, 12))
def test_twenty_bytes_that_are_missing_are_noticed(tmp_path: Path, start: int) -> None:
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"x": CONTENT["x"]})
    data = path.read_bytes()
    path.write_bytes(data[:start] + data[start + 20 :])
    with pytest.raises(ValueError):
        read_mat(path, "x")


def test_other_kinds_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    for value in (np.array([{}], object), np.ones(3) * 1j):
        scipy.io.savemat(path, {"x": value})
        with pytest.raises(ValueError, match="x: of class"):
            read_mat(path, "x")
    scipy.io.savemat(path, {"x": 1}, format="4")
    with pytest.raises(ValueError, match="no MAT-file of version 5"):
        read_mat(path, "x")


def test_a_variable_that_unpacks_to_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fileio", "formats.benchmarks.mat_file"):
        monkeypatch.setattr(f"mmalign.{name}.MAX_BYTES", 1 << 20)
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"x": 1})
    packed = zlib.compress(bytes(16 << 20))
    tag = np.array([15, len(packed)], "<u4").tobytes()
    path.write_bytes(path.read_bytes()[:128] + tag + packed)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"a\.mat: its variables would take 1 MiB"):
        read_mat(path, "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
