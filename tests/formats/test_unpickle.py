import os
import pickle
import re
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmalign.errors import InputError
from mmalign.formats.unpickle import restricted_load

CONTENT = {
    "int": np.arange(6, dtype=np.int32).reshape(2, 3),
    "big endian": np.arange(6, dtype=">f8"),
    "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "half": np.ones((2, 3, 4, 2), np.float16),
    "empty": np.zeros((0, 3)),
    "bool": np.array([True, False]),
    "text": np.array(["ab", "cde"]),
    "bytes": np.array([b"x", b"yy"]),
    "objects": np.array([{"x": np.arange(3)}, None], dtype=object),
    "scalar": np.float32(3.5),
    "whole": np.int64(7),
    "plain": [1, 2.5, "é", b"\xff\x00", b"", None, True, (1, 2), {3}, frozenset({4}), 1 << 90, 1j],
    "ordered": OrderedDict(a=1, b=2),
}


def check_equal(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray) and a.dtype != object:
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            check_equal(a[key], b[key])
    elif isinstance(a, np.ndarray):
        for x, y in zip(a, b, strict=True):
            check_equal(x, y)
    else:
        assert a == b


def write(path, content, protocol=4):
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_and_plain_containers_read_like_the_ordinary_unpickler(tmp_path, protocol):
    path = write(tmp_path / "a.pkl", CONTENT, protocol)
    check_equal(restricted_load(path), pickle.loads(path.read_bytes()))


def test_files_of_the_other_numpy_release_are_read(tmp_path):
    content = pickle.dumps({"a": np.arange(3), "s": np.float64(2)}, 2)
    assert b"numpy.core" in content or b"numpy._core" in content
    for old, new in ((b"numpy._core", b"numpy.core"), (b"numpy.core", b"numpy._core")):
        read = restricted_load(write(tmp_path / "a.pkl", content.replace(old, new)))
        assert list(read["a"]) == [0, 1, 2] and read["s"] == 2


def test_numpys_own_data_types_stay_as_they_are(tmp_path):
    restricted_load(write(tmp_path / "a.pkl", [np.arange(3, dtype=">i4"), np.array(["a"], ">U1")]))
    assert np.dtype("i4").isnative and np.arange(2, dtype="i4").dtype.isnative
    assert np.zeros(1, "U1").dtype.isnative


class Call:
    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


class Custom:
    pass


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (Call(os.system, "touch executed"), r"posix\.system"),
        ({"annotations": [Call(exec, "open('executed', 'w')")]}, r"(__builtin__|builtins)\.exec"),
        (Call(eval, "open('executed', 'w')"), r"eval"),
        (Call(getattr, {}, "get"), r"getattr"),
        (Call(np.load, "x.npy", None, True), r"numpy.*\.load"),
        (Custom(), r"Custom|copyreg|copy_reg"),
        (np.zeros(2, "i4,f4"), "array type"),
        (np.array(["2020-01-01"], "M8[D]"), "array type"),
        (np.ma.masked_array([1]), r"numpy\.ma"),
    ],
)
def test_anything_else_is_refused_by_name_and_not_executed(
    tmp_path, monkeypatch, content, name, protocol
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "evil.pkl", content, protocol)
    with pytest.raises(InputError, match=f"evil.pkl: refused to unpickle .*({name})") as caught:
        restricted_load(tmp_path / "evil.pkl")
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["evil.pkl"]


def reduced(module, name, arguments, state=None):
    """A hand-made pickle that calls a global and sets the state of what it gives."""
    body = pickle.dumps(arguments, 2)[2:-1]
    tail = b"" if state is None else pickle.dumps(state, 2)[2:-1] + b"b"
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + body + b"R" + tail + b"."


@pytest.mark.parametrize(
    "content",
    [
        # Bytes that would be taken for addresses of objects.
        reduced("numpy.core.multiarray", "scalar", (np.dtype("O"), b"A" * 8)),
        reduced("numpy.core.numeric", "_frombuffer", (b"A" * 8, np.dtype("O"), (1,), "C")),
        # A data type whose state claims another size than its name.
        reduced("numpy", "dtype", ("U1", False, True), (3, "<", None, None, None, 1 << 40, 4, 8)),
        reduced("numpy", "dtype", ("O8", False, True), (3, "|", ("a",), ("b",), None, -1, -1, 0)),
        reduced("numpy", "dtype", ("i4", False, True), "nonsense"),
        reduced("numpy", "dtype", (["a"], False, True)),
        reduced("numpy", "ndarray", ((4,), "O", b"A" * 32)),
        reduced("builtins", "set", ([1],), {"__class__": "x"}),
    ],
)
def test_forged_arrays_are_refused_or_made_harmless(tmp_path, content):
    try:
        result = restricted_load(write(tmp_path / "forged.pkl", content))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(result, np.dtype) and result == np.dtype("U1")


@pytest.mark.parametrize(
    ("array", "forge"),
    [
        # Bytes instead of objects, one object instead of two, a third element of two.
        (np.array([None, None], object), (rb"\]q.\(NNe", b"U\x10" + b"A" * 16)),
        (np.array([None, None], object), (rb"\]q.\(NNe", b"](Ne")),
        (np.array([None, None], object), (rb"K\x02\x85", b"K\x03\x85")),
        (np.array([1, 2], np.uint8), (rb"K\x02\x85", b"K\x03\x85")),
        (np.array([1, 2], np.uint8), (rb"K\x02\x85", b"J\xff\xff\xff\xff\x85")),
    ],
)
def test_the_content_of_an_array_must_fill_its_shape(tmp_path, array, forge):
    forged, count = re.subn(*forge, pickle.dumps(array, 2), flags=re.DOTALL)
    assert count == 1
    with pytest.raises(InputError, match="refused to unpickle"):
        restricted_load(write(tmp_path / "forged.pkl", forged))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04", pickle.dumps([1] * 99)[:-9]])
def test_damaged_files_are_input_errors(tmp_path, content):
    with pytest.raises(InputError, match="not a readable pickle"):
        restricted_load(write(tmp_path / "damaged.pkl", content))


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        restricted_load(tmp_path / "none.pkl")


WHOLE = pickle.dumps(CONTENT, 4)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    places=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), max_size=3),
    length=st.integers(1, len(WHOLE)),
)
def test_flipped_bits_and_cuts_never_raise_anything_else(tmp_path, places, length):
    content = bytearray(WHOLE)
    for place, change in places:
        content[place] ^= change
    try:
        restricted_load(write(tmp_path / "fuzzed.pkl", bytes(content[:length])))
    except InputError as error:
        assert "\n" not in str(error)
