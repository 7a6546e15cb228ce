"""Clips of a config's data set with their embeddings by a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope

from mmalign.compat import read_checkpoint
from mmalign.errors import InputError
from mmalign.poses.pose_file import PoseSequence
from mmalign.registry import DATASETS, MODELS
from mmalign.structures.alignment import AlignedSequence


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
    init_default_scope("mmalign")
    inner = cfg.test_dataloader.dataset.dataset
    dataset = DATASETS.build(dict(inner, split=split, test_mode=True))
    wrong = [clip for clip in clips if not 0 <= clip < len(dataset)]
    if wrong:
        raise InputError(f"clip {wrong[0]}: the split {split!r} has 0..{len(dataset) - 1}")
    model = MODELS.build(cfg.model)
    state = read_checkpoint(checkpoint)
    model.load_state_dict(state.get("state_dict", state))
    model.eval()
    found = []
    infos = [dataset.get_data_info(clip) for clip in clips]
    several = len({raw["action"] for raw in infos}) > 1
    for clip, raw in zip(clips, infos, strict=True):
        batch = model.data_preprocessor(pseudo_collate([dataset[clip]]))
        if several:
            batch["data_samples"][0].set_metainfo(dict(action=""))
        with torch.no_grad():
            embedding = model(**batch, mode="predict")[0].embedding
        poses = PoseSequence(
            raw["keypoint"][0],
            raw["keypoint_score"][0],
            raw["img_shape"],
            raw["fps"],
            raw["skeleton"],
            raw["labels"],
        )
        name = f"{raw['action']}, clip {raw['sample_id']}"
        found.append(AlignedSequence(name, poses, embedding.numpy()))
    return found
