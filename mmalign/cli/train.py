"""Train a model: ``mmalign train`` and ``tools/train.py``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.runner import Runner

from mmalign.cli.config import add_config_arguments, config_from
from mmalign.cli.corruption import add_corrupt_argument, corrupt_loader
from mmalign.cli.guard import guarded
from mmalign.compat import build_runner, keep_freed_memory
from mmalign.errors import InputError

EXAMPLES = """\
examples:
  train on the toy data:            %(prog)s configs/la2ds_toy.py
  train on one action:              %(prog)s configs/la2ds_penn_action.py \\
                                        --data-root data/penn_action --action golf_swing
  go on with a run that was cut:    %(prog)s CONFIG --work-dir W --resume
  start from other weights:         %(prog)s CONFIG --load-from W/epoch_10.pth
  on noisy keypoints (Table 4's N): %(prog)s CONFIG --corrupt noise:1.0
  on two processes:                 tools/dist_train.sh CONFIG 2
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="mmalign train",
        description="Train a model; checkpoints, logs and TensorBoard scalars go to the work dir.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_config_arguments(parser)
    parser.add_argument(
        "--work-dir", metavar="DIR", help="where to write (default: work_dirs/CONFIG'S NAME)"
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        metavar="CKPT",
        help="go on with this checkpoint's run; without CKPT, the latest of the work dir",
    )
    start.add_argument("--load-from", metavar="CKPT", help="start from this checkpoint's weights")
    parser.add_argument(
        "--amp",
        action="store_true",
        help="mixed precision: float16 with loss scaling on an accelerator, bfloat16 on a CPU",
    )
    add_corrupt_argument(parser, "the training clips, in the same way in every epoch")
    parser.add_argument(
        "--launcher",
        choices=["none", "pytorch", "slurm", "mpi"],
        default="none",
        help="how several processes were started (tools/dist_train.sh sets it)",
    )
    return parser


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = build_parser().parse_args(argv)
    cfg = config_from(args)
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    elif cfg.get("work_dir") is None:
        cfg.work_dir = str(Path("work_dirs", Path(args.config).stem, *(args.action or [])))
    corrupt_loader(cfg, "train_dataloader", args.corrupt)
    if args.amp:
        use_mixed_precision(cfg)
    if args.resume is not None:
        resume_from(cfg, args.resume)
    elif args.load_from is not None:
        cfg.load_from = args.load_from
    train(cfg, args.launcher)
    return 0


def train(cfg: Config, launcher: str = "none") -> Runner:
    """Train as ``cfg`` says, into ``cfg.work_dir``.

    Args:
        cfg: A complete config (see `mmalign.cli.config.load_config`).
        launcher: How the processes were started.

    Returns:
        The runner, which holds the trained model.

    Raises:
        InputError: If the data, a checkpoint or the config cannot be used.
    """
    keep_freed_memory()
    runner = build_runner(cfg, launcher)
    runner.train()
    return runner


def use_mixed_precision(cfg: Config) -> None:
    """Change the config's optimizer wrapper into one for mixed precision.

    Raises:
        InputError: If the config's wrapper is neither MMEngine's plain one nor one of ours.
    """
    kind = cfg.optim_wrapper.get("type", "OptimWrapper")
    mixed = "BFloat16OptimWrapper" if get_device() == "cpu" else "AmpOptimWrapper"
    if kind in ("AmpOptimWrapper", "BFloat16OptimWrapper"):
        return
    if kind != "OptimWrapper":
        raise InputError(
            f"--amp: the config's optim_wrapper is a {kind}; expected OptimWrapper: leave --amp out"
        )
    cfg.optim_wrapper.type = mixed
    if mixed == "AmpOptimWrapper":
        cfg.optim_wrapper.setdefault("loss_scale", "dynamic")


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


if __name__ == "__main__":
    raise SystemExit(main())
