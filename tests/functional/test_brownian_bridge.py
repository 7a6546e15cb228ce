"""Bridges: how they are drawn, and their contrast against a slow, obvious reference."""

import math

import torch

from mmalign.functional.brownian_bridge import bridge_contrast, draw_bridges


def test_bridges_are_increasing_and_as_long_as_the_clip_allows():
    torch.manual_seed(0)
    lengths = torch.tensor([3, 4, 12])
    bridges = draw_bridges(lengths, 500, span=3)
    head, middle, tail = bridges.unbind(2)
    assert (head >= 0).all() and (head < middle).all() and (middle < tail).all()
    assert (tail < lengths.unsqueeze(1)).all()
    assert ((tail - head)[1:] >= 3).all() and (bridges[0] == torch.tensor([0, 1, 2])).all()
    seen = set(map(tuple, bridges[2].tolist()))
    assert {0, 8} <= {h for h, _, _ in seen} and {3, 11} <= {q for _, _, q in seen}
    assert {q - h for h, _, q in seen} == set(range(3, 12))


def slow_contrast(z, t, power):
    losses = []
    for b in range(len(z)):
        h, p, q = t[b].tolist()
        share = (p - h) / (q - h)
        variance = share * (q - p)

        def score(frame, b=b, share=share, variance=variance):
            off = frame - (1 - share) * z[b, 0] - share * z[b, 2]
            return math.exp(-float(off @ off) / (2 * variance**power))

        own = score(z[b, 1])
        others = sum(score(z[c, k]) for c in range(len(z)) if c != b for k in range(3))
        losses.append(-math.log(own / (own + others)))
    return torch.tensor(losses, dtype=z.dtype)


def test_it_is_what_its_formula_says():
    torch.manual_seed(0)
    z, t = torch.randn(5, 3, 4, dtype=torch.float64), torch.rand(5, 3).cumsum(1) * 4
    for squared, power in ((True, 2), (False, 1)):
        torch.testing.assert_close(bridge_contrast(z, t, squared), slow_contrast(z, t, power))


def test_a_bridge_alone_has_nothing_to_be_told_from():
    assert bridge_contrast(torch.randn(1, 3, 4), torch.tensor([[0.0, 1, 3]])) == 0
