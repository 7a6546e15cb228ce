"""Train a model: ``mmalign train`` and ``tools/train.py``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.dist import barrier
from mmengine.runner import Runner

from mmalign.cli.config import add_config_arguments, config_from, load_config, told_of_options
from mmalign.cli.corruption import add_corrupt_argument, corrupt_loader
from mmalign.cli.guard import guarded
from mmalign.cli.locking import alone_in
from mmalign.cli.resuming import (
    is_finished,
    latest_checkpoint,
    remove_cut_checkpoints,
    resume_from,
)
from mmalign.cli.stages import check_fits, join_weights, stages_of
from mmalign.compat import build_runner, keep_freed_memory, read_checkpoint
from mmalign.engine.bare_model import bare_model
from mmalign.errors import InputError
from mmalign.models.windows import longest_view
from mmalign.poses.pose_index import read_index
from mmalign.registry import MODELS

EXAMPLES = """\
examples:
  train on the toy data:            %(prog)s configs/la2ds_toy.py
  train on one action:              %(prog)s configs/la2ds_penn_action.py \\
                                        --data-root data/penn_action --action golf_swing
  go on with a run that was cut:    %(prog)s CONFIG --work-dir W --resume
  start from other weights:         %(prog)s CONFIG --load-from W/epoch_10.pth
  on noisy keypoints (Table 4's N): %(prog)s CONFIG --corrupt noise:1.0
  on two processes:                 tools/dist_train.sh CONFIG 2
  each encoder, then both jointly:  %(prog)s configs/fusion/la2ds_rgb_pose_toy.py
  from an encoder trained before:   %(prog)s configs/fusion/la2ds_rgb_pose_toy.py \\
                                        --cfg-options stages.pose.checkpoint=W/epoch_30.pth
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
    _change_training(cfg, args)
    with told_of_options(args.cfg_options), alone_in(cfg.work_dir, args.launcher):
        if args.resume is not None:
            remove_cut_checkpoints(Path(cfg.work_dir))
            resume_from(cfg, args.resume)
        else:
            _tell_of_an_earlier_run(Path(cfg.work_dir))
            if args.load_from is not None:
                cfg.load_from = args.load_from
        if cfg.get("load_from") is None and stages_of(cfg):
            cfg.load_from = str(train_stages(cfg, args))
        train(cfg, args.launcher)
    return 0


def _tell_of_an_earlier_run(work_dir: Path) -> None:
    if latest_checkpoint(work_dir) is not None:
        print(
            f"{work_dir}: has checkpoints of an earlier run, which this one replaces one by one;"
            " --resume goes on with it instead, another --work-dir keeps it"
        )


def train_stages(cfg: Config, args: argparse.Namespace) -> Path:
    """Train each branch of a fused network by itself, as the config's ``stages`` say.

    Branches go into ``WORK_DIR/stage_NAME``. With ``--resume``, finished ones are not trained
    again, and one that was cut goes on.

    Args:
        cfg: The fused network's config, ``work_dir`` set.
        args: The command's arguments; those on data, seed, precision and processes hold for
            every stage.

    Returns:
        The checkpoint that joint training starts from.

    Raises:
        InputError: If a stage's config, network or data cannot be used.
    """
    parts: dict[str, Config] = {}
    checkpoints: dict[str, Path] = {}
    for name, stage in stages_of(cfg).items():
        if stage.checkpoint is not None:
            weights = read_checkpoint(stage.checkpoint)
            check_fits(cfg, name, weights.get("state_dict", weights), str(stage.checkpoint))
            checkpoints[name] = stage.checkpoint
            continue
        assert stage.config is not None
        part = load_config(
            stage.config, stage.options, args.data_root, args.action, args.seed, args.holdout
        )
        part.work_dir = str(Path(cfg.work_dir, f"stage_{name}"))
        # Before hours of training, not after.
        _change_training(part, args)
        check_fits(cfg, name, MODELS.build(part.model).state_dict(), str(stage.config))
        parts[name] = part
    for name, part in parts.items():
        done = latest_checkpoint(Path(part.work_dir)) if args.resume is not None else None
        if done is None or not is_finished(part, done):
            if done is not None:
                resume_from(part, str(done))
            print(f"stage {name}: training its encoder by itself, in {part.work_dir}")
            train(part, args.launcher)
            barrier()  # One process writes the checkpoint that all read.
            done = latest_checkpoint(Path(part.work_dir))
        if done is None:
            raise InputError(f"{part.work_dir}: training left no checkpoint; add a CheckpointHook")
        checkpoints[name] = done
    print(f"joint training starts from {', '.join(map(str, checkpoints.values()))}")
    return join_weights(cfg, checkpoints, Path(cfg.work_dir, "stages.pth"))


def _change_training(cfg: Config, args: argparse.Namespace) -> None:
    corrupt_loader(cfg, "train_dataloader", args.corrupt)
    if args.amp:
        use_mixed_precision(cfg)


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
    _check_length(cfg)
    _validate_by_labels_only(cfg)
    runner = build_runner(cfg, launcher)
    bare_model(runner).view_frames = longest_view(cfg.get("train_dataloader"))
    runner.train()
    return runner


def _check_length(cfg: Config) -> None:
    """Raise an `InputError` if the training has no epoch or step to do: it would end at once."""
    loop = cfg.get("train_cfg") or {}
    for key in ("max_epochs", "max_iters"):
        number = loop.get(key)
        if number is not None and (type(number) is not int or number < 1):
            raise InputError(f"train_cfg.{key} is {number!r:.40}, expected a number from 1 on")


def _validate_by_labels_only(cfg: Config) -> None:
    """Leave validation out where not one of the sequences has phase labels."""
    if cfg.get("val_dataloader") is None:
        return
    dataset = cfg.val_dataloader.dataset.get("dataset", {})
    if not (dataset.get("labelled_only") and dataset.get("data_root")):
        return
    actions = dataset.get("action")
    actions = [actions] if isinstance(actions, str) else actions
    labelled = [
        entry.labelled
        for entry in read_index(dataset.data_root).sequences
        if actions is None or entry.action in actions
    ]
    if labelled and not any(labelled):
        print(f"{dataset.data_root}: no sequence has phase labels, so none is scored meanwhile")
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None


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


if __name__ == "__main__":
    raise SystemExit(main())
