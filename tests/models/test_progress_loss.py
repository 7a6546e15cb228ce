import torch

from mmalign.models import ProgressLoss


def test_equals_a_loop_over_the_definition():
    torch.manual_seed(0)
    loss = ProgressLoss(6, loss_weight=3.0)
    u, inds = torch.randn(2, 5, 6), torch.rand(2, 5) * 8
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    num_frames = torch.tensor([11, 21])
    expected = 0.0
    for b in range(2):
        errors = []
        for t in range(int(mask[b].sum())):
            predicted = (loss.linear.weight[0] * u[b, t]).sum() + loss.linear.bias[0]
            errors.append((predicted - inds[b, t] / (num_frames[b] - 1)) ** 2)
        expected += 3.0 * sum(errors) / len(errors) / 2
    torch.testing.assert_close(loss(u, inds, mask, num_frames), expected)


def test_padding_and_a_clip_of_one_frame_are_harmless():
    loss = ProgressLoss(4)
    u = torch.randn(1, 3, 4, requires_grad=True)
    mask = torch.tensor([[True, False, False]])
    value = loss(u, torch.zeros(1, 3), mask, torch.tensor([1]))
    value.backward()
    assert torch.isfinite(value)
    assert not u.grad[0, 1:].any()
