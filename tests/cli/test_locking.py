"""One command at a time in a folder, whatever is killed."""

import json
import signal
import subprocess
import sys
import time

import pytest

from mmalign.cli.extract_poses import main as extract
from mmalign.cli.locking import alone_in
from mmalign.cli.resuming import remove_cut_checkpoints
from mmalign.errors import InputError

HOLD = """
import subprocess, sys, time
from mmalign.cli.locking import alone_in
with alone_in(sys.argv[1]) as lock:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=lock)
    print(child.pid, flush=True)
    time.sleep(60)
"""


def is_free(folder):
    try:
        with alone_in(folder):
            return True
    except InputError as error:
        assert "another command is writing there" in str(error)
        return False


def test_a_folder_is_locked_until_who_holds_it_and_its_child_have_ended(tmp_path):
    with alone_in(tmp_path):
        assert not is_free(tmp_path)
        assert is_free(tmp_path / "other")
    assert is_free(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as command:
        child = int(command.stdout.readline())
        assert not is_free(tmp_path)
        command.kill()
        command.wait()
        assert not is_free(tmp_path)
        subprocess.run(["kill", "-9", str(child)], check=True)
        for _ in range(100):
            if is_free(tmp_path):
                break
            time.sleep(0.05)
        assert is_free(tmp_path)


def test_only_the_first_of_several_processes_locks(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    with alone_in(tmp_path), alone_in(tmp_path, "pytorch") as descriptors:
        assert descriptors == ()
    monkeypatch.setenv("RANK", "0")
    with alone_in(tmp_path), pytest.raises(InputError), alone_in(tmp_path, "pytorch"):
        pass


def test_two_extractions_into_one_folder(tmp_path, capsys):
    (tmp_path / "a.mp4").write_bytes(b"")
    person = {"image_id": "0.jpg", "keypoints": [9, 9, 1] * 16 + [7, 7, 1]}
    (tmp_path / "a.json").write_text(json.dumps([person]))
    arguments = [str(tmp_path / "a.mp4"), "--out", str(tmp_path / "out"), "--backend", "file"]
    arguments += ["--poses", str(tmp_path / "a.json"), "--format", "alphapose"]
    with alone_in(tmp_path / "out"):
        assert extract(arguments) == 2
    assert "out: another command is writing there" in capsys.readouterr().err
    assert extract(arguments) == 1  # It is no video.


def test_what_a_kill_left_of_a_checkpoint_goes(tmp_path):
    for name in (".epoch_3.x1y2.pth", ".lock", "epoch_2.pth"):
        (tmp_path / name).write_bytes(b"x")
    remove_cut_checkpoints(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "epoch_2.pth"]


INTERRUPTED = """
import os, signal, sys, time
from mmalign.cli.guard import guarded
signal.signal(signal.SIGINT, signal.default_int_handler)  # Background jobs ignore it.
@guarded
def main(argv=None):
    print("ready", flush=True)
    time.sleep(60)
raise SystemExit(main())
"""


def test_an_interrupt_is_one_line_and_130():
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as command:  # fmt: skip
        command.stdout.readline()
        command.send_signal(signal.SIGINT)
        _, error = command.communicate(timeout=60)
    assert command.returncode == 130 and error == "interrupted\n"
