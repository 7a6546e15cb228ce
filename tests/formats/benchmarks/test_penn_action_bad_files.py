"""What is wrong with Penn Action's files, or with where they are written, is named."""

from pathlib import Path

import numpy as np
import pytest
from penn_action_source import convert, write_mat, write_phases, write_source

from mmalign.errors import InputError, WriteError


@pytest.fixture
def src(tmp_path):
    return write_source(tmp_path / "src")


def spoil(src, name):
    path = src / "labels" / "0002.mat"
    path.write_bytes(path.read_bytes()[:300] if name == "truncated" else b"")


def unlink_into(path):
    """A folder in a file's place, which not even root can read as a file."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda src: spoil(src, "truncated"), "0002.mat: not a readable Penn Action annotation"),
        (lambda src: spoil(src, "empty"), "0002.mat: not a readable Penn Action annotation"),
        (lambda src: write_mat(src, "0002", x=None), "0002.mat: not a readable .*KeyError: 'x'"),
        (lambda src: write_mat(src, "0002", x=np.ones((9, 13))), "0002.mat: not a readable"),
        (
            lambda src: write_mat(src, "0002", x=np.ones((10, 12)), y=np.ones((10, 12))),
            r"x, y of shape \(10, 12\)",
        ),
        (
            lambda src: write_mat(src, "0002", x=np.full((10, 13), np.nan)),
            "labels/0002.mat: a keypoint",
        ),
        (lambda src: write_mat(src, "0002", frames=0), "0002"),
        (lambda src: write_mat(src, "0002", train=7), "0002.mat: .*train is 7, expected 1 or -1"),
        (
            lambda src: write_mat(src, "0002", visibility=np.full((10, 13), np.nan)),
            "0002.mat: not a readable .*visibility",
        ),
        (
            lambda src: unlink_into(src / "phase_labels/golf_swing_val.json"),
            "golf_swing_val.json: cannot be read .Is a directory",
        ),
        (lambda src: write_phases(src, "golf_swing_val", v0004=[]), "video 0004: expected a list"),
        (lambda src: write_phases(src, "golf_swing_val", v0004=[0.5]), "video 0004: expected"),
        (lambda src: write_phases(src, "golf_swing_val", v0004=[-1]), "video 0004: expected"),
        (lambda src: write_phases(src, "golf_swing_val", v0004=[1000]), "video 0004: expected"),
        (lambda src: write_phases(src, "golf_swing_val", v0009=[0]), "names video 0009 .1 in all"),
        (lambda src: write_phases(src, "squats_val", v0004=[0]), "it has golf_swing; .* name the"),
        (lambda src: write_phases(src, "golf_val", v0004=[0]), "golf_val.json names video 0004"),
        (
            lambda src: write_phases(src, "golf_swing_val", v0003=[0], v0004=[0]),
            "golf_swing_val.json: video 0003 .1 in all. is labelled in the other split too",
        ),
        (
            lambda src: [
                write_phases(src, f"{name}_val", v0004=[0]) for name in ("bowl", "bowling")
            ],
            "bowling_val.json: val of bowling has another file",
        ),
        (
            lambda src: (src / "phase_labels/golf_swing_val.json").write_text(
                '{"0004": [0], "0004": [1]}'
            ),
            "golf_swing_val.json: video 0004 stands there twice",
        ),
        (
            lambda src: (src / "phase_labels/golf_swing_val.json").write_bytes(b"\xff"),
            "golf_swing_val.json: no UTF-8 text",
        ),
        (lambda src: write_phases(src, "golf_swing_test", v0004=[0]), "rename the file"),
        (
            lambda src: (src / "phase_labels/golf_swing_val.json").write_text("[1"),
            "golf_swing_val.json: no readable JSON",
        ),
        (
            lambda src: (src / "phase_labels/golf_swing_val.json").write_text("[1]"),
            "golf_swing_val.json: found list",
        ),
    ],
)
def test_bad_files_are_named(src, tmp_path, change, message):
    change(src)
    with pytest.raises(InputError, match=message) as caught:
        convert(src, tmp_path / "out")
    assert "\n" not in str(caught.value)


def test_a_labelled_video_that_was_skipped_is_not_missing(src, tmp_path):
    write_mat(src, "0003", x=np.full((10, 13), np.nan))
    assert list(convert(src, tmp_path / "out", on_error="skip").skipped) == ["0003"]


def test_a_full_disk_is_no_fault_of_a_clip(src, tmp_path, monkeypatch):
    """Clips that could not be written are not left out as if they could not be used."""
    written = Path.write_bytes

    def write(file, content):
        if len(list((tmp_path / "out/poses").glob("[0-9]*.npz"))) > 1:
            raise OSError(28, "No space left on device")
        return written(file, content)

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(WriteError, match="cannot be written .No space left on device.; make room"):
        convert(src, tmp_path / "out", on_error="skip")
    assert not (tmp_path / "out/index.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"actions": ["golf"]}, "no video of action golf; expected some of golf_swing"),
        ({"occluded_score": 1.5}, "occluded_score is 1.5"),
        ({"on_error": "ignore"}, "on_error is 'ignore'"),
    ],
)
def test_bad_arguments_are_named(src, tmp_path, arguments, message):
    with pytest.raises(InputError, match=message):
        convert(src, tmp_path / "out", **arguments)


def test_a_missing_source_says_where_the_data_come_from(tmp_path):
    with pytest.raises(InputError, match="does not exist.*https://dreamdragon.github.io"):
        convert(tmp_path / "none", tmp_path / "out")
    with pytest.raises(InputError, match="has no labels"):
        convert(tmp_path, tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file; expected the unpacked"):
        convert(tmp_path / "file", tmp_path / "out")


def test_a_folder_that_cannot_be_listed_is_no_missing_one(src, tmp_path, monkeypatch):
    listed = Path.iterdir

    def refuse(folder):
        if folder.name == "phase_labels":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match="phase_labels: cannot be read .Permission denied"):
        convert(src, tmp_path / "out")


def test_an_annotation_that_may_not_be_read_is_not_called_damaged(src, tmp_path, monkeypatch):
    opened = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "0002.mat":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="0002.mat: cannot be read .Permission denied"):
        convert(src, tmp_path / "out")


def test_byte_order_marks_and_hidden_files_do_no_harm(src, tmp_path):
    labels = src / "phase_labels/golf_swing_val.json"
    labels.write_bytes(b"\xef\xbb\xbf" + labels.read_bytes())
    for hidden in (src / "labels/._0001.mat", src / "phase_labels/._golf_swing_val.json"):
        hidden.write_bytes(b"macOS")
    assert len(convert(src, tmp_path / "out").index.sequences) == 4


def test_an_interrupted_conversion_leaves_no_index(src, tmp_path):
    convert(src, tmp_path / "out")

    def interrupted(files):
        yield next(iter(files))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(src, tmp_path / "out", progress=interrupted)
    assert not (tmp_path / "out" / "index.json").exists()
