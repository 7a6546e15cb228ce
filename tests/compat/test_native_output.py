"""What compiled libraries write past Python is not seen, and nothing else is lost."""

from __future__ import annotations

import os
import sys

import pytest

from mmalign.compat.native_output import silent_stderr


def test_only_the_bodys_lines_are_lost(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(2, b"before\n")
    print("python", file=sys.stderr)
    with silent_stderr():
        os.write(2, b"inside\n")
        os.write(1, b"output\n")
    os.write(2, b"after\n")
    out, err = capfd.readouterr()
    assert sorted(err.split()) == ["after", "before", "python"] and out == "output\n"


def test_errors_pass_and_the_terminal_is_back(capfd: pytest.CaptureFixture[str]) -> None:
    opened = len(os.listdir("/dev/fd"))
    with pytest.raises(ValueError, match="wrong"), silent_stderr():
        raise ValueError("wrong")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"
    assert len(os.listdir("/dev/fd")) == opened


def test_a_process_without_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(number: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    done = []
    with silent_stderr():
        done.append(1)
    assert done
