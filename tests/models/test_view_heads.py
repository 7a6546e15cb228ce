"""Heads that look at the view: the frame half a second before, and batch norm without padding."""

import pytest
import torch

from mmalign.errors import InputError
from mmalign.models import BatchNormHead, ContextConv, ProjectionHead, ViewBatch
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample

LENGTHS = (30, 8, 19)


def view_of(inds, fps):
    """A view of clips whose frames have these indices; what is padded is to be seen by nobody."""
    longest = max(map(len, inds))
    mask = torch.arange(longest) < torch.tensor([len(one) for one in inds]).unsqueeze(1)
    padded = torch.full(mask.shape, 1e4)
    padded[mask] = torch.cat([torch.as_tensor(one, dtype=torch.float32) for one in inds])
    return ViewBatch({}, mask, padded, torch.tensor(fps))


def clips(lengths=LENGTHS, dim=6):
    generator = torch.Generator().manual_seed(0)
    u = torch.randn(len(lengths), max(lengths), dim, generator=generator)
    return u, view_of([range(n) for n in lengths], [10.0] * len(lengths))


def context(**options):
    torch.manual_seed(0)
    return ContextConv(**{"dim": 6, "hidden": 12, "out": 5, **options}).eval()


def slowly(head, u, inds, fps):
    """Frame by frame: itself and the last frame that is at least the context's time before it."""
    rows = []
    for t, index in enumerate(inds):
        before = [j for j in range(t + 1) if inds[j] <= index - head.seconds * fps]
        rows.append(head.layers(torch.cat([u[t], u[before[-1] if before else 0]])))
    return torch.stack(rows)


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.2, 9.0])
def test_a_frame_is_seen_with_the_one_before_in_seconds(seconds):
    inds = [[3, 4, 5, 9, 10, 11, 12, 30], [0, 2.5, 4, 7, 9.5], [6]]
    rates = [10.0, 25.0, 20.0]
    u, head = torch.randn(3, 8, 6), context(seconds=seconds)
    found = head(u, view_of(inds, rates))
    for one, embeddings, mine, fps in zip(found, u, inds, rates, strict=True):
        expected = slowly(head, embeddings, mine, fps)
        torch.testing.assert_close(one[: len(mine)], expected)


def test_it_is_half_a_second_at_the_rate_of_the_clip():
    u, head = torch.randn(1, 40, 6), context()
    for fps, before in ((20.0, 10), (30.0, 15), (60.0, 30)):
        found = head(u, view_of([range(40)], [fps]))
        torch.testing.assert_close(
            found[0, 35], head.layers(torch.cat([u[0, 35], u[0, 35 - before]]))
        )
        torch.testing.assert_close(found[0, 7], head.layers(torch.cat([u[0, 7], u[0, 0]])))


def test_nothing_of_the_future_is_seen():
    (u, view), head = clips(), context()
    plain, changed = head(u, view), u.clone()
    changed[:, 12:] += 100
    torch.testing.assert_close(head(changed, view)[:, :12], plain[:, :12])
    assert not torch.allclose(head(changed, view)[:, 12], plain[:, 12])


@pytest.mark.parametrize("head", [context, lambda: BatchNormHead(6, 7, 5).eval()])
def test_padding_and_batch_mates_change_nothing(head):
    (u, view), head = clips(), head()
    together = head(u, view)
    for i, n in enumerate(LENGTHS):
        alone = head(u[i : i + 1, :n], view_of([range(n)], [10.0]))
        torch.testing.assert_close(together[i, :n], alone[0])


def test_a_window_gives_what_the_clip_gives_where_the_frame_before_is_in_it():
    u, head = torch.randn(1, 60, 6), context()
    whole = head(u, view_of([range(60)], [10.0]))
    part = head(u[:, 20:50], view_of([range(20, 50)], [10.0]))
    torch.testing.assert_close(part[:, 5:], whole[:, 25:50])
    torch.testing.assert_close(part[0, 2], head.layers(torch.cat([u[0, 22], u[0, 20]])))


def test_statistics_are_those_of_the_real_frames():
    torch.manual_seed(0)
    head = BatchNormHead(6, 7, 5).train()
    u, view = clips()
    with_padding = head(u * 1e3 * ~view.mask.unsqueeze(-1) + u * view.mask.unsqueeze(-1), view)
    norm = head.layers[1]
    mean, frames = norm.running_mean.clone(), head.layers[0](u[view.mask])
    torch.testing.assert_close(mean, 0.1 * frames.mean(0))
    torch.testing.assert_close(norm.running_var, 0.9 + 0.1 * frames.var(0))
    torch.testing.assert_close(with_padding[view.mask], head.layers(u[view.mask]))
    assert (with_padding[~view.mask] == 0).all()


def test_a_head_without_a_hidden_layer_is_linear():
    head = ProjectionHead(dim=6, hidden=None, out=5)
    x, y = torch.randn(2, 4, 6)
    torch.testing.assert_close(head(x + y) + head(torch.zeros(6)), head(x) + head(y))
    assert head(x).shape == (4, 5) and len(head) == 1


def model(head, **options):
    torch.manual_seed(0)
    encoder = dict(type="CoordinateEncoder", dim=24, num_heads=2, temporal_encoding="none")
    preprocessor = dict(type="CoordinateDataPreprocessor", skeleton="penn13")
    return MODELS.build(
        dict(type="Aligner", data_preprocessor=preprocessor, encoder=encoder, head=head, **options)
    ).eval()


def batch(lengths=LENGTHS, first=0, **facts):
    generator = torch.Generator().manual_seed(0)
    poses = [torch.rand(60, 13, 3, generator=generator)[first : first + n] for n in lengths]
    samples = [
        AlignmentDataSample(
            metainfo=dict(sample_id="a", **facts), frame_inds=[torch.arange(first, first + n) * 1.0]
        )
        for n in lengths
    ]
    return dict(inputs=dict(pose=[poses]), data_samples=samples)


def test_a_network_of_single_frames_and_their_context_embeds_a_clip_as_its_parts():
    net = model(dict(type="ContextConv", dim=24), embedding="latent", normalize=True)
    with torch.no_grad():
        whole = net(**net.data_preprocessor(batch([60], fps=10.0)))
        part = net(**net.data_preprocessor(batch([30], first=20, fps=10.0)))
    torch.testing.assert_close(whole.norm(dim=-1), torch.ones(1, 60))
    torch.testing.assert_close(part[0, 5:], whole[0, 25:50])


@pytest.mark.parametrize("embedding", ["encoder", "latent"])
def test_unit_embeddings_and_latents(embedding):
    net = model(dict(type="BatchNormHead", dim=24), embedding=embedding, normalize=True)
    views = net.data_preprocessor(batch(fps=10.0))["inputs"]
    with torch.no_grad():
        u = net.encode(views[0])[0]
        z = net.project(net.head, u, views[0])
        embedded = net.embed(views[0])
    expected = u if embedding == "encoder" else net.head(u, views[0])
    expected = expected / expected.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    torch.testing.assert_close(embedded, expected)
    torch.testing.assert_close(z[views[0].mask].norm(dim=-1), torch.ones(sum(LENGTHS)))


def test_what_is_missing_is_named():
    net = model(dict(type="ContextConv", dim=24), embedding="latent")
    with pytest.raises(InputError, match="ContextConv: the samples of a batch have no fps"):
        net(**net.data_preprocessor(batch()))
    with pytest.raises(InputError, match="ContextConv: seconds is 0, expected more than 0"):
        ContextConv(seconds=0)
    with pytest.raises(InputError, match="BatchNormHead: a batch has 1 frame in all"):
        BatchNormHead(6).train()(torch.zeros(1, 1, 6), view_of([[0]], [10.0]))
