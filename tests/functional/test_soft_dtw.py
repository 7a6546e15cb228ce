"""Soft-DTW against a plain loop over the cells."""

from __future__ import annotations

import pytest
import torch

from mmalign.functional.dtw import dtw_path
from mmalign.functional.soft_dtw import RELAXATIONS, soft_dtw, soft_dtw_table

every_relaxation = pytest.mark.parametrize("relaxation", RELAXATIONS)


def random_costs(pairs=3, rows=5, columns=7, dtype=torch.float64):
    return torch.rand(pairs, rows, columns, generator=torch.Generator().manual_seed(0), dtype=dtype)


def relaxed(values, gamma, relaxation):
    a = torch.stack(values)
    if relaxation == "soft_min":
        return -gamma * torch.logsumexp(-a / gamma, 0)
    return (torch.softmax(-a / gamma, 0) * a).sum()


def table_by_cells(cost, gamma, relaxation):
    """``(N, M)``, cell by cell, from predecessors that exist."""
    table = {}
    for i, row in enumerate(cost):
        for j, value in enumerate(row):
            before = [table[k] for k in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if k in table]
            table[i, j] = value + (relaxed(before, gamma, relaxation) if before else 0.0)
    return torch.stack([torch.stack([table[i, j] for j in range(len(row))])
                        for i, row in enumerate(cost)])  # fmt: skip


@every_relaxation
@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (1, 4), (4, 1), (1, 1)])
def test_every_cell_and_gradient_is_that_of_a_plain_loop(relaxation, shape):
    costs = random_costs(2, *shape).requires_grad_()
    found = soft_dtw_table(costs, 0.2, relaxation)
    expected = torch.stack([table_by_cells(cost, 0.2, relaxation) for cost in costs])
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)
    weights = random_costs(2, *shape).flip(0)
    gradients = [torch.autograd.grad((of * weights).sum(), costs)[0] for of in (found, expected)]
    torch.testing.assert_close(*gradients, rtol=1e-9, atol=1e-12)


@every_relaxation
def test_the_gradient_is_that_of_the_table(relaxation):
    costs = random_costs().requires_grad_()
    torch.autograd.gradcheck(lambda c: soft_dtw_table(c, 0.3, relaxation), costs)


@every_relaxation
def test_pairs_of_other_lengths_are_read_from_one_table(relaxation):
    costs = random_costs().requires_grad_()
    rows, columns = torch.tensor([5, 2, 1]), torch.tensor([3, 7, 1])
    found = soft_dtw(costs, rows, columns, 0.1, relaxation)
    (gradient,) = torch.autograd.grad(found.sum(), costs)
    for pair, (n, m) in enumerate(zip(rows, columns, strict=True)):
        expected = table_by_cells(costs[pair, :n, :m], 0.1, relaxation)[-1, -1]
        torch.testing.assert_close(found[pair], expected)
        outside = gradient[pair].clone()
        outside[:n, :m] = 0
        assert (outside == 0).all()


@every_relaxation
def test_with_little_softness_it_is_hard_dtw_and_its_path(relaxation):
    costs = random_costs(1, 20, 30).requires_grad_()
    path = dtw_path(costs[0].detach().numpy())
    found = soft_dtw(costs, torch.tensor([20]), torch.tensor([30]), 1e-5, relaxation)
    torch.testing.assert_close(found[0], costs[0][path[:, 0], path[:, 1]].sum())
    (gradient,) = torch.autograd.grad(found.sum(), costs)
    on_path = torch.zeros(20, 30, dtype=costs.dtype)
    on_path[path[:, 0], path[:, 1]] = 1
    torch.testing.assert_close(gradient[0], on_path)


@every_relaxation
@pytest.mark.parametrize("scale", [0.0, 1e-6, 1e6])
def test_long_tables_of_equal_and_of_large_costs_give_numbers(relaxation, scale):
    costs = (scale * random_costs(2, 100, 60, torch.float32)).requires_grad_()
    found = soft_dtw_table(costs, 0.1, relaxation)
    (gradient,) = torch.autograd.grad(found[:, -1, -1].sum(), costs)
    assert found.dtype == torch.float32
    assert found.isfinite().all() and gradient.isfinite().all()


def test_bad_options_are_named():
    with pytest.raises(ValueError, match="gamma must be positive, found 0"):
        soft_dtw_table(random_costs(), 0)
    with pytest.raises(ValueError, match="relaxation must be one of .*, found 'hard'"):
        soft_dtw_table(random_costs(), 0.1, "hard")
