"""The training clips that hooks look at, short and long."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmalign.engine.hooks.training_clips import TrainingClips
from mmalign.models.windows import embed_clip
from mmalign.registry import DATASETS, MODELS
from mmalign.structures import RawClip

STEPS = [dict(type="CropToPoseBox", size=30), dict(type="PackAlignmentInputs")]


def test_they_are_embedded_whole_as_any_clip_is() -> None:
    block = dict(dim=24, num_heads=2, temporal_depth=1, temporal_encoding="rotary")
    model = dict(
        type="Aligner",
        data_preprocessor=dict(type="CoordinateDataPreprocessor", skeleton="coco17"),
        encoder=dict(type="CoordinateEncoder", spatial="linear", **block),
        loss=dict(type="AlignmentLoss"),
        max_frames=50,
    )
    toy = dict(type="ToyPoseDataset", num_sequences=4, length=(40, 70))
    # Training takes windows of clips that are too long for it.
    training = dict(toy, max_frames=20, pipeline=[], repeat=3)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope("mmalign"):
        network = MODELS.build(model)
        cfg = Config(dict(train_dataloader=dict(dataset=training)))
        found = TrainingClips(STEPS, 2).embed(SimpleNamespace(cfg=cfg, model=network))
        dataset = DATASETS.build(dict(toy, pipeline=STEPS))
    assert network.training
    infos = [dataset.get_data_info(i) for i in range(4)]
    lengths = {info["sample_id"]: info["num_frames"] for info in infos}
    assert min(lengths.values()) <= 50 < max(lengths.values())
    assert {name: len(u) for name, u in found["lift"].items()} == lengths
    network.eval()
    for info in infos:
        expected = embed_clip(network, RawClip(info, dataset.pipeline))["embedding"]
        ours = torch.from_numpy(found["lift"][info["sample_id"]])
        torch.testing.assert_close(ours, expected, atol=1e-5, rtol=0)
