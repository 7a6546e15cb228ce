"""The data element that carries one sequence through the model and the evaluation."""

from __future__ import annotations

from mmengine.structures import BaseDataElement


class AlignmentDataSample(BaseDataElement):
    """What is known of one sequence besides its input tensors.

    Meta information: ``sample_id``, ``split`` (``train``/``val``), ``action``, ``protocol``
    (``whole``/``trimmed``), ``window`` (first frame, one past the last), ``num_frames`` (of the
    whole clip), ``fps``, ``skeleton``.

    Data fields:
        * ``frame_inds``: a list with, per view, a float tensor ``(T_v,)``: the index in the
          original sequence of each of the view's frames.
        * ``labels``: int64 tensor ``(T_0,)`` of phases of the first view's frames, where known.
        * ``clip``: the :class:`~mmalign.structures.RawClip` that it was packed from, where it is to
          be embedded: what is too long for a network is packed again in parts.
        * ``embedding``: float tensor ``(T_0, D)``, set by ``predict``.
    """
