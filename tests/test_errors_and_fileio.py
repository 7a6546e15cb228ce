import errno
import json
import stat

import numpy as np
import pytest
from torch.utils.data import DataLoader, Dataset

from mmalign.errors import InputError, check_at_least
from mmalign.fileio import atomic_write, write_json


def test_an_input_error_is_one_line_and_a_value_error():
    error = InputError("a.npz:\n  two\n\tlines")
    assert str(error) == "a.npz: two lines"
    assert isinstance(error, ValueError)


class Failing(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise InputError("clip.npz: it has zero frames; leave it out")


def test_an_input_error_of_a_worker_stays_the_same_line():
    with pytest.raises(InputError) as caught:
        list(DataLoader(Failing(), num_workers=1))
    assert str(caught.value) == "clip.npz: it has zero frames; leave it out"


def test_atomic_write_makes_folders_and_replaces_the_file(tmp_path):
    path = tmp_path / "a" / "b.txt"
    for text in ("old", "new"):
        with atomic_write(path) as temporary:
            assert temporary.suffix == ".txt" and temporary.parent == path.parent
            temporary.write_text(text)
    assert path.read_text() == "new"
    assert [p.name for p in path.parent.iterdir()] == ["b.txt"]


def test_atomic_write_leaves_the_old_file_when_the_body_fails(tmp_path):
    path = tmp_path / "b.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_write(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["b.txt"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match=r"b\.txt: cannot be written .No space left.*make room"):
        with atomic_write(tmp_path / "b.txt"):
            raise OSError(errno.ENOSPC, "No space left on device")
    # What else goes wrong in the body is not about this file.
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "b.txt"):
        (tmp_path / "another.txt").read_text()
    assert not list(tmp_path.iterdir())


def test_write_json_leaves_the_old_file_when_the_content_is_none(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": [1, 2]})
    with pytest.raises(TypeError):
        write_json(path, {"a": [1, 2], "b": object()})
    assert json.loads(path.read_text()) == {"a": [1, 2]}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_json_has_no_nan_and_no_numpy(tmp_path):
    content = {"a": float("nan"), "b": [np.float64(0.5), np.int64(2), (True, None)], "c": "x"}
    write_json(tmp_path / "m.json", content)
    assert json.loads((tmp_path / "m.json").read_text()) == {
        "a": None,
        "b": [0.5, 2, [True, None]],
        "c": "x",
    }


def test_atomic_write_gives_the_permissions_of_an_ordinary_file(tmp_path):
    (tmp_path / "ordinary").touch()
    with atomic_write(tmp_path / "atomic") as temporary:
        temporary.touch()
    modes = {stat.S_IMODE((tmp_path / n).stat().st_mode) for n in ("ordinary", "atomic")}
    assert len(modes) == 1


def test_atomic_write_into_a_place_that_is_a_file_is_an_input_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"), atomic_write(tmp_path / "file/x"):
        pass


@pytest.mark.parametrize("value", ["128", 2.5, True, None, [4], 0, -1])
def test_numbers_of_other_types_and_too_small_ones_are_told(value):
    with pytest.raises(InputError, match="max_frames is .*, expected at least 1, a whole number"):
        check_at_least("max_frames", value, 1)
    check_at_least("max_frames", 1, 1)
