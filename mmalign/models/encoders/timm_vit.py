"""Weights of an image transformer of timm as the start of a ViViT's spatial part."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from mmalign.compat import read_checkpoint
from mmalign.errors import InputError

# Ours: timm's, within a block.
_BLOCK = {
    "norm_attention": "norm1",
    "attention.out": "attn.proj",
    "norm_mlp": "norm2",
    "mlp.0": "mlp.fc1",
    "mlp.3": "mlp.fc2",
}


def timm_vit_weights(
    path: str, own: Mapping[str, Tensor], image_size: int, patch_size: int, depth: int
) -> dict[str, Tensor]:
    """Patch embedding, position encoding and blocks of a timm ViT, under an encoder's names.

    The file is read without running code. Patches of another side and another grid of patches are
    interpolated, other input channels get the mean over the file's; of a deeper network the first
    blocks are taken. The class token and the classifier are left: tokens are averaged here.

    Args:
        path: Written by ``torch.save(vit.state_dict(), path)``.
        own: The encoder's weights; its width and ``mlp_ratio`` must be the file's.
        image_size: Side of the encoder's square frames in pixels.
        patch_size: Side of its patches.
        depth: Its blocks over the tokens of one frame.

    Raises:
        InputError: If the file cannot be read or does not fit: blocks with layers that ours have
            not (layer scale, norms of queries and keys) would compute something else here.
    """
    content = read_checkpoint(path)
    weights: Mapping[str, Tensor] = content.get("state_dict", content)
    layers = [name.split(".", 2)[-1].rpartition(".")[0] for name in weights if "blocks." in name]
    for layer in layers:
        if layer not in (*_BLOCK.values(), "attn.qkv"):
            raise InputError(
                f"{path}: its blocks have {layer}, expected those of a plain timm"
                " VisionTransformer (no layer scale, no norms of queries and keys); name another"
            )
    channels = own["patch_embed.weight"].shape[1] // patch_size**2
    try:
        converted = _converted(weights, channels, image_size // patch_size, patch_size, depth)
    except KeyError as error:
        raise InputError(
            f"{path}: has no {error.args[0]}, expected the weights of a timm VisionTransformer of"
            f" at least {depth} blocks; lower spatial_depth or name another"
        ) from error
    for name, weight in converted.items():
        if weight.shape != own[name].shape:
            raise InputError(
                f"{path}: its weight for {name} is {tuple(weight.shape)}, the encoder's is"
                f" {tuple(own[name].shape)}; give the encoder the file's dim (and mlp_ratio), and"
                " num_heads"
            )
    return converted


def _converted(
    weights: Mapping[str, Tensor], channels: int, grid: int, side: int, depth: int
) -> dict[str, Tensor]:
    kernel = weights["patch_embed.proj.weight"]
    if (kernel.ndim, weights["pos_embed"].ndim) != (4, 3):
        raise KeyError("patch embedding of images with positions")
    converted = {
        "patch_embed.weight": _patches(kernel, channels, side).flatten(1),
        "patch_embed.bias": weights["patch_embed.proj.bias"],
        "spatial_encoding.encoding": _positions(weights, grid),
    }
    for kind in ("weight", "bias"):
        for i in range(depth):
            block = f"blocks.{i}."
            for ours, theirs in _BLOCK.items():
                converted[f"spatial.{i}.{ours}.{kind}"] = weights[f"{block}{theirs}.{kind}"]
            query, key, value = weights[f"{block}attn.qkv.{kind}"].chunk(3)
            converted[f"spatial.{i}.attention.query.{kind}"] = query
            converted[f"spatial.{i}.attention.key_value.{kind}"] = torch.cat([key, value])
        converted[f"spatial.{depth}.{kind}"] = weights[f"norm.{kind}"]
    return converted


def _patches(kernel: Tensor, channels: int, side: int) -> Tensor:
    """``(D, C, p, q)`` to other channels and another side, its answer to a flat patch kept."""
    if kernel.shape[1] != channels:
        mean = kernel.mean(dim=1, keepdim=True) * (kernel.shape[1] / channels)
        kernel = mean.expand(-1, channels, -1, -1)
    if kernel.shape[-1] == side:
        return kernel
    resized = interpolate(kernel, size=(side, side), mode="bicubic", antialias=True)
    drift = kernel.mean(dim=(2, 3), keepdim=True) - resized.mean(dim=(2, 3), keepdim=True)
    return (resized + drift) * (kernel.shape[-1] / side) ** 2


def _positions(weights: Mapping[str, Tensor], grid: int) -> Tensor:
    """The encodings of a ``grid`` x ``grid`` of patches, ``(grid * grid, D)``."""
    encoding = weights["pos_embed"][0]
    side = int(len(encoding) ** 0.5)
    # One more than a square: the class token's comes first.
    encoding = encoding[len(encoding) - side**2 :]
    if side == grid:
        return encoding
    square = encoding.T.reshape(1, -1, side, side)
    return interpolate(square, size=(grid, grid), mode="bicubic", antialias=True)[0].flatten(1).T
