"""An encoder of how joints move."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mmalign.functional.velocity import velocities
from mmalign.models.encoders.coordinates import CoordinateEncoder
from mmalign.registry import MODELS


@MODELS.register_module()
class MotionEncoder(CoordinateEncoder):
    """A :class:`CoordinateEncoder` that sees joints' velocities in the place of their places.

    Args:
        gain: factor of the velocities, places per frame, which are small beside places.
        **options: arguments of :class:`CoordinateEncoder`.
    """

    def __init__(self, gain: float = 10.0, **options: Any) -> None:
        super().__init__(**options)
        self.gain = gain

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """See :meth:`CoordinateEncoder.forward`; ``frames`` are places and scores."""
        moved = velocities(frames, mask)
        return super().forward(torch.cat([self.gain * moved[..., :-1], moved[..., -1:]], -1), mask)
