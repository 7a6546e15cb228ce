"""Where a training that was cut goes on, and whether there is anything left of it."""

from __future__ import annotations

from pathlib import Path

from mmengine.config import Config

from mmalign.compat import read_checkpoint


def resume_from(cfg: Config, checkpoint: str) -> None:
    """Make ``cfg`` go on with a run.

    Args:
        cfg: The config, ``work_dir`` set.
        checkpoint: A path, or ``auto`` for the latest checkpoint of the work dir. Where that has
            none the training starts from the beginning, so that one command serves both.
    """
    path = latest_checkpoint(Path(cfg.work_dir)) if checkpoint == "auto" else Path(checkpoint)
    if path is None:
        print(f"nothing to resume in {cfg.work_dir}: training starts from the beginning")
        return
    cfg.resume, cfg.load_from = True, str(path)


def remove_cut_checkpoints(work_dir: Path) -> None:
    """Remove what a kill in the middle of writing left: hidden files beside the checkpoints."""
    for path in work_dir.glob(".*.pth"):
        path.unlink(missing_ok=True)


def latest_checkpoint(work_dir: Path) -> Path | None:
    """Return the latest checkpoint of ``work_dir`` that can be resumed from, or ``None``.

    MMEngine notes an absolute path in ``last_checkpoint``, which is wrong after the folder was
    moved, and empty after a kill at the wrong moment.
    """
    note = work_dir / "last_checkpoint"
    if note.is_file():
        noted = Path(note.read_text().strip())
        # The one in this folder first: a copied folder must not go on with the original's.
        for path in (work_dir / noted.name, noted):
            if path.is_file():
                return path
    saved = [*work_dir.glob("epoch_*.pth"), *work_dir.glob("iter_*.pth")]
    return max(saved, key=lambda path: path.stat().st_mtime_ns, default=None)


def is_finished(cfg: Config, checkpoint: Path) -> bool:
    """Whether a checkpoint is the last one of the training that a config asks for."""
    meta, wanted = read_checkpoint(checkpoint).get("meta", {}), cfg.train_cfg
    if wanted.get("max_epochs") is not None:
        return bool(meta.get("epoch", 0) >= wanted["max_epochs"])
    return bool(meta.get("iter", 0) >= wanted["max_iters"])
