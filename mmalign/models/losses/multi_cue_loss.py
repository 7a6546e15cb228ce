"""The loss of STEPs, of single clips that are seen in several ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from mmalign.errors import InputError
from mmalign.functional.multi_cue import multi_cue_contrast, negatives_by_time
from mmalign.models.data_preprocessor import ViewBatch
from mmalign.models.losses.sequence_loss import SequenceLoss, in_float32
from mmalign.registry import MODELS
from mmalign.structures import AlignmentDataSample

WINDOWS = ("clip", "time")


@MODELS.register_module()
class MultiCueLoss(SequenceLoss):
    """Bootstrapped multi-cue contrast (BMC2) of STEPs (Shah et al., ICCV 2023).

    The latents are those of the cues side by side, in equal parts, as a
    :class:`~mmalign.models.CueAligner` gives them; each is divided by its norm. Of several views
    the loss is the mean.

    Args:
        cues: number of cues; 1 contrasts a network's latents with themselves.
        window: frames further apart than this can be negatives: a share of the whole clip. The
            authors' 10 seconds are longer than most clips of one action.
        window_unit: ``'clip'``, or ``'time'`` if ``window`` is in ``time_unit``.
        features: what of a frame says which negatives are unlike: the modality of the batch that is
            taken as it is, ``'joints'`` or ``'pose'`` without the scores, or images; None = all
            that are far are negatives.
        margin: distance that negatives are to have.
        **options: arguments of :class:`~mmalign.models.losses.SequenceLoss`.

    Raises:
        InputError: An argument is out of its range.
    """

    def __init__(
        self,
        cues: int = 2,
        window: float = 0.15,
        window_unit: str = "clip",
        features: str | None = "joints",
        margin: float = 2.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if cues < 1:
            raise InputError(f"cues is {cues}, expected at least 1")
        if not window > 0:
            raise InputError(f"window is {window}, expected a number above 0")
        if window_unit not in WINDOWS:
            raise InputError(
                f"window_unit is {window_unit!r}, expected one of {', '.join(WINDOWS)}"
            )
        self.cues, self.margin, self.features = cues, margin, features
        self.window, self.window_unit = window, window_unit

    def compute(
        self,
        z: tuple[Tensor, ...],
        views: tuple[ViewBatch, ...],
        samples: Sequence[AlignmentDataSample],
    ) -> Tensor:
        """See :meth:`SequenceLoss.compute`; skipped if no two frames of a batch are negatives.

        Raises:
            InputError: The latents are no equal parts, or the batch lacks the features.
        """
        parts, pushed = [], False
        for one, view in zip(z, views, strict=True):
            loss, negatives = self._of_view(one, view, samples)
            parts.append(loss)
            pushed |= bool(negatives.any())
        if not pushed:
            return self.skip(
                z,
                f"no two frames of a batch are further apart than the window, {self.window}; make"
                " it smaller, or clips longer",
            )
        return torch.stack(parts).mean()

    def _of_view(
        self, z: Tensor, view: ViewBatch, samples: Sequence[AlignmentDataSample]
    ) -> tuple[Tensor, Tensor]:
        dim = z.shape[2]
        if dim % self.cues:
            raise InputError(
                f"MultiCueLoss: latents have {dim} channels, expected equal parts of"
                f" {self.cues} cues; give the heads of all cues the same out"
            )
        z = in_float32(z)
        # Features are drawn with the latents of the same frames.
        raw = z.new_zeros(*z.shape[:2], 0) if self.features is None else self._raw(view, z.dtype)
        frames, t, lengths, m = self.gather(torch.cat([z, raw], dim=2), view, samples)
        window = self.window * lengths if self.window_unit == "clip" else self.window
        given = None if self.features is None else frames[..., dim:]
        negatives = negatives_by_time(t, m, window, given)
        cues = [normalize(cue, dim=2) for cue in frames[..., :dim].chunk(self.cues, 2)]
        places = t / lengths.unsqueeze(1)
        return multi_cue_contrast(cues, places, m, negatives, self.margin).mean(), negatives

    def _raw(self, view: ViewBatch, dtype: torch.dtype) -> Tensor:
        """``(B, T, F)``, the features of all frames, 0 where padded."""
        frames = view.frames.get(self.features or "")
        if frames is None:
            raise InputError(
                f"MultiCueLoss: features is {self.features!r}, the batch holds"
                f" {', '.join(view.frames) or 'nothing'}; name one of these, or None"
            )
        if frames.ndim == 3:
            frames = frames[..., :-1]  # The last is the score.
        flat = frames.flatten(1).to(dtype)
        raw = flat.new_zeros(*view.mask.shape, flat.shape[1])
        raw[view.mask] = flat
        return raw
