"""The table of modalities: a row, and how its frames are made, is all that a new one costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from PIL import Image

from mmalign.apis.loading import load_aligner
from mmalign.datasets.frames import reading
from mmalign.datasets.pose_dataset import PoseSequenceDataset
from mmalign.models import Aligner
from mmalign.models.branch import packed_modalities
from mmalign.poses.pose_file import write_pose_file
from mmalign.poses.pose_index import SOURCES, PoseIndex, SequenceEntry, write_index
from mmalign.registry import MODELS, TRANSFORMS
from mmalign.structures.modalities import FRAMES, MODALITIES, FrameModality, packable
from mmalign.toy import generate_dataset

COUNT = 50


def test_rows_fit_together() -> None:
    for name, modality in MODALITIES.items():
        assert name == modality.name and modality.source in ("pose", *SOURCES)
        assert modality.meaning and "\n" not in modality.meaning
        assert modality.packed in packable()
    for frames in FRAMES.values():
        assert frames.channels == len(frames.std) == len(frames.mirrored or frames.std)
        assert min(frames.std) > 0 and np.dtype(frames.dtype).itemsize <= 4


def test_configs_and_checkpoints_know_the_names_and_their_normalisation() -> None:
    assert list(MODALITIES) == ["pose", "joints", "rgb", "flow", "depth"]
    assert packable() == ("pose", "rgb", "flow", "depth")
    assert packed_modalities(["joints", "rgb", "pose"]) == ("pose", "rgb")
    with pytest.raises(ValueError, match="must be one of .*'pose'.*found 'sound'"):
        packed_modalities(["sound"])
    rgb = dict(in_channels=3, mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
    assert FRAMES["rgb"].encoder_args == rgb
    assert FRAMES["flow"].encoder_args == dict(in_channels=2, mean=[0.0] * 2, std=[2.0] * 2)
    assert FRAMES["depth"].encoder_args == dict(in_channels=1, mean=[2.0], std=[1.0])


def test_the_page_on_frames_names_those_there_are(repo: Path) -> None:
    text = (repo / "docs" / "fusion.md").read_text()
    assert [name for name in FRAMES if f"| `{name}` |" not in text] == []
    assert [source for source in SOURCES if f"| `{source}` |" not in text] == []


def slopes(pictures: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Difference of each pixel's brightness to that of the pixel on its left."""
    for picture in pictures:
        grey = picture.mean(axis=2, dtype=np.float32)
        yield np.diff(grey, axis=1, prepend=0)[..., None]


@pytest.fixture
def slope(monkeypatch: pytest.MonkeyPatch) -> FrameModality:
    """A modality that is made up: an odd function of the picture's left and right."""
    row = FrameModality(
        name="slope",
        meaning="how much brighter a pixel is than the one on its left",
        source="video",
        dtype="float32",
        mean=(0.5,),
        std=(50.0,),
        mirrored=(-1,),
    )
    monkeypatch.setitem(MODALITIES, "slope", row)
    monkeypatch.setitem(FRAMES, "slope", row)
    monkeypatch.setitem(reading._MADE, "slope", slopes)
    return row


def write_data(folder: Path) -> None:
    made = generate_dataset("sort", 1, "train", 0, length=(COUNT, COUNT))[0]
    write_pose_file(folder / "poses/a.npz", made)
    (folder / "pictures").mkdir()
    rng = np.random.default_rng(0)
    for number in range(made.num_frames):
        picture = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8))
        picture.save(folder / f"pictures/{number:03d}.png")
    facts = ("a", "poses/a.npz", "train", "sort", made.num_frames, made.fps, True, "a")
    index = PoseIndex(made.skeleton, "a test", {"sort": {"phases": []}})
    index.sequences.append(SequenceEntry(*facts, video="pictures"))
    write_index(folder, index)


def test_a_new_modality_is_read_packed_embedded_and_found_in_videos(
    slope: FrameModality, tmp_path: Path
) -> None:
    write_data(tmp_path)
    load = dict(type="LoadFrames", modality="slope", size=16, cache_dir=str(tmp_path / "cache"))
    pack = dict(type="PackAlignmentInputs", modalities=["slope"])
    pipeline = Compose([TRANSFORMS.build(step) for step in (load, pack)])
    sample = PoseSequenceDataset(str(tmp_path))[0]
    found = pipeline(dict(sample))["inputs"]["slope"][0]
    assert found.shape == (sample["num_frames"], 1, 16, 16) and found.dtype == torch.float32
    with Image.open(tmp_path / "pictures/004.png") as picture:
        wanted = next(slopes(iter([np.asarray(picture)])))
    np.testing.assert_allclose(found[4].numpy(), wanted.transpose(2, 0, 1))
    flipped = pipeline({**sample, "flipped": True})["inputs"]["slope"][0]
    torch.testing.assert_close(flipped, -found.flip(-1))

    encoder = dict(type="ViViTEncoder", dim=24, num_heads=2, spatial_depth=1, temporal_depth=0)
    network = dict(
        type="Aligner",
        data_preprocessor=dict(type="AlignmentDataPreprocessor", skeleton="coco17"),
        encoder=dict(encoder, image_size=16, patch_size=8, temporal_encoding="none"),
        loss=dict(type="AlignmentLoss"),
        modality="slope",
    )
    config = Config(dict(model=network, test_dataloader=dict(dataset=dict(pipeline=[load, pack]))))
    kept = {"meta": {"cfg": config.pretty_text}, "state_dict": MODELS.build(network).state_dict()}
    torch.save(kept, tmp_path / "net.pth")
    loaded = load_aligner(tmp_path / "net.pth")
    assert loaded.usable(with_video=True) == ["slope"] and loaded.usable(with_video=False) == []
    model = loaded.model
    assert isinstance(model, Aligner) and model.modalities == ("slope",)
    batch = model.data_preprocessor(pseudo_collate([pipeline(dict(sample))]))
    with torch.inference_mode():
        embedding = model(**batch, mode="predict")[0].embedding
    assert embedding.shape == (sample["num_frames"], 24) and embedding.std() > 0
