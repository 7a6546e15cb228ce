"""``mmalign COMMAND``."""

from __future__ import annotations

import subprocess
import sys

import pytest
from torch.utils.data import DataLoader

from mmalign.cli import guard
from mmalign.cli.main import COMMANDS, main
from mmalign.errors import InputError
from mmalign.version import __version__


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_lists_the_commands(arguments, capsys) -> None:
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)


def test_version(capsys) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"mmalign {__version__}\n"


def test_unknown_command(capsys) -> None:
    assert main(["trian"]) == 2
    assert capsys.readouterr().err.startswith("error: trian: no such command; expected one of demo")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys) -> None:
    try:
        status = main([command, "--help"])
    except SystemExit as end:  # argparse's way; a command of commands returns.
        status = end.code
    assert status == 0
    assert "usage: " in capsys.readouterr().out


def test_help_does_not_wait_for_torch() -> None:
    code = (
        "import sys; from mmalign.cli.main import main; main(['--help']);"
        "assert not {'torch', 'mmengine', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("raised", "status", "printed"),
    [
        (InputError("a.npz: two\n  lines"), 2, "error: a.npz: two lines\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_guard(raised, status, printed, capsys) -> None:
    @guard.guarded
    def command(argv=None) -> int:
        raise raised

    assert command([]) == status
    assert capsys.readouterr().err == printed


class BadData:
    """A data set whose file is broken."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> None:
        try:
            raise OSError("cut")
        except OSError as error:
            raise InputError("a.npz: truncated; copy it again") from error


def test_guard_reports_workers_errors_in_one_line(capsys) -> None:
    @guard.guarded
    def command(argv=None) -> int:
        list(DataLoader(BadData(), num_workers=1))
        return 0

    assert command([]) == 2
    assert capsys.readouterr().err == "error: a.npz: truncated; copy it again\n"


def test_guard_hides_no_bug() -> None:
    @guard.guarded
    def command(argv=None) -> int:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        command([])
