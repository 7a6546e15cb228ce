r"""Train a general network without an activity, and carry phases of that activity over with it.

For each of Penn Action's labelled actions in turn the config is trained on all its clips but those
of the action and of its sibling (the same movement under another name); no label is used, and no
readout is fitted to the action. Then the network aligns the action's clips: phases are carried over
from the medoid and from every fifth training clip to the clips of a split, whole and trimmed,
beside raw poses, poses brought to a fixed length and the clock. `event_error` and the protocols'
other figures stand beside them. Trainings that are done are not done again, and one that was cut
goes on.

Choose by `--split train`; score `--split val` once, at the end.

Example: python tools/analysis/never_seen.py configs/general_cpu.py --data-root data/penn_action \
             --work-dir work_dirs/never_seen --out never_seen.json
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from mmengine.config import Config

from mmalign.apis.embedder import Embedder
from mmalign.apis.loading import load_aligner
from mmalign.cli.config import add_config_arguments, config_from, iterate_datasets
from mmalign.cli.guard import guarded
from mmalign.cli.penn_action_data import choose_actions
from mmalign.cli.resuming import is_finished, latest_checkpoint, resume_from
from mmalign.cli.train import train
from mmalign.errors import InputError
from mmalign.evaluation import evaluate
from mmalign.evaluation.clip import Clip
from mmalign.evaluation.options import ProtocolOptions
from mmalign.experiments.labelled_clips import labelled_clips
from mmalign.experiments.phase_transfer import (
    METHODS,
    Embed,
    floor_figures,
    transfer_figures,
    whole_and_trimmed,
)
from mmalign.fileio import write_json
from mmalign.functional.floors import raw_pose
from mmalign.poses.pose_file import PoseSequence
from mmalign.poses.pose_index import read_index

SIBLINGS = {
    "baseball_swing": ("baseball_pitch",),
    "tennis_forehand": ("tennis_serve",),
}
"""Actions that are left out together with another one."""
EVERY = 5
"""Of the training clips, every how many-th carries phases over besides the medoid."""


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_config_arguments(parser)
    parser.add_argument("--work-dir", required=True, metavar="DIR", help="of the trainings")
    parser.add_argument("--split", choices=("train", "val"), default="train", help="what is scored")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--out", metavar="FILE", help="a JSON file for the figures")
    args = parser.parse_args(argv)
    # Both are the scored data's; the config's other data sets have folders of their own.
    root, wanted, args.data_root, args.action = args.data_root, args.action, None, None
    root = root or scored_root(config_from(args))
    figures: dict[str, dict[str, Any]] = {}
    for action in choose_actions(root, wanted):
        cfg = config_from(args)
        place(cfg, root)
        leave_out(cfg, {action, *SIBLINGS.get(action, ())})
        cfg.work_dir = str(Path(args.work_dir, action))
        embedder = Embedder(load_aligner(finished_training(cfg)))
        embed = partial(embed_at_own_rate, embedder)
        figures[action] = score(root, action, embed, args.split, args.methods)
        show(action, figures[action])
    figures["mean"] = {
        key: {name: mean(one[key][name] for one in figures.values()) for name in content}
        for key, content in next(iter(figures.values())).items()
    }
    show("mean of the actions", figures["mean"])
    if args.out:
        write_json(args.out, figures)
    return 0


def scored_root(cfg: Config) -> str:
    """Folder of the data set that a config is tested on.

    Raises:
        InputError: If it has none.
    """
    roots = [one.get("data_root") for one in iterate_datasets(cfg, ["test_dataloader"])]
    if not roots or not roots[0]:
        raise InputError("the config tests on no data set; name Penn Action's with --data-root")
    return str(roots[0])


def place(cfg: Config, root: str) -> None:
    """Put the folder of the data that the config is tested on into its data sets."""
    old = scored_root(cfg)
    for dataset in iterate_datasets(cfg):
        if dataset.get("data_root") == old:
            dataset["data_root"] = root


def leave_out(cfg: Config, actions: set[str]) -> None:
    """Take actions out of the training data of a config.

    Raises:
        InputError: If none of its data sets has one of them, or one would be left without clips.
    """
    found = False
    for dataset in iterate_datasets(cfg, ["train_dataloader"]):
        if not dataset.get("data_root"):
            continue
        of_split = [e for e in read_index(dataset["data_root"]).sequences if e.split == "train"]
        there = {entry.action for entry in of_split}
        if chosen := dataset.get("action"):
            there &= {chosen} if isinstance(chosen, str) else set(chosen)
        if there & actions:
            found = True
            dataset["action"] = sorted(there - actions)
            if not dataset["action"]:
                raise InputError(
                    f"{dataset['data_root']}: found no training clips but of"
                    f" {', '.join(sorted(actions))}, expected others; leave the data set out"
                )
    if not found:
        raise InputError(
            f"the config trains on no clip of {', '.join(sorted(actions))}: nothing is left out;"
            " check its data_root"
        )


def finished_training(cfg: Config) -> Path:
    """Train as a config says, as far as it is not done; returns the last checkpoint.

    Raises:
        InputError: If training leaves none.
    """
    folder = Path(cfg.work_dir)
    done = latest_checkpoint(folder)
    if done is not None and is_finished(cfg, done):
        return done
    if done is not None:
        resume_from(cfg, str(done))
    train(cfg)
    done = latest_checkpoint(folder)
    if done is None:
        raise InputError(f"{folder}: training left no checkpoint; add a CheckpointHook")
    return done


def embed_at_own_rate(embedder: Embedder, clip: PoseSequence) -> np.ndarray:
    """Embeddings ``(T, D)`` of a clip's own frames."""
    return embedder(clip, clip.fps)


def score(
    root: str, action: str, embed: Embed, split: str = "val", methods: Sequence[str] = METHODS
) -> dict[str, dict[str, float]]:
    """All figures of one action.

    Args:
        root: Folder of the prepared data set.
        action: Its name.
        embed: Embeds a clip.
        split: Of the clips that phases are carried over to.
        methods: How they are aligned.

    Returns:
        Per ``whole, embedding, METHOD`` and the like what
        :func:`~mmalign.experiments.phase_transfer.summary` says; per ``published`` and ``trimmed``
        what the protocols say.
    """
    train, scored = labelled_clips(root, action, "train"), whole_and_trimmed(root, action, split)
    others = range(0, len(train), EVERY)
    ways: dict[str, Embed] = {
        "embedding": embed,
        "raw pose": lambda clip: raw_pose(clip.keypoints, clip.scores),
    }
    figures: dict[str, dict[str, float]] = {}
    for feature, compute in ways.items():
        found, chosen = transfer_figures(train, scored, compute, methods, others)
        figures |= {key.replace(", ", f", {feature}, ", 1): one for key, one in found.items()}
        if feature == "embedding":
            figures |= floor_figures(train, scored, chosen)
        protocols = evaluate(
            [_clip(clip, compute) for clip in train],
            [_clip(clip, compute) for clip in scored["whole"]],
            [
                _clip(clip, compute, whole.num_frames)
                for clip, whole in zip(scored["trimmed"], scored["whole"], strict=True)
            ],
            ProtocolOptions(tau_stride=2),
        )
        figures |= {f"{name}, {feature}": one for name, one in protocols.items()}
    return figures


def _clip(clip: PoseSequence, embed: Embed, num_frames: int | None = None) -> Clip:
    assert clip.labels is not None
    return Clip("", embed(clip), clip.labels, num_frames or clip.num_frames)


def show(title: str, figures: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for key, row in figures.items():
        cells = "  ".join(f"{name} {value:.3f}" for name, value in row.items())
        print(f"  {key:34}", cells, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
