"""Transport: marginals, masks, and slow, obvious references."""

import pytest
import torch

from mmalign.functional.transport import (
    fused_gromov_wasserstein,
    sinkhorn,
    structure_costs,
    uniform_share,
)


def problem(lengths=((5, 3), (4, 7)), padding=0):
    """Costs ``(P, N, M)`` and masks of pairs of clips of so many frames."""
    generator = torch.Generator().manual_seed(0)
    counts = torch.tensor(lengths).T
    sides = [torch.arange(int(n.max()) + padding) < n.unsqueeze(1) for n in counts]
    cost = torch.full((len(lengths), sides[0].shape[1], sides[1].shape[1]), 1e3).double()
    for p, (n, m) in enumerate(lengths):
        cost[p, :n, :m] = torch.rand(n, m, generator=generator).double()
    return cost, tuple(sides)


def test_sinkhorn_scales_rows_and_columns_to_their_sums():
    cost, masks = problem(padding=2)
    rows, columns = (uniform_share(mask).double() for mask in masks)
    plan = sinkhorn(-cost / 0.1, rows, columns, 200).exp()
    torch.testing.assert_close(plan.sum(2), rows)
    torch.testing.assert_close(plan.sum(1), columns)


def test_one_round_is_that_of_the_kernel_itself():
    cost, _ = problem(((5, 7),))
    kernel, rows, columns = (-cost[0] / 0.1).exp(), torch.full((5,), 0.2), torch.full((7,), 1 / 7)
    left = rows / kernel.sum(1)
    right = columns / (kernel.T @ left)
    expected = left[:, None] * kernel * right
    found = sinkhorn(-cost / 0.1, rows[None].double(), columns[None].double(), 1).exp()[0]
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=0)


def test_the_gradient_of_a_masked_plan_is_that_of_the_plan():
    cost, masks = problem(padding=1)
    rows, columns = (uniform_share(mask).double() for mask in masks)

    def of(cost):
        return sinkhorn(-cost, rows, columns, 3).exp()

    torch.autograd.gradcheck(of, cost.clamp_max(2).requires_grad_())


def slow_plan(cost, radius, alpha, epsilon, iterations):
    n, m = cost.shape
    near = [[[1 <= abs(i - k) <= int(radius * c) for k in range(c)] for i in range(c)]
            for c in (n, m)]  # fmt: skip
    a = torch.tensor(near[0]).double() / radius
    b = 1 - torch.tensor(near[1]).double()
    plan = torch.full((n, m), 1 / (n * m)).double()
    for _ in range(iterations):
        kernel = (-(alpha * a @ plan @ b + (1 - alpha) * cost) / epsilon).exp()
        plan = kernel / n / kernel.sum(1, keepdim=True)
        plan = plan / m / plan.sum(0, keepdim=True)
    return plan


@pytest.mark.parametrize("padding", [0, 3])
def test_a_plan_is_that_of_its_pair_alone(padding):
    lengths = ((9, 12), (12, 5))
    cost, masks = problem(lengths, padding)
    found = fused_gromov_wasserstein(cost, masks, 0.2, 0.3, 0.07, 10)
    for p, (n, m) in enumerate(lengths):
        expected = slow_plan(cost[p, :n, :m], 0.2, 0.3, 0.07, 10)
        torch.testing.assert_close(found[p, :n, :m], expected)
        assert (found[p, n:] == 0).all() and (found[p, :, m:] == 0).all()


def test_free_columns_keep_the_shares_of_the_rows_alone():
    cost, masks = problem(padding=2)
    plain = fused_gromov_wasserstein(*problem(), balance=0.05)
    plan = fused_gromov_wasserstein(cost, masks, balance=0.05)
    torch.testing.assert_close(plan.sum(2), uniform_share(masks[0]).double())
    torch.testing.assert_close(plan[:, :-2, :-2], plain)
    assert (plan[0, :5, :3].sum(0) - 1 / 3).abs().max() > 0.05


def test_with_the_published_radius_20_frames_have_no_neighbours():
    # 20 frames and the virtual one.
    masks = (torch.ones(1, 21, dtype=torch.bool),) * 2
    cost = problem(((21, 21),))[0]
    # Without neighbours in the first clip its costs, and the structure with them, are 0.
    for radius, neighbours in ((0.02, False), (0.05, True)):
        assert bool(structure_costs(masks, radius, cost.dtype)[0].any()) == neighbours
        plan = fused_gromov_wasserstein(cost, masks, radius, alpha=0.3)
        without = fused_gromov_wasserstein(cost * 0.7, masks, radius, alpha=0)
        assert torch.allclose(plan, without) != neighbours
