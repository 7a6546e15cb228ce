"""Weights of a timm VisionTransformer, written out with its key names, in the spatial part."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, gelu, layer_norm, linear, scaled_dot_product_attention

from mmalign.errors import InputError
from mmalign.models import ViViTEncoder
from mmalign.registry import MODELS

DIM, HEADS, DEPTH = 24, 2, 3


def timm_weights(depth=DEPTH, patch=8, grid=4, channels=3, class_token=False):
    generator = torch.Generator().manual_seed(1)

    def draw(*shape):
        return torch.randn(*shape, generator=generator) * 0.2

    weights = {
        "pos_embed": draw(1, grid**2 + class_token, DIM),
        "patch_embed.proj.weight": draw(DIM, channels, patch, patch),
        "patch_embed.proj.bias": draw(DIM),
        "norm.weight": 1 + draw(DIM),
        "norm.bias": draw(DIM),
        "head.weight": draw(10, DIM),
        "head.bias": draw(10),
    }
    if class_token:
        weights["cls_token"] = draw(1, 1, DIM)
    shapes = {"norm1": (), "norm2": (), "attn.qkv": (3, 1), "attn.proj": (1, 1)}
    shapes |= {"mlp.fc1": (4, 1), "mlp.fc2": (1, 4)}
    for i in range(depth):
        for name, shape in shapes.items():
            out, *into = [n * DIM for n in shape] or [DIM]
            weights[f"blocks.{i}.{name}.weight"] = draw(out, *into) + (not into)
            weights[f"blocks.{i}.{name}.bias"] = draw(out)
    return weights


def reference(weights, images, depth=DEPTH):
    """timm's VisionTransformer(class_token=False, global_pool='avg'), as its paper has it."""

    def norm(x, name):
        return layer_norm(x, (DIM,), weights[f"{name}.weight"], weights[f"{name}.bias"])

    def dense(x, name):
        return linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    kernel = weights["patch_embed.proj.weight"]
    x = conv2d(images, kernel, weights["patch_embed.proj.bias"], stride=kernel.shape[-1])
    x = x.flatten(2).transpose(1, 2) + weights["pos_embed"]
    for i in range(depth):
        block = f"blocks.{i}."
        qkv = dense(norm(x, block + "norm1"), block + "attn.qkv")
        batch, tokens, _ = x.shape
        q, k, v = qkv.reshape(batch, tokens, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        attended = scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        x = x + dense(attended, block + "attn.proj")
        x = x + dense(gelu(dense(norm(x, block + "norm2"), block + "mlp.fc1")), block + "mlp.fc2")
    return norm(x, "norm").mean(1)


def save(path: Path, weights) -> str:
    torch.save(weights, path)
    return str(path)


def make_encoder(path, **options) -> ViViTEncoder:
    small = dict(dim=DIM, num_heads=HEADS, spatial_depth=DEPTH, temporal_depth=0)
    shape = dict(in_channels=3, image_size=32, patch_size=8)
    return ViViTEncoder(**{**shape, **small, **options}, pretrained=path)


@pytest.mark.parametrize("depth", [DEPTH, DEPTH - 1])
def test_the_spatial_part_computes_what_timms_network_does(tmp_path, depth):
    weights, images = timm_weights(), torch.randn(5, 3, 32, 32)
    path = save(tmp_path / "vit.pth", {"state_dict": weights})
    encoder = make_encoder(path, spatial_depth=depth)
    before = encoder._embed_frames(images)
    encoder.init_weights()
    expected = reference(weights, images, depth)
    assert not torch.allclose(before, expected, atol=0.1)
    torch.testing.assert_close(encoder._embed_frames(images), expected, atol=1e-4, rtol=1e-4)


def test_positions_of_another_grid_are_interpolated(tmp_path):
    """A ramp over a 4 by 4 grid stays a ramp over 8 by 8; the class token's place is left out."""
    weights = timm_weights(class_token=True)
    rows = torch.arange(4.0).repeat_interleave(4)
    weights["pos_embed"] = torch.cat([torch.tensor([99.0]), rows])[None, :, None].repeat(1, 1, DIM)
    encoder = make_encoder(save(tmp_path / "vit.pth", weights), image_size=64)
    encoder.init_weights()
    found = encoder.spatial_encoding.encoding.detach().reshape(8, 8, DIM)[..., 0]
    torch.testing.assert_close(found, found[:, :1].expand(8, 8))
    assert found[2:6, 0].tolist() == pytest.approx([0.75, 1.25, 1.75, 2.25], abs=0.05)
    assert (found.diff(dim=0) > 0).all()


@pytest.mark.parametrize("options", [dict(patch_size=16, image_size=64), dict(in_channels=2)])
def test_other_patches_and_channels_answer_alike_to_flat_frames(tmp_path, options):
    weights = timm_weights()
    encoder = make_encoder(save(tmp_path / "vit.pth", weights), **options)
    encoder.init_weights()
    kernel, bias = weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"]
    flat = torch.ones(1, encoder.patch_embed.in_features)
    torch.testing.assert_close(
        encoder.patch_embed(flat)[0], kernel.sum((1, 2, 3)) + bias, atol=1e-3, rtol=1e-3
    )


def test_training_starts_from_it_and_testing_needs_no_file(tmp_path):
    path = save(tmp_path / "vit.pth", timm_weights())
    config = dict(
        type="FusedAligner",
        data_preprocessor=dict(type="AlignmentDataPreprocessor", skeleton="penn13"),
        encoders=dict(
            pose=dict(type="ViViTEncoder", dim=DIM, num_heads=HEADS, spatial_depth=1),
            rgb=dict(
                type="ViViTEncoder",
                image_size=32,
                patch_size=8,
                dim=DIM,
                num_heads=HEADS,
                spatial_depth=DEPTH,
                pretrained=path,
            ),
        ),
        fusion=dict(type="ConcatFusion", dim=DIM),
        loss=dict(type="AlignmentLoss"),
    )
    model = MODELS.build(config)
    model.init_weights()
    weight = model.branches["rgb"].encoder.spatial[0].attention.out.weight
    assert torch.equal(weight, timm_weights()["blocks.0.attn.proj.weight"])
    Path(path).unlink()
    MODELS.build(config).load_state_dict(model.state_dict())


class Harmful:
    def __reduce__(self):
        return (print, ("code was run",))


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        (timm_weights(depth=2), {}, "has no blocks.2.*at least 3 blocks"),
        ({"linear.weight": torch.zeros(2, 2)}, {}, "has no patch_embed.proj.weight"),
        (timm_weights(), dict(dim=48), "its weight for .* is .*the encoder's is"),
        ({"state_dict": {"x": Harmful()}}, {}, "refused"),
        ({**timm_weights(), "blocks.0.ls1.gamma": torch.ones(DIM)}, {}, "its blocks have ls1"),
        ({**timm_weights(), "pos_embed": torch.ones(16)}, {}, "has no .*with positions"),
    ],
)
def test_files_that_do_not_fit_are_named(tmp_path, capsys, weights, options, message):
    path = save(tmp_path / "vit.pth", weights)
    with pytest.raises(InputError, match=f"vit.pth.*{message}"):
        make_encoder(path, **options).init_weights()
    assert "code was run" not in capsys.readouterr().out


def test_pretrained_needs_a_spatial_transformer():
    with pytest.raises(ValueError, match="pretrained needs"):
        make_encoder("vit.pth", spatial="mlp")
    assert isinstance(make_encoder(None), nn.Module)
