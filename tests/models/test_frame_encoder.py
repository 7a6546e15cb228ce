"""The encoder of video frames: normalisation, chunks and their memory, one modality alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmalign.errors import InputError
from mmalign.models import ViViTEncoder
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample
from mmalign.structures.modalities import FRAMES

SMALL = dict(dim=24, num_heads=2, spatial_depth=2, temporal_depth=1)


def make_encoder(**options):
    torch.manual_seed(0)
    return ViViTEncoder(
        **{**FRAMES["rgb"].encoder_args, "image_size": 32, "patch_size": 8, **SMALL} | options
    )


def bytes_frames(n=11, size=32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (n, 3, size, size), generator=generator, dtype=torch.uint8)


def test_bytes_are_normalised_with_imagenets_mean_and_deviation():
    encoder, frames = make_encoder(), bytes_frames(2)
    seen = []
    encoder.patch_embed.register_forward_hook(lambda _m, args, _o: seen.append(args[0]))
    encoder(frames, torch.ones(1, 2, dtype=torch.bool))
    mean, std = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    patch = frames[1, :, 8:16, 16:24].numpy().transpose(1, 2, 0)  # Row 1, column 2 of 4 by 4.
    expected = ((patch - mean) / std).transpose(2, 0, 1).reshape(-1)
    np.testing.assert_allclose(seen[0][1, 6].numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("chunk", [1, 4, 11, 50])
def test_chunks_give_the_same_embeddings_and_gradients(chunk):
    frames, mask = bytes_frames(), torch.ones(1, 11, dtype=torch.bool)
    results = []
    for size in (None, chunk):
        encoder = make_encoder(frame_chunk=size, dropout=0.0)
        out = encoder(frames, mask)
        out.square().sum().backward()
        results.append((out, {name: p.grad for name, p in encoder.named_parameters()}))
    torch.testing.assert_close(results[0][0], results[1][0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(results[0][1], results[1][1], atol=1e-4, rtol=1e-3)


def test_no_more_than_a_chunk_is_kept_for_the_way_back():
    """What autograd holds of the spatial part does not grow with the number of frames."""

    def kept(frames: int, chunk: int | None) -> int:
        encoder = make_encoder(frame_chunk=chunk)
        size = 0

        def count(tensor):
            nonlocal size
            size += tensor.nelement() * tensor.element_size()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            encoder(bytes_frames(frames), torch.ones(1, frames, dtype=torch.bool))
        return size

    def growth(chunk):
        return kept(64, chunk) - kept(32, chunk)

    assert growth(4) < growth(None) / 10


def test_frames_of_another_size_are_named():
    with pytest.raises(InputError, match="frames are 16x16 pixels, the encoder takes 32x32"):
        make_encoder()(bytes_frames(2, 16), torch.ones(1, 2, dtype=torch.bool))
    with pytest.raises(ValueError, match="frame_chunk"):
        make_encoder(frame_chunk=0)


def test_an_aligner_of_rgb_alone():
    config = dict(
        type="Aligner",
        modality="rgb",
        data_preprocessor=dict(type="AlignmentDataPreprocessor", skeleton="penn13"),
        encoder=dict(type="ViViTEncoder", image_size=32, patch_size=8, **SMALL),
        loss=dict(type="AlignmentLoss"),
    )
    model = MODELS.build(config)
    sample = AlignmentDataSample(frame_inds=[torch.arange(6).float()] * 2)
    clips = [[bytes_frames(6)], [bytes_frames(6, seed=1)]]
    data = model.data_preprocessor(dict(inputs=dict(rgb=clips), data_samples=[sample]))
    assert data["inputs"][0].frames["rgb"].dtype == torch.uint8  # A quarter of float32's memory.
    assert torch.isfinite(model(**data, mode="loss")["loss"])
    assert model(**data).shape == (1, 6, 24)
    # The config alone says how frames are normalised: checkpoints hold what was learned.
    assert not {"encoder.mean", "encoder.std"} & set(model.state_dict())
