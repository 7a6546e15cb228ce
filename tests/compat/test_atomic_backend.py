"""A checkpoint file is the old one or the new one, never half of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.fileio import LocalBackend, get_file_backend

from mmalign.compat import AtomicLocalBackend


def interrupted_write(backend: LocalBackend, path: Path, monkeypatch) -> None:
    """Write with a disk that is full after a few bytes."""
    import builtins

    real_open = builtins.open

    def short(file, mode="r", *args, **kwargs):
        stream = real_open(file, mode, *args, **kwargs)
        if "w" in mode:
            stream.write(b"half")
            stream.close()
            raise OSError("No space left on device")
        return stream

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(builtins, "open", short)
        patch.setattr(Path, "write_bytes", lambda self, data: short(self, "wb"))
        backend.put(b"the new content", str(path))


def test_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "epoch_1.pth"
    backend = get_file_backend(str(path), backend_args={"backend": "atomic_local"})
    assert isinstance(backend, AtomicLocalBackend)
    backend.put(b"the old content", str(path))
    interrupted_write(backend, path, monkeypatch)
    assert path.read_bytes() == b"the old content"
    assert list(tmp_path.iterdir()) == [path]


def test_upstream_still_needs_this(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "epoch_1.pth"
    path.write_bytes(b"the old content")
    interrupted_write(LocalBackend(), path, monkeypatch)
    assert path.read_bytes() == b"half"
