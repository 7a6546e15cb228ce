"""Fusion of modalities: branches, modality dropout, missing modalities, parts, windows."""

from __future__ import annotations

import itertools

import pytest
import torch

from mmalign.errors import InputError
from mmalign.models import ConcatFusion
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample

LENGTHS = (9, 5, 12)
CHANNELS = dict(rgb=3, flow=2, depth=1)
VIT = dict(type="ViViTEncoder", dim=24, num_heads=2, spatial_depth=1, temporal_depth=1)
FRAMES = dict(VIT, image_size=16, patch_size=8)


def make_model(names=("pose", "rgb"), max_frames=None, pose=VIT, **fusion):
    torch.manual_seed(0)
    kind = "Alignment" if pose["type"] == "ViViTEncoder" else "Coordinate"
    return MODELS.build(
        dict(
            type="FusedAligner",
            data_preprocessor=dict(type=f"{kind}DataPreprocessor", skeleton="penn13"),
            encoders={name: pose if name == "pose" else FRAMES for name in names},
            cross=dict(type="CrossAttention", dim=24, num_heads=2, n_cross=1, max_frames=32),
            fusion=dict(type="ConcatFusion", dim=20, **fusion),
            head=dict(type="ProjectionHead", dim=20, hidden=24, out=16),
            loss=dict(type="AlignmentLoss"),
            max_frames=max_frames,
        )
    ).eval()


def make_clip(name, length, generator):
    if name == "pose":
        pose = torch.rand(length, 13, 3, generator=generator) * 29
        pose[..., 2] /= 29
        return pose
    frames = torch.rand(length, CHANNELS[name], 16, 16, generator=generator) * 255
    return frames.to(torch.uint8) if name == "rgb" else frames / 64


def make_batch(names=("pose", "rgb"), lengths=LENGTHS, views=1):
    generator = torch.Generator().manual_seed(0)
    inputs = {
        name: [[make_clip(name, n, generator) for n in lengths] for _ in range(views)]
        for name in names
    }
    samples = [AlignmentDataSample(frame_inds=[torch.arange(n).float()] * views) for n in lengths]
    return dict(inputs=inputs, data_samples=samples)


def embed(model, batch):
    with torch.no_grad():
        return model(**model.data_preprocessor(batch))


@pytest.mark.parametrize(
    "names", [("pose", "rgb"), ("pose", "flow"), ("rgb", "depth"), ("pose", "rgb", "flow", "depth")]
)
def test_any_set_of_modalities_embeds_and_every_weight_learns(names):
    model = make_model(names).train()
    data = model.data_preprocessor(make_batch(names, views=2))
    model(**data, mode="loss")["loss"].backward()
    dead = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not dead
    out = embed(model.eval(), make_batch(names))
    assert out.shape == (3, 12, 20) and (out[1, 5:] == 0).all() and (out[1, :5] != 0).any()


def test_poses_as_coordinates_fuse_with_frames():
    pose = dict(type="CoordinateEncoder", dim=24, num_heads=2)
    assert embed(make_model(pose=pose), make_batch()).shape == (3, 12, 20)


def test_fusion_is_concatenation_and_a_linear_layer():
    fusion = ConcatFusion(dict(a=2, b=3), dim=4)
    torch.nn.init.normal_(fusion.stand_in["b"])
    a, b, mask = torch.randn(2, 5, 2), torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.bool)
    mask[1, 3:] = False
    both, alone = fusion(dict(a=a, b=b), mask), fusion(dict(a=a), mask)
    weight, bias, stand_in = fusion.linear.weight, fusion.linear.bias, fusion.stand_in["b"]
    for i, t in itertools.product(range(2), range(5)):
        expected = weight @ torch.cat([a[i, t], b[i, t]]) + bias if mask[i, t] else bias * 0
        torch.testing.assert_close(both[i, t], expected)
        expected = weight @ torch.cat([a[i, t], stand_in]) + bias if mask[i, t] else bias * 0
        torch.testing.assert_close(alone[i, t], expected)
    kept = dict(a=torch.tensor([True, True]), b=torch.tensor([True, False]))
    mixed = fusion(dict(a=a, b=b), mask, kept)
    torch.testing.assert_close(mixed, torch.stack([both[0], alone[1]]))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_dropout_draws_every_proper_subset_alike_and_keeps_one(count):
    names = [str(i) for i in range(count)]
    fusion = ConcatFusion(dict.fromkeys(names, 2), dropout=0.6)
    torch.manual_seed(0)
    drawn = torch.stack(list(fusion.draw(20000, torch.device("cpu")).values()), dim=1)
    assert drawn.any(1).all()
    assert drawn.all(1).float().mean().item() == pytest.approx(0.4, abs=0.02)
    subsets, counts = drawn[~drawn.all(1)].unique(dim=0, return_counts=True)
    assert len(subsets) == 2**count - 2
    share = counts / counts.sum()
    assert share.tolist() == pytest.approx([1 / len(subsets)] * len(subsets), abs=0.02)
    never = ConcatFusion(dict.fromkeys(names, 2), dropout=0.0).draw(50, torch.device("cpu"))
    assert all(kept.all() for kept in never.values())


def test_a_sequence_loses_the_same_modalities_in_both_views():
    """With equal views both embeddings stay equal, whatever was dropped."""
    model = make_model(dropout=1.0).train()
    (view,) = model.data_preprocessor(make_batch())["inputs"]
    model.branches["pose"].cross = model.branches["rgb"].cross = None
    for _ in range(5):
        a, b = model.encode(view, view)
        torch.testing.assert_close(a, b)


def test_what_is_missing_when_testing_is_stood_in_for():
    model = make_model()
    samples = model(**model.data_preprocessor(make_batch()), mode="predict")
    for name, other in (("pose", "rgb"), ("rgb", "pose")):
        batch = make_batch()
        alone = dict(batch, inputs={name: batch["inputs"][name]})
        dropped = embed(model, alone)
        for i, n in enumerate(LENGTHS):
            torch.testing.assert_close(samples[i].parts[f"without_{other}"], dropped[i, :n])


def test_parts_are_the_branches_and_the_fusion_without_each():
    names = ("pose", "rgb", "flow")
    model = make_model(names)
    with torch.no_grad():
        samples = model(**model.data_preprocessor(make_batch(names)), mode="predict")
    expected = {name: 24 for name in names} | {f"without_{name}": 20 for name in names}
    for sample, n in zip(samples, LENGTHS, strict=True):
        assert {k: tuple(v.shape) for k, v in sample.parts.items()} == {
            k: (n, width) for k, width in expected.items()
        }
        assert sample.embedding.shape == (n, 20)
    single = model(**model.data_preprocessor(make_batch(("rgb",))), mode="predict")
    assert list(single[0].parts) == ["rgb"]


def test_embeddings_do_not_depend_on_padding_or_batch_mates():
    model, batch = make_model(), make_batch()
    together = embed(model, batch)
    for i, length in enumerate(LENGTHS):
        one = dict(
            inputs={name: [[views[0][i]]] for name, views in batch["inputs"].items()},
            data_samples=[batch["data_samples"][i]],
        )
        torch.testing.assert_close(together[i, :length], embed(model, one)[0], atol=1e-5, rtol=0)


def test_bad_options_and_batches_are_named():
    with pytest.raises(ValueError, match="two or more"):
        make_model(("pose",))
    with pytest.raises(ValueError, match="modality"):
        make_model(("pose", "sound"))
    with pytest.raises(ValueError, match="dropout"):
        make_model(dropout=1.5)
    model = make_model().train()
    one = model.data_preprocessor(make_batch(("rgb",), views=2))
    with pytest.raises(InputError, match="holds rgb, the network takes pose, rgb"):
        model(**one, mode="loss")
    with pytest.raises(InputError, match="PackAlignmentInputs"):
        model.eval()(**model.data_preprocessor(make_batch(("flow",))))
