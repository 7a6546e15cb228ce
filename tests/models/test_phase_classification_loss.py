"""The supervised twin's loss: the cross-entropy of every real frame with its action's phases."""

import pytest
import torch
from tiny_losses import batch

from mmalign.errors import InputError
from mmalign.models.losses import PhaseClassificationLoss

LENGTHS = (9, 5, 12, 7)


def labelled(**options):
    z, views, samples = batch(LENGTHS, **options)
    for i, sample in enumerate(samples):
        sample.labels = torch.arange(LENGTHS[i]) * 3 // LENGTHS[i]
    return z, views, samples


def make(**options):
    torch.manual_seed(0)
    return PhaseClassificationLoss(dim=6, num_phases=4, **options)


@pytest.mark.parametrize("actions", [(), ("b", "a")])
def test_it_is_the_mean_cross_entropy_of_all_frames(actions):
    loss, (z, views, samples) = make(actions=actions), labelled()
    terms = []
    for i, sample in enumerate(samples):
        row = actions.index(sample.action) if actions else 0
        for t, label in enumerate(sample.labels):
            logits = loss.classifier(z[0][i, t])[4 * row : 4 * row + 4]
            terms.append(torch.logsumexp(logits, 0) - logits[label])
    expected = torch.stack(terms).mean()
    torch.testing.assert_close(loss(z, views, samples), expected)
    padded, with_padding, same = labelled(padding=5)
    torch.testing.assert_close(loss(padded, with_padding, same), expected)
    torch.testing.assert_close(
        make(actions=actions, loss_weight=3)(z, views, samples), 3 * expected
    )


def test_it_is_learned():
    loss, (z, views, samples) = make(), labelled()
    z = (z[0].detach().requires_grad_(), z[1])
    optimizer = torch.optim.Adam([z[0], *loss.parameters()], lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        loss(z, views, samples).backward()
        optimizer.step()
    assert loss(z, views, samples) < 0.05


def test_what_it_cannot_use_is_named():
    z, views, samples = labelled()
    with pytest.raises(InputError, match="clip '2': found the action 'b', expected one of a; set"):
        make(actions=["a"])(z, views, samples)
    samples[1].labels = samples[1].labels + 3
    with pytest.raises(InputError, match="clip '1': found labels 3 to 5, expected 0 to 3; set"):
        make()(z, views, samples)
    del samples[0].labels
    with pytest.raises(InputError, match="clip '0': found no phase labels"):
        make()(z, views, samples)
