"""What was found in a video, to be looked at: the video with poses, and a sheet of its frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from mmalign.errors import InputError
from mmalign.extraction.extractor import Extraction
from mmalign.extraction.jobs import Job
from mmalign.extraction.painters import Painter, paint
from mmalign.fileio import atomic_write
from mmalign.video.ahead import decoded_ahead
from mmalign.video.decoding import held
from mmalign.video.writer import Picture, write_video
from mmalign.visualization.skeleton_drawing import spread_frames

_LONG_SIDE = 960
_COLUMNS, _ROWS, _CELL = 4, 3, 320
_INK = (255, 255, 255)


class Overlay:
    """Writes ``ID.mp4`` and ``ID.png`` of each video.

    Args:
        folder: Where to.
        painter: Draws a pose onto a picture.
    """

    def __init__(self, folder: str | Path, painter: Painter = paint) -> None:
        self.folder, self.painter = Path(folder), painter

    def __call__(self, job: Job, found: Extraction) -> None:
        """Draw one video.

        Raises:
            InputError: If the files cannot be written.
        """
        num_frames = len(found.wanted)
        chosen = set(spread_frames(num_frames, _COLUMNS * _ROWS).tolist())
        cells: list[Picture] = []

        def pictures() -> Iterator[Picture]:
            for t, picture in enumerate(_painted(found, self.painter)):
                if t in chosen:
                    cells.append(_cell(picture, f"{t}"))
                yield picture

        write_video(self.folder / f"{job.id}.mp4", pictures(), found.sequences[0].fps)
        path = self.folder / f"{job.id}.png"
        with atomic_write(path) as temporary:
            if not cv2.imwrite(str(temporary), _sheet(cells)[..., ::-1]):
                raise InputError(f"{path}: cannot be written; name a folder you may write to")


def _painted(found: Extraction, painter: Painter) -> Iterator[Picture]:
    """Every frame scaled down, RGB, with the poses of the sequences."""
    height, width = found.facts.frame_size
    scale = min(1.0, _LONG_SIDE / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    ratio = np.array(size) / [width, height]
    with decoded_ahead(found.facts, found.wanted) as frames:
        for t, frame in enumerate(held(frames)):
            small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
            picture = np.ascontiguousarray(small[..., ::-1])
            for sequence in found.sequences:
                points, scores = sequence.keypoints[t] * ratio, sequence.scores[t]
                picture = painter(picture, points, scores, sequence.skeleton)
                if len(found.sequences) > 1 and (scores > 0).any():
                    x, y = points[scores > 0][points[scores > 0][:, 1].argmin()]
                    _label(picture, f"{sequence.track_id}", (int(x), max(14, int(y) - 6)))
            yield picture


def _cell(picture: Picture, text: str) -> Picture:
    scale = _CELL / picture.shape[1]
    size = _CELL, max(2, round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    _label(small, text, (6, 16))
    return small


def _label(picture: Picture, text: str, place: tuple[int, int]) -> None:
    for colour, width in (((0, 0, 0), 3), (_INK, 1)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, width, cv2.LINE_AA)


def _sheet(cells: Sequence[Picture]) -> Picture:
    empty = np.full_like(cells[0], 255)
    rows = -(-len(cells) // _COLUMNS)
    padded = [*cells, *[empty] * (rows * _COLUMNS - len(cells))]
    return np.concatenate(
        [np.concatenate(padded[r : r + _COLUMNS], axis=1) for r in range(0, len(padded), _COLUMNS)]
    )
