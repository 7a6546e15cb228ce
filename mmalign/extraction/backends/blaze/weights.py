"""The weights of MediaPipe's networks, which its wheel of one release holds (Apache-2.0).

Nothing of the wheel is installed or imported: it is opened as the archive that it is. So it serves
every version of Python and NumPy.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from mmalign.errors import InputError
from mmalign.fileio import BROKEN_ARCHIVE, atomic_write, cache_folder

RELEASE = "0.10.21"
"""Later wheels hold no networks."""
_WHEEL_FILES = f"mediapipe-{RELEASE}-*.whl"
WEIGHTS = {
    "pose_detection": "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    "pose_landmark_full": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "palm_detection_full": "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54",
    "hand_landmark_full": "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
}
"""Name of a network and SHA-256 of its file."""
# The same wheel for everybody, whatever machine and Python this is.
_WHEEL = (
    *("--only-binary=:all:", "--platform=manylinux_2_28_x86_64", "--python-version=3.12"),
    *("--implementation=cp", "--abi=cp312"),
)
_PIP = ("pip", "download", f"mediapipe=={RELEASE}", "--no-deps", *_WHEEL)
COMMAND = f"python -m {' '.join(_PIP)}"
"""What brings the wheel."""
_MOST_BYTES = 2**25
_PATIENCE = 20
"""Seconds for pip to say what there is."""


def weights_folder() -> Path:
    """Where weights are kept: ``$MMALIGN_CACHE/models``, by default ``~/.cache/mmalign/models``."""
    return cache_folder("models")


def find_weights(name: str) -> bytes | None:
    """A network's file out of the cache, or of a MediaPipe that is installed; else None.

    Args:
        name: One of :data:`WEIGHTS`.
    """
    places = [weights_folder() / f"{name}.tflite"]
    package = find_spec("mediapipe")
    if package is not None:
        places += [Path(p, _member(name)) for p in package.submodule_search_locations or ()]
    for place in places:
        if place.is_file():
            content = place.read_bytes()
            if _sha256(content) == WEIGHTS[name]:
                return content
    return None


def can_be_fetched() -> bool:
    """Whether :func:`get_weights` would find the wheel, which is not downloaded for it."""
    if list(weights_folder().glob(_WHEEL_FILES)):
        return True
    command = [sys.executable, "-m", "pip", "index", "versions", "mediapipe", *_WHEEL]
    try:
        done = subprocess.run(
            [*command, "--retries=1"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return re.search(rf"(?<![\d.]){re.escape(RELEASE)}(?![\d.])", done.stdout) is not None


def get_weights(name: str) -> bytes:
    """A network's file; the wheel that holds it is downloaded if it is nowhere.

    A wheel that lies in :func:`weights_folder` is taken instead.

    Args:
        name: One of :data:`WEIGHTS`.

    Raises:
        InputError: It cannot be had.
    """
    content = find_weights(name)
    if content is not None:
        return content
    wheels = sorted(weights_folder().glob(_WHEEL_FILES))
    if wheels:
        _unpack(wheels[0])
    else:
        _download()
    content = find_weights(name)
    assert content is not None
    return content


def _download() -> None:
    print(f"fetching the weights of MediaPipe {RELEASE} (36 MB, once)", file=sys.stderr)
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", *_PIP, "--quiet", "--retries=1", f"--dest={folder}"]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            raise InputError(
                f"the weights of MediaPipe {RELEASE} are not in {weights_folder()}, and pip cannot"
                f" fetch them ({lines[-1]:.120}); run `{COMMAND}` where there is a network, and put"
                " the wheel into that folder"
            )
        _unpack(wheels[0])


def _unpack(wheel: Path) -> None:
    """Put the networks of a wheel into the cache; nothing else of it is looked at."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, digest in WEIGHTS.items():
                with archive.open(f"mediapipe/{_member(name)}") as member:
                    content = member.read(_MOST_BYTES)
                if _sha256(content) != digest:
                    raise zipfile.BadZipFile(f"{name} is another file")
                with atomic_write(weights_folder() / f"{name}.tflite") as path:
                    path.write_bytes(content)
    except (KeyError, *BROKEN_ARCHIVE) as error:  # The first where there is no such member.
        raise InputError(
            f"{wheel}: not the wheel of MediaPipe {RELEASE} ({error}); fetch it with `{COMMAND}`"
        ) from error


def _member(name: str) -> str:
    """Where the wheel has a network, below its package."""
    folder = name.removesuffix("_full")
    return f"modules/{folder}/{name}.tflite"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
