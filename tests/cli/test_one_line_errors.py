"""Odd names, full disks and damaged files end in one line, and nothing half-written looks whole."""

import errno
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from mmalign.analysis.phase_files import read_phases
from mmalign.cli.config import told_of_options
from mmalign.cli.data import main
from mmalign.cli.guard import guarded
from mmalign.compat import read_checkpoint
from mmalign.errors import InputError, WriteError
from mmalign.fileio import atomic_write
from tests.formats.test_detector_formats import motion, write_alphapose


def clip(folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    made = write_alphapose(folder / "made", motion(17))
    made.rename(folder / name)


@pytest.mark.parametrize(
    "name", ["[red]a[bold].json", "[link=x]a.json", ":x: a.json", os.fsdecode(b"caf\xe9.json")]
)
def test_names_of_any_kind(name, tmp_path, capsys):
    source = tmp_path / "[dim]src" / "[bold]squat"
    clip(source, name)
    out = str(tmp_path / "out")
    assert main(["convert", "alphapose", str(source.parent), "--out", out]) == 0
    assert "[bold]squat" in capsys.readouterr().out
    assert main(["check", out]) in (0, 1)
    for format_name in ("csv", "coco_keypoints", "mmaction"):
        assert main(["export", format_name, out, "--out", str(tmp_path / format_name)]) == 0
    assert main(["convert", "alphapose", str(source / name), "--out", out]) == 0
    (source / name).write_text("{")
    assert main(["convert", "alphapose", str(source / name), "--out", out]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()[-1:]
    assert line.startswith("error: ")


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from mmalign.cli.data import main
raise SystemExit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("limit", [0, 700])
def test_a_limit_of_file_sizes(limit, tmp_path):
    clip(tmp_path / "src", "a.json")
    arguments = ["convert", "alphapose", str(tmp_path / "src"), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("error: "), done.stderr
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert all(path.name == ".lock" for path in left)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room(number, tmp_path, capsys):
    with pytest.raises(WriteError, match="make room, lift the limit"):
        with atomic_write(tmp_path / "a.txt"):
            raise OSError(number, os.strerror(number))
    assert not list(tmp_path.iterdir())

    @guarded
    def command(argv=None):
        raise OSError(number, os.strerror(number), "/full/log")

    assert command([]) == 2
    assert capsys.readouterr().err.startswith("error: /full/log: cannot be written")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "start_seconds,end_seconds,name\n0\n"),
        ("a.csv", "start_seconds,end_seconds,name\n0,1,a,b,c\n,,\n"),
        ("a.csv", "name\na\n"),
        ("a.csv", 'start_seconds,end_seconds,name\n0,1,"a'),
        ("a.csv", "start_seconds,end_seconds,name\nnan,inf,a\n"),
        ("a.eaf", "<ANNOTATION_DOCUMENT>" + "<a>" * 900 + "</a>" * 900 + "</ANNOTATION_DOCUMENT>"),
        ("a.eaf", '<ANNOTATION_DOCUMENT><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="' + "9" * 400
         + '"/><TIER><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" TIME_SLOT_REF2="a"/></TIER>'
         "</ANNOTATION_DOCUMENT>"),
        ("a.eaf", "<ANNOTATION_DOCUMENT><TIER><ALIGNABLE_ANNOTATION/></TIER>"),
        ("a.eaf", "\x00\x01"),
    ],
)  # fmt: skip
def test_phases(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    if text.startswith('start_seconds,end_seconds,name\n0,1,"a'):
        assert read_phases(tmp_path / name)[0].name == "a"
        return
    with pytest.raises(InputError, match=name):
        read_phases(tmp_path / name)


def test_checkpoints_of_garbage(tmp_path):
    path = tmp_path / "a.pth"
    torch.save({"state_dict": {"a": torch.zeros(3)}, "meta": {"epoch": 1}}, path)
    good = path.read_bytes()
    assert read_checkpoint(path)["meta"] == {"epoch": 1}
    rng = np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(good[: int(rng.integers(len(good) + 1))])
        for _ in range(int(rng.integers(1, 40))):
            if data:
                data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(bytes(data))
        try:
            read_checkpoint(path)
        except InputError as error:
            assert len(str(error)) < 600
    for meta in ([], "x", {"epoch": "3"}, {"iter": [1]}, {"epoch": 1.5}):
        torch.save({"state_dict": {}, "meta": meta}, path)
        with pytest.raises(InputError, match="its meta is"):
            read_checkpoint(path)


@pytest.mark.parametrize(
    "error", [TypeError("x"), ZeroDivisionError("y"), KeyError("Nope"), RuntimeError()]
)
def test_options_are_named_where_something_fails(error, monkeypatch):
    monkeypatch.delenv("MMALIGN_TRACEBACK", raising=False)
    with pytest.raises(InputError, match=rf"--cfg-options: {type(error).__name__}.*lr=-1"):
        with told_of_options({"optim_wrapper.optimizer.lr": -1}):
            raise error
    with pytest.raises(type(error)), told_of_options(None):
        raise error
    monkeypatch.setenv("MMALIGN_TRACEBACK", "1")
    with pytest.raises(type(error)), told_of_options({"a": 1}):
        raise error
