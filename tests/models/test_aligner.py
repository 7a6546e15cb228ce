"""The network: masks, packing, ablations."""

import pytest
import torch

from mmalign.errors import InputError
from mmalign.models import ViewBatch
from mmalign.models.layers import LearnedEncoding
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample

LENGTHS = (9, 5, 12)


def make_model(
    cross=True, head=True, n_cross=1, cross_encoding="learned", max_frames=None, **encoder
):
    torch.manual_seed(0)
    small = dict(dim=24, num_heads=2, temporal_depth=2, max_frames=32)
    kind = encoder.setdefault("type", "ViViTEncoder")
    if kind != "STGCNEncoder":
        small["spatial_depth"] = 1
    pixels = kind == "ViViTEncoder"
    preprocessor = "AlignmentDataPreprocessor" if pixels else "CoordinateDataPreprocessor"
    model = MODELS.build(
        dict(
            type="Aligner",
            data_preprocessor=dict(type=preprocessor, skeleton="penn13"),
            encoder=small | encoder,
            cross=dict(
                type="CrossAttention",
                dim=24,
                num_heads=2,
                n_cross=n_cross,
                encoding=cross_encoding,
                max_frames=32,
            )
            if cross
            else None,
            head=dict(type="ProjectionHead", dim=24, hidden=24, out=16) if head else None,
            loss=dict(type="AlignmentLoss"),
            max_frames=max_frames,
        )
    )
    return model.eval()


def make_batch(lengths=LENGTHS, views=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    poses = [
        [torch.rand(n, 13, 3, generator=generator) * 29 for n in lengths] for _ in range(views)
    ]
    for view in poses:
        for pose in view:
            pose[..., 2] /= 29
    samples = [
        AlignmentDataSample(
            metainfo=dict(sample_id=str(i)), frame_inds=[torch.arange(n).float()] * views
        )
        for i, n in enumerate(lengths)
    ]
    return dict(inputs=dict(pose=poses), data_samples=samples)


ABLATIONS = {
    "full": {},
    "rotary": dict(temporal_encoding="rotary", cross_encoding="none"),
    "no temporal transformer": dict(temporal_depth=0),
    "no projection head": dict(head=False),
    "no positional encoding": dict(
        spatial_encoding="none", temporal_encoding="none", cross_encoding="none"
    ),
    "no cross-attention": dict(cross=False),
    "no spatial transformer": dict(spatial="mlp"),
    "CASA": dict(type="CoordinateEncoder", temporal_depth=0),
    "joints attend to joints": dict(type="CoordinateEncoder", spatial="transformer"),
    "ST-GCN": dict(type="STGCNEncoder", channels=(8, 8, 12), kernel=5),
}


@pytest.mark.parametrize("options", ABLATIONS.values(), ids=ABLATIONS.keys())
def test_embeddings_do_not_depend_on_padding_or_batch_mates(options):
    model = make_model(**options)
    with torch.no_grad():
        together = model(**model.data_preprocessor(make_batch()))
        for i, length in enumerate(LENGTHS):
            batch = make_batch()
            alone = dict(
                inputs=dict(pose=[[batch["inputs"]["pose"][0][i]]]),
                data_samples=[batch["data_samples"][i]],
            )
            single = model(**model.data_preprocessor(alone))
            torch.testing.assert_close(together[i, :length], single[0], atol=1e-5, rtol=0)
            assert (together[i, length:] == 0).all()


@pytest.mark.parametrize("options", ABLATIONS.values(), ids=ABLATIONS.keys())
def test_every_parameter_learns(options):
    model = make_model(**options).train()
    data = model.data_preprocessor(make_batch(views=2), True)
    loss = model(**data, mode="loss")["loss"]
    loss.backward()
    # A temporal encoding covers max_frames; without any encoding equal queries may cancel.
    dead = [
        name
        for name, p in model.named_parameters()
        if p.requires_grad and (p.grad is None or not torch.isfinite(p.grad).all())
    ]
    assert not dead and loss.item() > 0


def test_loss_does_not_depend_on_batch_mates():
    model = make_model()
    with torch.no_grad():
        together = model(**model.data_preprocessor(make_batch(views=2)), mode="loss")["loss"]
        single = []
        for i in range(len(LENGTHS)):
            batch = make_batch(views=2)
            one = dict(
                inputs=dict(pose=[[view[i]] for view in batch["inputs"]["pose"]]),
                data_samples=[batch["data_samples"][i]],
            )
            single.append(model(**model.data_preprocessor(one), mode="loss")["loss"])
    torch.testing.assert_close(together, torch.stack(single).mean(), atol=1e-5, rtol=0)


def test_predict_gives_one_embedding_per_frame():
    model = make_model()
    with torch.no_grad():
        samples = model(**model.data_preprocessor(make_batch()), mode="predict")
    assert [tuple(s.embedding.shape) for s in samples] == [(n, 24) for n in LENGTHS]


def test_rotary_embeddings_do_not_count_frames():
    """In a constant clip all frames look alike with rotary positions, not with absolute ones."""
    pose = torch.rand(1, 13, 3).expand(10, 13, 3) * torch.tensor([29.0, 29.0, 1.0])
    data = dict(
        inputs=dict(pose=[[pose]]),
        data_samples=[AlignmentDataSample(frame_inds=[torch.arange(10).float()])],
    )
    spread = {}
    for kind in ("rotary", "learned"):
        model = make_model(temporal_encoding=kind, cross=False)
        with torch.no_grad():
            embedding = model(**model.data_preprocessor(data))[0]
        spread[kind] = (embedding - embedding[:1]).abs().max().item()
    assert spread["rotary"] < 1e-5 < spread["learned"]


def test_spatial_transformer_sees_no_padding():
    model = make_model()
    seen = []
    model.encoder.patch_embed.register_forward_hook(
        lambda _m, args, _o: seen.append(args[0].shape[0])
    )
    with torch.no_grad():
        model(**model.data_preprocessor(make_batch()))
    assert seen == [sum(LENGTHS)]


def test_a_view_longer_than_the_learned_encodings_is_told() -> None:
    with pytest.raises(InputError, match="40 positions, its learned encoding 32: set max_frames"):
        LearnedEncoding(32, 8)(torch.zeros(1, 40, 8))


def test_mixed_precision_is_close():
    model = make_model()
    with torch.no_grad():
        batch = model.data_preprocessor(make_batch())
        exact = model(**batch)
        with torch.autocast("cpu", torch.bfloat16):
            rough = model(**batch)
    assert rough.dtype != torch.float64
    torch.testing.assert_close(rough.float(), exact, atol=0.15, rtol=0)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (dict(patch_size=7), "patch_size"),
        (dict(spatial="graph"), "spatial"),
        (dict(temporal_encoding="rope"), "encoding"),
        (dict(num_heads=5), "num_heads"),
        (dict(type="CoordinateEncoder", spatial="graph"), "spatial"),
        (dict(type="STGCNEncoder", kernel=4), "kernel"),
    ],
)
def test_bad_options_are_named(options, word):
    with pytest.raises(ValueError, match=word):
        make_model(**options)


def test_a_mode_that_does_not_exist_is_named():
    model = make_model()
    batch = model.data_preprocessor(make_batch())
    with pytest.raises(ValueError, match="mode"):
        model(**batch, mode="train")


def test_view_batch_holds_the_packed_frames():
    model = make_model()
    (view,) = model.data_preprocessor(make_batch())["inputs"]
    assert isinstance(view, ViewBatch)
    assert view.frames["pose"].shape == (sum(LENGTHS), 13 + 13, 30, 30)
    assert view.mask.sum(1).tolist() == list(LENGTHS)
