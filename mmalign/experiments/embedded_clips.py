"""Clips of a config's data set with their embeddings by a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.config import Config

from mmalign.apis.loading import load_aligner
from mmalign.errors import InputError
from mmalign.models.windows import embed_clip
from mmalign.poses.pose_file import PoseSequence
from mmalign.registry import DATASETS
from mmalign.structures import AlignedSequence, RawClip


def embed_clips(
    cfg: Config, checkpoint: str, clips: Sequence[int], split: str = "val"
) -> list[AlignedSequence]:
    """Read clips of the data set that a config is tested on and embed them, whole.

    Args:
        cfg: A config with ``test_dataloader`` and ``model``.
        checkpoint: Path of the weights.
        clips: Indices in the split.
        split: ``train`` or ``val``.

    Returns:
        The clips in the order asked for, with ``embedding``. Clips of several actions have those of
        the readout of all actions, which can be compared.

    Raises:
        InputError: If there is no such clip, or data or checkpoint cannot be used.
    """
    aligner = load_aligner(checkpoint, cfg)
    inner = cfg.test_dataloader.dataset.dataset
    dataset = DATASETS.build(dict(inner, split=split, test_mode=True))
    wrong = [clip for clip in clips if not 0 <= clip < len(dataset)]
    if wrong:
        raise InputError(f"clip {wrong[0]}: the split {split!r} has 0..{len(dataset) - 1}")
    infos = [dataset.get_data_info(clip) for clip in clips]
    several = len({raw["action"] for raw in infos}) > 1
    found = []
    for raw in infos:
        whole = RawClip({**raw, **(dict(action="") if several else {})}, aligner.pipeline)
        poses = PoseSequence(
            raw["keypoint"][0],
            raw["keypoint_score"][0],
            raw["img_shape"],
            raw["fps"],
            raw["skeleton"],
            raw["labels"],
        )
        name = f"{raw['action']}, clip {raw['sample_id']}"
        embedding = embed_clip(aligner.model, whole)["embedding"].numpy()
        found.append(AlignedSequence(name, poses, embedding))
    return found
