"""The named variants of the evaluation protocol."""

from __future__ import annotations

from dataclasses import dataclass

from mmalign.errors import InputError
from mmalign.functional.metrics.classification import CLASSIFIERS
from mmalign.functional.metrics.events import ALIGNERS


@dataclass(frozen=True)
class ProtocolOptions:
    """The protocol's named variants; every result states them.

    Attributes:
        tau_stride: Every how many frames Kendall's tau looks at (2 for Penn Action).
        classifier: ``'svc'``, or ``'logreg'`` as in CASA's and CARL's released code.
        fit_on: ``'train'``, or ``'val'`` as in LAV's and VAOT's released code, which fits and
            scores on the same clips (published protocol only).
        background: Label of frames that belong to no phase; left out of classification and
            retrieval.
        ordered: Whether every clip runs through the phases once, in order. Where labels repeat,
            progress, tau and event error have no meaning and are left out.
        aligner: ``'nearest'`` or ``'dtw'``, for the event error.
    """

    tau_stride: int = 1
    classifier: str = "svc"
    fit_on: str = "train"
    background: int | None = None
    ordered: bool = True
    aligner: str = "nearest"

    def __post_init__(self) -> None:
        """Check the options.

        Raises:
            InputError: If one is unknown or out of range.
        """
        for name, value, allowed in (
            ("classifier", self.classifier, CLASSIFIERS),
            ("fit_on", self.fit_on, ("train", "val")),
            ("aligner", self.aligner, ALIGNERS),
        ):
            if value not in allowed:
                raise InputError(f"{name}: found {value!r}, expected one of {allowed}")
        if self.tau_stride < 1:
            raise InputError(f"tau_stride: found {self.tau_stride}, expected at least 1")
