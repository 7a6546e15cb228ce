"""``mmalign data``: its commands, and converting with filling, smoothing and resampling."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmalign.cli import data, data_convert
from mmalign.errors import InputError
from mmalign.formats.base import FormatReader
from mmalign.formats.catalogue import FORMATS, get_format, list_formats
from mmalign.poses.pose_file import PoseSequence, read_pose_file, write_pose_file
from mmalign.poses.pose_index import read_index


@pytest.mark.parametrize("name", list_formats())
def test_every_format_has_its_reader(name: str) -> None:
    reader = get_format(name)
    assert issubclass(reader, FormatReader) and reader.name == name
    assert reader.description and "\n" not in reader.description
    # Its options do not clash with those that all formats have.
    help_text = data_convert.build_parser(name).format_help()
    assert "--fill-gaps" in help_text and reader.description.split()[0] in help_text


def test_an_unknown_format_is_named_beside_those_there_are() -> None:
    with pytest.raises(InputError, match="unknown format 'bvh'; expected one of penn_action, h2o"):
        get_format("bvh")
    assert list_formats() == tuple(FORMATS)


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_lists_the_commands(arguments: list[str], capsys: pytest.CaptureFixture) -> None:
    assert data.main(arguments) == 0
    printed = capsys.readouterr().out
    assert all(f"  {name}" in printed for name in ("convert", "check", "browse", "toy"))
    assert "examples:" in printed


def test_help_of_convert_lists_the_formats(capsys: pytest.CaptureFixture) -> None:
    assert data.main(["convert", "--help"]) == 0
    printed = capsys.readouterr().out
    for name in list_formats():
        assert f"  {name}" in printed and get_format(name).description in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["penn_action", "SRC"], "error: penn_action: no such command of mmalign data; expected"),
        (["convert", "bvh", "SRC", "--out", "x"], "error: unknown format 'bvh'; expected one of"),
        (
            ["convert", "penn_action", "none", "--out", "x", "--fill-gaps", "-1"],
            "error: gaps to fill: -1 frames, expected 0 or more",
        ),
        (["check", "none"], "error: none: no such folder; expected a prepared data set"),
    ],
)
def test_errors_are_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    assert data.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(message) and error.count("\n") == 1


def write_source(folder: Path) -> None:
    """A clip of our own format at 60 fps with a short and a long gap and a steady motion."""
    t = np.arange(61)[:, None]
    x = 100.0 + t + np.arange(13)
    scores = np.ones((61, 13))
    scores[10:13, 2] = 0
    scores[20:40, 3] = 0
    sequence = PoseSequence(
        keypoints=np.stack([x, 300 - x], axis=-1),
        scores=scores,
        frame_size=(300, 400),
        fps=60.0,
        skeleton="penn13",
        labels=np.arange(61) // 30,
    )
    write_pose_file(folder / "clip.npz", sequence)


# What a console script runs, and the tool in OpenMMLab's place.
LAUNCHES = {
    "mmalign": ["-c", "import sys; from mmalign.cli.main import main; sys.exit(main())", "data"],
    "prepare.py": ["tools/data/prepare.py"],
}


@pytest.mark.slow
@pytest.mark.parametrize("launch", LAUNCHES)
def test_gaps_are_filled_and_rates_changed_on_the_way(
    launch: str, tmp_path: Path, repo: Path
) -> None:
    write_source(tmp_path / "src")
    out = tmp_path / "out"
    start = [sys.executable, *LAUNCHES[launch], *(["convert"] if launch == "mmalign" else [])]
    options = ["--fill-gaps", "5", "--smooth", "savgol", "--resample", "30"]
    done = subprocess.run(
        [*start, "npz", str(tmp_path / "src"), "--out", str(out), *options],
        cwd=repo, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"wrote 1 sequences to {out} (0 skipped)" in done.stdout
    (entry,) = read_index(out).sequences
    assert (entry.num_frames, entry.fps, entry.labelled) == (31, 30.0, True)
    sequence = read_pose_file(out / entry.file)
    assert (sequence.scores[:, 2] == 1).all()
    np.testing.assert_allclose(sequence.keypoints[:, 2, 0], 102 + 2 * np.arange(31), atol=1e-3)
    assert (sequence.scores[10:20, 3] == 0).all()
    np.testing.assert_array_equal(sequence.labels, 2 * np.arange(31) // 30)
