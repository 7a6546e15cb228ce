"""What the writers of public data sets' file trees share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmalign.errors import InputError
from mmalign.fileio import atomic_write
from mmalign.toy.activities import get_activity
from mmalign.toy.generator import generate_dataset
from mmalign.toy.sequence import ToySequence
from mmalign.toy.tempo import LENGTH


@dataclass(frozen=True)
class ToyContent:
    """What a tree is to hold.

    Attributes:
        activity: name of a toy activity.
        num_train: number of training sequences.
        num_val: number of validation sequences.
        seed: seed of everything.
        length: smallest and largest number of frames.
        noise: factor on detection noise and drop-outs.
    """

    activity: str
    num_train: int = 48
    num_val: int = 24
    seed: int = 0
    length: tuple[int, int] = LENGTH
    noise: float = 1.0

    def generate(self, skeleton: str, image_size: tuple[int, int]) -> dict[str, list[ToySequence]]:
        """Generate the sequences.

        Args:
            skeleton: the skeleton that the tree is for.
            image_size: height and width of the videos in pixels.

        Returns:
            The sequences of ``train`` and of ``val``.

        Raises:
            InputError: the activity is unknown or of another skeleton, or a number is out of range.
        """
        found = get_activity(self.activity).figure.skeleton
        if found != skeleton:
            raise InputError(
                f"activity: {self.activity!r} has the skeleton {found}, these files hold"
                f" {skeleton}; choose another activity or format"
            )
        return {
            split: generate_dataset(
                self.activity,
                number,
                split,
                self.seed,
                length=self.length,
                image_size=image_size,
                noise=self.noise,
            )
            for split, number in (("train", self.num_train), ("val", self.num_val))
        }


def runs(labels: np.ndarray) -> list[tuple[int, int, int]]:
    """Runs of equal labels, as value, first frame and last frame."""
    starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    ends = np.append(starts[1:], len(labels)) - 1
    return [(int(labels[a]), int(a), int(e)) for a, e in zip(starts, ends, strict=True)]


def write_text(path: Path, text: str) -> None:
    """Write a text file, atomically."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
