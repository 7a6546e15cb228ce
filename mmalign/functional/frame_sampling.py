"""Which frames of a clip enter a loss: random positions, sorted and distinct."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mmalign.errors import InputError

SAMPLERS = ("all", "uniform", "segment", "stride")


@dataclass(frozen=True)
class FrameSampler:
    """Draws positions of frames in each of several clips.

    A clip that has no more frames than are asked for keeps all of them. Draws come from torch's
    generator on the CPU, which checkpoints hold. How many they are follows from the clips' lengths:
    padding does not change what is drawn.

    Attributes:
        sampler: ``'all'`` frames; ``'uniform'``, N of the frames 1 to T-1 (TCC's); ``'segment'``,
            one at random of each of N segments of T/N frames (LAV's); ``'stride'``, every
            ``stride``-th frame from a random one on, which every clip has, the same in all clips.
        num_frames: N.
        stride: frames from one to the next.

    Raises:
        InputError: if one of them is out of its range.
    """

    sampler: str = "all"
    num_frames: int = 20
    stride: int = 2

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise InputError(f"sampler is {self.sampler!r}, expected one of {', '.join(SAMPLERS)}")
        for name in ("num_frames", "stride"):
            if (value := getattr(self, name)) < 1:
                raise InputError(f"{name} of a sampler is {value}, expected at least 1")

    def draw(self, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Draw anew.

        Args:
            lengths: ``(B,)`` int64 on the CPU, T of each clip, at least 1.

        Returns:
            Positions ``(B, n)`` int64, increasing, and a mask ``(B, n)``, true on those; what it
            hides comes last and is 0.
        """
        ends, index = lengths.unsqueeze(1), torch.arange(int(lengths.max()))
        if self.sampler == "all":
            positions = index.expand(len(lengths), -1)
        elif self.sampler == "stride":
            first = int(torch.randint(min(self.stride, int(lengths.min())), ()))
            positions = index[first :: self.stride].expand(len(lengths), -1)
        else:
            draw = _uniform if self.sampler == "uniform" else _segment
            few = ends <= self.num_frames
            drawn = torch.where(few, torch.arange(self.num_frames), draw(ends, self.num_frames))
            positions = drawn[:, : len(index)]
        mask = positions < ends
        return torch.where(mask, positions, 0), mask


def _uniform(ends: Tensor, count: int) -> Tensor:
    """Positions ``(B, count)`` in clips of more than ``count`` frames, of ``ends (B, 1)``."""
    index = torch.arange(max(int(ends.max()), count + 1))
    left_out = (index == 0) | (index >= ends)
    keys = torch.rand(left_out.shape).masked_fill(left_out, torch.inf)
    return keys.topk(count, largest=False).indices.sort().values


def _segment(ends: Tensor, count: int) -> Tensor:
    """Positions ``(B, count)`` in clips of more than ``count`` frames, of ``ends (B, 1)``."""
    starts = torch.arange(count) * ends // count
    return starts + (torch.rand(starts.shape) * (ends // count)).long()
