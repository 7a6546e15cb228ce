"""The configs of fused networks: they build, and their stages fit the branches."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.config import Config

import mmalign.engine  # noqa: F401
from mmalign.cli.config import iterate_datasets, load_config
from mmalign.cli.stages import branch_weights, check_fits, stages_of
from mmalign.models.layers import LearnedEncoding
from mmalign.registry import DATASETS, MODELS, TRANSFORMS

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "fusion"
NAMES = sorted(path.name for path in FOLDER.glob("*.py"))
FUSED = [name for name in NAMES if "_rgb_pose_" in name or name.startswith("casa_rgb_")]

COVERING = ("temporal.encoding", "cross.encoding")


def shallow(cfg: Config) -> Config:
    """A config with one block per transformer, which builds fast; names and widths stay."""
    for encoder in [cfg.model.get("encoder"), *cfg.model.get("encoders", {}).values()]:
        for depth in ("spatial_depth", "temporal_depth"):
            if encoder is not None and encoder.type == "ViViTEncoder":
                encoder[depth] = 1
    return cfg


@pytest.mark.parametrize("name", NAMES)
def test_every_class_is_known_and_both_splits_load_alike(name: str) -> None:
    cfg = load_config(FOLDER / name)
    packed = set()
    for dataset in iterate_datasets(cfg):
        assert dataset.type in DATASETS
        for step in dataset.pipeline:
            TRANSFORMS.build(step)
            packed |= {tuple(step.get("modalities", ["pose"]))} if "Pack" in step.type else set()
    model = cfg.model
    expected = tuple(model.get("encoders", {model.get("modality", "pose"): None}))
    assert packed == {expected}


ABLATIONS = ["projected_rgb", "projected_rgb_ikea_asm", "openpose_rgb"]
ABLATIONS = [f"../ablations/{name}.py" for name in ABLATIONS]


@pytest.mark.parametrize("name", [*FUSED, *ABLATIONS])
def test_stages_fit_the_branches(name: str) -> None:
    cfg = shallow(load_config(FOLDER / name))
    stages = stages_of(cfg)
    assert list(stages) == list(cfg.model.encoders)
    for modality, stage in stages.items():
        part = shallow(load_config(stage.config, stage.options))
        assert part.model.get("modality", "pose") == modality
        weights = MODELS.build(part.model).state_dict()
        check_fits(cfg, modality, weights, name)
        assert branch_weights(weights, modality)


FULL = [f"../la2ds_{data}.py" for data in ("h2o", "ikea_asm", "penn_action")]


@pytest.mark.parametrize("name", [*NAMES, *FULL])
def test_learned_encodings_cover_what_is_embedded_at_once(name: str) -> None:
    cfg = shallow(load_config(FOLDER / name))
    model = MODELS.build(cfg.model)
    lengths = [
        len(module.encoding)
        for key, module in model.named_modules()
        if key.endswith(COVERING) and isinstance(module, LearnedEncoding)
    ]
    assert all(length >= model.max_frames for length in lengths if model.max_frames)
    dataset = cfg.train_dataloader.dataset
    views = next(step for step in dataset.pipeline if "view0" in step)
    longest = dataset.get("max_frames") or max(
        min((step.max_frames for step in view if step.get("max_frames")), default=10**6)
        for view in (views.view0, views.view1)
    )
    assert not lengths or 0 < longest <= min(lengths), "training shows longer clips"


def test_each_dataset_has_the_rows_of_table_11() -> None:
    for data in ("toy", "penn_action", "h2o", "ikea_asm"):
        rows = (f"la2ds_rgb_{data}", f"la2ds_rgb_pose_{data}", f"casa_rgb_{data}")
        assert {f"{row}.py" for row in rows} <= set(NAMES)
