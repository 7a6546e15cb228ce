"""One video, one verdict: whoever reads it sees the same people at the same place and moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from blob_backend import SIZE, BlobBackend, _boxes, blocks, walking, write_blocks
from made_videos import lay, spoil, turn, write_coded, write_covered
from numpy.typing import NDArray
from tiny_aligner import write_checkpoint

from mmalign.cli import align
from mmalign.datasets.frames import ReadingOptions, frame_clip
from mmalign.errors import InputError
from mmalign.extraction.extractor import Extraction, PoseExtractor
from mmalign.extraction.overlay import _painted
from mmalign.extraction.people_sources import FilePeople, NetworkPeople
from mmalign.poses.pose_file import PoseSequence, write_pose_file
from mmalign.structures.alignment import AlignedSequence
from mmalign.video import VideoReader
from mmalign.visualization.panel import Panel

NUM = 40
PATH = walking(40, 3)
TRUTH = np.array([PATH(t) for t in range(NUM)])
TIMES = np.cumsum(np.random.default_rng(0).integers(20, 50, NUM)).tolist()
LOST = (0, 20, 21, 39)


def pictures(how: Callable[[NDArray], NDArray] = lambda picture: picture) -> list[NDArray]:
    return [np.ascontiguousarray(how(picture)) for picture in blocks(NUM, [PATH])]


def damaged(path: Path) -> None:
    write_coded(path, pictures(), gop=1)
    spoil(path, LOST)


def turned(path: Path) -> None:
    write_coded(path, pictures(np.rot90))
    turn(path, 90)


def mirrored(path: Path) -> None:
    write_coded(path, pictures(np.fliplr))
    lay(path, (-1, 0, 0, 1))


def ten_bits(path: Path) -> None:
    colours = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    options = {"x264-params": colours}
    write_coded(path, pictures(), pix_fmt="yuv420p10le", **options)


@dataclass(frozen=True)
class Kind:
    """How a video is written, and what is to be seen in it."""

    write: Callable[[Path], None]
    lost: tuple[int, ...] = ()
    times: NDArray = field(default_factory=lambda: np.arange(NUM) / 30)

    @property
    def shown(self) -> NDArray:
        """Number of the picture ``(NUM,)`` that is to be seen."""
        good = [i for i in range(NUM) if i not in self.lost]
        return np.array([max((g for g in good if g <= i), default=good[0]) for i in range(NUM)])


KINDS = {
    "plain": Kind(lambda path: write_coded(path, pictures())),
    "damaged": Kind(damaged, LOST),
    "turned": Kind(turned),
    "mirrored": Kind(mirrored),
    "covered": Kind(lambda path: write_covered(path, pictures())),
    "ten_bits": Kind(ten_bits),
    "variable_rate": Kind(
        lambda path: write_coded(path, pictures(), times=TIMES),
        times=(np.array(TIMES) - TIMES[0]) / 1000,
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def video(kind: Kind, tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    kind.write(path)
    return path


def extract(path: Path) -> Extraction:
    return PoseExtractor(NetworkPeople(BlobBackend()))(path)


def middle(picture: NDArray) -> NDArray:
    """Where the block is, ``(x, y)``."""
    (box,) = _boxes(picture)
    return (box[:2] + box[2:4]) / 2


def body(poses: PoseSequence) -> NDArray:
    """Where the block of each frame is by its poses, ``(T, 2)``; NaN without a person."""
    low, high = poses.keypoints.min(axis=1), poses.keypoints.max(axis=1)
    return np.where((poses.scores > 0).all(axis=1)[:, None], (low + high) / 2, np.nan)


def test_people_are_found_where_they_are_and_nobody_in_lost_pictures(
    kind: Kind, video: Path
) -> None:
    found = extract(video)
    (poses,) = found.sequences
    assert poses.frame_size == SIZE
    assert found.quality[0]["lost"] == len(kind.lost)
    there = ~np.isin(found.wanted, kind.lost)
    places = body(poses)
    assert (np.isfinite(places[:, 0]) == there).all()
    reference = body(PoseSequence(*_exact(found.wanted), SIZE, poses.fps, "coco17"))
    np.testing.assert_allclose(places[there], reference[there], atol=2.5)


def _exact(wanted: NDArray) -> tuple[NDArray, NDArray]:
    """Keypoints and scores of the blocks as they were drawn."""
    drawn = list(blocks(NUM, [PATH]))
    backend = BlobBackend()
    poses = [backend.estimate([drawn[i]], [_boxes(drawn[i])[:, :4]])[0][0] for i in wanted]
    stacked = np.stack(poses)
    return stacked[..., :2], stacked[..., 2]


def test_frames_to_train_on_show_them_too(kind: Kind, video: Path, tmp_path: Path) -> None:
    clip = frame_clip(video, ReadingOptions("rgb", SIZE[1]), tmp_path / "cache")
    np.testing.assert_allclose(clip.times, kind.times, atol=1e-3)
    places = np.array([middle(frame) for frame in clip.frames])
    border = (0, (SIZE[1] - SIZE[0]) / 2)
    np.testing.assert_allclose(places - border, TRUTH[kind.shown], atol=2)


def test_any_picture_at_any_time(kind: Kind, video: Path) -> None:
    order = np.random.default_rng(0).permutation(NUM)
    with VideoReader(video) as reader:
        places = np.array([middle(reader.at(kind.times[i])) for i in order])
    np.testing.assert_allclose(places, TRUTH[kind.shown[order]], atol=2)


def test_poses_are_drawn_on_the_people_they_are_of(kind: Kind, video: Path) -> None:
    found = extract(video)
    (poses,) = found.sequences
    with ExitStack() as stack:
        panel = Panel(AlignedSequence("a", poses, video=str(video)), SIZE[0], stack)
        shown = [panel.picture(i, skeleton=False) for i in range(poses.num_frames)]
    for where in (shown, list(_painted(found, lambda picture, *_: picture))):
        places = np.array([middle(picture) for picture in where])
        np.testing.assert_allclose(places, TRUTH[kind.shown[found.wanted]], atol=2)


def align_(tmp_path: Path, *arguments: str) -> int:
    checkpoint = write_checkpoint(tmp_path / "tiny.pth")
    common = ["--checkpoint", str(checkpoint), "--out", str(tmp_path / "out"), "--mirror", "no"]
    return align.main([*arguments, *common])


@pytest.fixture
def blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMALIGN_EXTRACT", "--backend blob_backend:build")
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("blobs")
@pytest.mark.parametrize(
    "name",
    [name if name == "damaged" else pytest.param(name, marks=pytest.mark.slow) for name in KINDS],
)
def test_a_usable_video_is_aligned_to_the_end(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "a.mp4"
    KINDS[name].write(video)
    KINDS["plain"].write(tmp_path / "plain.mp4")
    assert align_(tmp_path, str(tmp_path / "plain.mp4"), str(video)) == 0, capsys.readouterr().err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written >= {"report.html", "alignment.json", "a_side_by_side.mp4", "a_ghost.mp4"}


def too_damaged(path: Path) -> None:
    write_coded(path, pictures(), gop=1)
    spoil(path, [*LOST, 30])


def cut(path: Path) -> None:
    """The index of such a file stands in its front."""
    whole = path.with_name("whole.mp4")
    write_blocks(whole, NUM, [PATH])
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])


def undecodable(path: Path) -> None:
    write_coded(path, pictures(), gop=1)
    spoil(path, range(NUM))


REFUSED = {
    "damaged": (too_damaged, "more than 10% of its 40 pictures cannot be decoded"),
    "cut": (cut, "more than 10% of its 40 pictures cannot be decoded"),
    "undecodable": (undecodable, "none of its pictures can be decoded"),
    "text": (lambda path: path.write_text("no video"), "not a readable video"),
}


@pytest.mark.usefixtures("blobs")
@pytest.mark.parametrize("name", REFUSED)
def test_an_unusable_video_is_refused_by_all_in_the_same_words(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write, reason = REFUSED[name]
    path, plain, cache = tmp_path / "a.mp4", tmp_path / "plain.mp4", tmp_path / "frames"
    write(path)
    KINDS["plain"].write(plain)
    (poses,) = extract(plain).sequences
    sequence = AlignedSequence("a", poses, video=str(path))
    person = {"image_id": "0.jpg", "category_id": 1, "keypoints": [9.0] * 51, "score": 1.0}
    (tmp_path / "a.json").write_text(json.dumps([person]))
    said = set()
    with ExitStack() as stack:
        for read in (
            lambda: extract(path),
            lambda: PoseExtractor(FilePeople(tmp_path / "a.json", "alphapose"))(path),
            lambda: frame_clip(path, ReadingOptions("rgb", 64), cache),
            lambda: VideoReader(path),
            lambda: Panel(sequence, 60, stack),
        ):
            with pytest.raises(InputError) as caught:
                read()
            said.add(str(caught.value))
    assert not list(cache.glob("*"))
    # Before anything is written: as inputs, and as videos of poses that are known.
    write_pose_file(tmp_path / "poses.npz", poses)
    given = ["--videos", str(plain), str(path)]
    for arguments in ([str(plain), str(path)], [str(tmp_path / "poses.npz")] * 2 + given):
        capsys.readouterr()
        assert align_(tmp_path, *arguments) == 2
        said.add(capsys.readouterr().err.strip().removeprefix("error: "))
        assert not (tmp_path / "out").exists()
    (message,) = said
    assert message.startswith(f"{path}: {reason}") and "\n" not in message
