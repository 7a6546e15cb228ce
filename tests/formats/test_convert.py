"""What goes on and what ends when one item of many cannot be used or named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmalign.formats.base import Clip, ConversionReport, FormatReader
from mmalign.formats.convert import convert
from mmalign.poses.pose_file import PoseSequence, read_pose_file


class NamedClips(FormatReader):
    """One clip per name."""

    title = "names"
    skeleton = "penn13"

    def __init__(self, src: Path, names: list[str]) -> None:
        super().__init__(src)
        self.names = names

    def items(self) -> list[str]:
        return self.names

    def read(self, item: str, report: ConversionReport) -> Iterator[Clip]:
        count = self.names.index(item) + 2
        sequence = PoseSequence(
            np.ones((count, 13, 2)), np.ones((count, 13)), (270, 480), 20.0, self.skeleton
        )
        yield Clip(item, sequence)


def test_ids_longer_than_a_file_name_may_be_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    names = ["a" * 300 + "1", "a" * 300 + "2", "\u00e9" * 200, "short", "b" * 200]
    report = convert(NamedClips(tmp_path, names), tmp_path / "out", on_error="skip")
    assert not report.skipped
    entries = report.index.sequences
    assert len({entry.id for entry in entries}) == 5
    assert [entry.source for entry in entries] == names
    assert [entry.id for entry in entries][3:] == names[3:]
    for count, entry in enumerate(entries, 2):
        assert len(entry.id.encode()) <= 200
        assert read_pose_file(tmp_path / "out" / entry.file).num_frames == count
