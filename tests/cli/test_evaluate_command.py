"""``mmalign evaluate``: known answers, windows that were embedded alone, and files of no use."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from mmalign.cli.evaluate import main
from mmalign.functional.metrics import trim_windows


def arrays(train: int = 3, val: int = 2, frames: int = 24, dim: int = 4) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    made = {}
    for split, count in (("train", train), ("val", val)):
        for i in range(count):
            labels = np.arange(frames) * 3 // frames
            made[f"{split}_label_{i}"] = labels
            made[f"{split}_emb_{i}"] = np.eye(3, dim)[labels] + rng.normal(size=(frames, dim)) / 3
    return made


def score(folder: Path, content: dict[str, np.ndarray], *options: str) -> dict:
    np.savez(folder / "e.npz", **content)
    assert main([str(folder / "e.npz"), "--out", str(folder), *options]) == 0
    return json.loads((folder / "metrics.json").read_text())


def test_known_answers(tmp_path: Path) -> None:
    named, data = (os.environ.get(f"MMALIGN_{name}") for name in ("REFERENCE", "DATA"))
    folder = Path(named or Path(data or "", "../reference"))
    if not (folder / "expected.json").is_file():
        pytest.skip("set MMALIGN_REFERENCE to the folder with embeddings.npz and expected.json")
    expected = json.loads((folder / "expected.json").read_text())
    file = folder / "embeddings.npz"
    assert main([str(file), "--out", str(tmp_path), "--tau-stride", "2"]) == 0
    found = json.loads((tmp_path / "metrics.json").read_text())
    trimmed = expected.pop("trimmed")
    trimmed.pop("windows")
    expected["tau"] = expected.pop("tau_stride2")
    expected.pop("tau_stride1")
    for protocol, figures in (("published", expected), ("trimmed", trimmed)):
        for name, value in figures.items():
            assert found[protocol][name] == pytest.approx(value, abs=1e-6), name
    assert found["floors"]["clock"]["published"]["tau"] > 0.99
    assert found["clips"] == {"train": 12, "val": 9}
    assert "| tau | 0.820 | 0.99" in (tmp_path / "metrics.md").read_text()


def test_windows_of_their_own_are_what_is_scored(tmp_path: Path) -> None:
    content = arrays()
    plain = score(tmp_path, content)
    spans = trim_windows([24, 24])
    cut = {f"val_window_{i}": content[f"val_emb_{i}"][a:e] for i, (a, e) in enumerate(spans)}
    assert score(tmp_path, {**content, **cut})["trimmed"] == plain["trimmed"]
    turned = {name: window[::-1].copy() for name, window in cut.items()}
    other = score(tmp_path, {**content, **turned})
    assert other["trimmed"] != plain["trimmed"] and other["published"] == plain["published"]


def test_options_are_those_of_the_protocol(tmp_path: Path) -> None:
    found = score(tmp_path, arrays(), "--unordered", "--background", "0", "--classifier", "logreg")
    assert "tau" not in found["published"] and "event_error" not in found["trimmed"]
    assert found["protocol"]["background"] == 0 and found["protocol"]["classifier"] == "logreg"


def test_without_out_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    np.savez(tmp_path / "e.npz", **arrays())
    assert main([str(tmp_path / "e.npz")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["e.npz"]
    assert "event_error" in capsys.readouterr().out


def changed(**others: object) -> dict[str, np.ndarray]:
    content = {**arrays(), **others}
    return {name: np.asarray(array) for name, array in content.items() if array is not None}


BAD = {
    "nothing": ({}, "lacks train_emb_0"),
    "no validation": (arrays(val=0), "lacks val_emb_0"),
    "a gap": (changed(val_emb_0=None), "lacks val_emb_0; found 1 embeddings and 2 labels of val"),
    "a name": (changed(train_embedding_0=[1.0]), "found the array 'train_embedding_0', expected"),
    "channels": (changed(val_emb_1=np.ones((24, 3))), "val_emb_1 has 3 channels, train_emb_0 4"),
    "objects": (changed(val_emb_1=np.array([None])), "an array of objects"),
    "complex": (changed(val_emb_1=np.ones((24, 4), "c8")), "val_emb_1 is of complex64"),
    "not finite": (changed(val_emb_1=np.full((24, 4), np.nan)), "val_emb_1.*NaN or infinite"),
    "no frames": (changed(val_emb_1=np.ones(4)), "an embedding of shape \\(4,\\), expected"),
    "a number": (changed(val_emb_1=1.0, val_label_1=1), "an embedding of shape \\(\\), expected"),
    "one label": (changed(val_label_1=[1]), "found labels of shape \\(1,\\) for 24 frames"),
    "real labels": (changed(val_label_1=np.zeros(24)), "labels that are not phases"),
    "a great label": (changed(val_label_1=np.full(24, 2**40)), "a label 1099511627776, expected"),
    "one window": (changed(val_window_0=np.ones((24, 4))), "found 1 windows of 2 validation clips"),
    "long windows": (
        changed(val_window_0=np.ones((24, 4)), val_window_1=np.ones((24, 4))),
        "val_window_0 has the shape \\(24, 4\\), expected 14 rows, of the frames 5 to 18",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_a_file_of_no_use_is_told_in_one_line(content, message, tmp_path, capsys) -> None:
    np.savez(tmp_path / "e.npz", **content)
    assert main([str(tmp_path / "e.npz"), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {tmp_path / 'e.npz'}: ")
    assert re.search(message, line), line
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_none(tmp_path, capsys) -> None:
    (tmp_path / "text.npz").write_text("no archive")
    for name, told in (("text.npz", "not readable"), ("none.npz", "no such file"), ("", "no such")):
        assert main([str(tmp_path / name)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert told in line
