"""A file backend that never leaves a half-written checkpoint.

Upstream (MMEngine 0.10.7) opens the checkpoint under its final name and writes into it, and
rewrites the latest one after each new best: a run killed in between leaves a truncated file under
the very name that ``last_checkpoint`` gives.
"""

from __future__ import annotations

from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmalign.fileio import atomic_write


@register_backend("atomic_local", force=True)
class AtomicLocalBackend(LocalBackend):
    """Local files, each written beside its place and then renamed.

    Chosen in a config: ``checkpoint=dict(backend_args=dict(backend='atomic_local'))``.
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write ``obj`` to ``filepath``; a reader meets the old file or the new one, whole."""
        with atomic_write(filepath) as temporary:
            temporary.write_bytes(obj)
