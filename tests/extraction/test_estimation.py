"""Frames go through the networks in batches, and every pose lands in its frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from blob_backend import HALF, BlobBackend, blocks, offsets, walking, write_blocks

from mmalign.errors import InputError
from mmalign.extraction import estimation
from mmalign.extraction.estimation import Estimation, estimate_people
from mmalign.extraction.extractor import PoseExtractor
from mmalign.extraction.people_sources import NetworkPeople
from mmalign.extraction.sequences import Choice
from mmalign.poses.people import People
from mmalign.skeletons import get_skeleton

PEOPLE = (walking(30, 1.5, 30), walking(200, -1.5, 90))


def frames(num_frames: int, people=PEOPLE) -> list[np.ndarray | None]:
    return [picture[..., ::-1] for picture in blocks(num_frames, people)]


def found_in(pictures, backend: BlobBackend, **how) -> People:
    done: list[int] = []
    people, _ = estimate_people(
        iter(pictures), len(pictures), backend, Estimation(**how), "a.mp4", done.append
    )
    assert sum(done) == len(pictures)
    return people


def expected(num_frames: int, people=PEOPLE) -> dict[tuple[int, int], np.ndarray]:
    """Where the joints of block ``i`` are in frame ``t``."""
    return {
        (t, i): np.round(place) + offsets(17) * HALF
        for t in range(num_frames)
        for i, path in enumerate(people)
        if (place := path(t)) is not None
    }


def assert_found(people: People, wanted: dict[tuple[int, int], np.ndarray]) -> None:
    assert len(people.poses) == len(wanted)
    for frame, pose in zip(people.frames, people.poses, strict=True):
        distances = [np.abs(pose[:, :2] - p).max() for (t, _), p in wanted.items() if t == frame]
        assert min(distances) <= 1


@pytest.mark.parametrize("every", [1, 2, 5, 16, 17, 100])
@pytest.mark.parametrize("num_frames", [1, 2, 47])
def test_each_pose_in_its_frame(every: int, num_frames: int) -> None:
    backend = BlobBackend()
    people = found_in(frames(num_frames), backend, det_every=every, batch_size=8)
    wanted = expected(num_frames)
    if every <= 16:  # The blocks walk straight enough for that long.
        assert_found(people, wanted)
    keys = len({*range(0, num_frames, every), num_frames - 1})
    assert sum(backend.detected) == keys
    assert sum(backend.estimated) == num_frames


def test_batches_fit_the_networks() -> None:
    backend = BlobBackend()
    found_in(frames(100), backend, det_every=5, batch_size=16)
    # Whole intervals of 5 frames, enough for 16.
    assert max(backend.estimated) <= 25 and len(backend.estimated) <= 7
    assert len(backend.detected) <= 7


def test_memory_bounds_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimation, "CHUNK_BYTES", 3 * frames(1)[0].nbytes)
    backend = BlobBackend()
    assert_found(found_in(frames(30), backend), expected(30))
    assert max(backend.estimated) <= 4


def test_the_estimator_gets_what_its_detector_says_of_boxes() -> None:
    class Backend(BlobBackend):
        """Its detector says the frame's number, and a person's."""

        def detect(self, frames) -> list[np.ndarray]:
            number = 5 * sum(self.detected)  # It sees every fifth frame.
            found = super().detect(frames)
            return [
                np.insert(rows, 5, [[number + 5 * k] * len(rows), range(len(rows))], axis=1)
                for k, rows in enumerate(found)
            ]

        def estimate(self, frames, boxes) -> list[np.ndarray]:
            self.said = [*getattr(self, "said", []), *boxes]
            return super().estimate(frames, [rows[:, :4] for rows in boxes])

    backend = Backend()
    assert_found(found_in(frames(11), backend, det_every=5, batch_size=50), expected(11))
    assert [rows[:, 4].tolist() for rows in backend.said] == [[t, t] for t in range(11)]
    assert {tuple(rows[:, 5]) for rows in backend.said} == {(0, 1)}


def test_one_stage_and_whole_frames_need_no_detector() -> None:
    one_stage = BlobBackend(one_stage=True, has_detector=False)
    assert_found(found_in(frames(40), one_stage, batch_size=8), expected(40))
    assert one_stage.estimated == [8] * 5 and not one_stage.detected
    whole = BlobBackend(has_detector=False)
    alone = PEOPLE[:1]
    assert_found(found_in(frames(40, alone), whole, batch_size=8), expected(40, alone))
    assert whole.estimated == [8] * 5


def test_who_is_not_there_is_absent() -> None:
    people = (lambda t: (30 + t, 30) if 10 <= t < 30 else None,)
    found = found_in(frames(50, people), BlobBackend())
    assert_found(found, expected(50, people))
    assert found.frames.tolist() == list(range(10, 30))
    nobody = found_in(frames(20, ()), BlobBackend(), det_every=5)
    assert (len(nobody.poses), nobody.num_frames) == (0, 20)


@pytest.mark.parametrize("backend", [BlobBackend(), BlobBackend(one_stage=True)])
def test_lost_pictures_show_nobody(backend: BlobBackend) -> None:
    pictures = frames(40)
    lost = [0, 5, 10, 11, 12, 39]
    for i in lost:
        pictures[i] = None
    people, count = estimate_people(iter(pictures), 40, backend, Estimation(5), "a.mp4")
    assert count == len(lost)
    assert_found(people, {key: p for key, p in expected(40).items() if key[0] not in lost})


def test_low_scores_are_not_used() -> None:
    assert len(found_in(frames(5), BlobBackend(), det_score=0.95).poses) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"det_every": 0}, "--det-every 0"),
        ({"batch_size": 0}, "--batch-size 0"),
        ({"det_score": 1.5}, "--det-score 1.5"),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Estimation(**options)


def test_extractor_on_a_video(tmp_path: Path) -> None:
    """From the file to sequences: who is who, in which skeleton, at which rate."""
    path = tmp_path / "a.mp4"
    write_blocks(path, 60, PEOPLE)
    source = NetworkPeople(BlobBackend(), Estimation(det_every=5))
    wanted = expected(60)
    both = PoseExtractor(source, Choice("all", repair=False))(path)
    assert [s.track_id for s in both.sequences] == [0, 1]
    firsts = [s.keypoints[0, :, 1].mean() for s in both.sequences]
    for sequence, i in zip(both.sequences, np.argsort(np.argsort(firsts)), strict=True):
        truth = np.array([wanted[t, i] for t in range(60)])
        assert np.abs(sequence.keypoints - truth).max() <= 2  # The video is compressed.
        assert (sequence.scores == np.float32(0.9)).all()
        assert (sequence.fps, sequence.frame_size) == (30, (120, 240))
    lower = Choice("position:200,90", skeleton="penn13")
    labels = [t // 20 for t in range(60)]
    (alone,) = PoseExtractor(source, lower, fps=10)(path, labels).sequences
    assert (alone.skeleton, alone.fps, alone.num_frames) == ("penn13", 10, 20)
    assert alone.keypoints[:, :, 1].mean() > 80
    assert alone.labels is not None
    assert alone.labels.tolist() == labels[::3]
    with pytest.raises(InputError, match=r"60 pictures, but 59 labels"):
        PoseExtractor(source)(path, labels[:-1])
    with pytest.raises(InputError, match="no person 7"):
        PoseExtractor(source, Choice("track:7"))(path)


def test_the_skeleton_is_checked_before_the_first_video(caplog: pytest.LogCaptureFixture) -> None:
    source = NetworkPeople(BlobBackend("coco17"))
    with pytest.raises(InputError, match=r"coco17.*has no.*big_toe.*name another --skeleton"):
        PoseExtractor(source, Choice(skeleton="halpe26"))
    assert PoseExtractor(source).skeleton == "coco17"
    assert not caplog.messages
    assert PoseExtractor(source, Choice(skeleton="penn13")).skeleton == "penn13"
    (line,) = caplog.messages
    assert "has no head (between left_ear and right_ear): put midway" in line
    # Two hands are made of single ones.
    assert PoseExtractor(NetworkPeople(BlobBackend("hand21")), Choice(skeleton="hands42"))


class Remembering(BlobBackend):
    """Notes when a video begins and when it is asked for poses."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def begin_video(self) -> None:
        self.calls.append("begin")

    def detect(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        self.calls.append("detect")
        return super().detect(frames)


def test_an_estimator_that_remembers_is_told_when_a_video_begins(tmp_path: Path) -> None:
    path, backend = tmp_path / "a.mp4", Remembering()
    write_blocks(path, 10)
    extractor = PoseExtractor(NetworkPeople(backend, Estimation(det_every=20)))
    extractor(path)
    extractor(path)
    assert backend.calls == ["begin", "detect"] * 2


class Exchanging(BlobBackend):
    """Finds left for right in the pictures 10 to 14, counted over all calls."""

    def estimate(self, frames, boxes) -> list[np.ndarray]:
        first = sum(self.estimated)
        found = super().estimate(frames, boxes)
        other = get_skeleton(self.skeleton).flip_index
        swapped = range(10, 15)
        return [p[:, other] if first + i in swapped else p for i, p in enumerate(found)]


def test_sides_are_put_right_and_counted_unless_that_is_turned_off(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_blocks(path, 40)
    found = {}
    for name, backend, repair in (
        ("good", BlobBackend(), False),
        ("bad", Exchanging(), False),
        ("repaired", Exchanging(), True),
    ):
        found[name] = PoseExtractor(NetworkPeople(backend), Choice(repair=repair))(path)
    (good,), (bad,), (repaired,) = (one.sequences for one in found.values())
    assert np.abs(bad.keypoints - good.keypoints)[10:15].max() > 5
    assert np.abs(repaired.keypoints - good.keypoints).max() < 1
    (report,) = found["repaired"].quality
    assert (report["sides_put_right"], report["exchanged_sides"]) == (5, 0)
    (report,) = found["bad"].quality
    assert (report["sides_put_right"], report["exchanged_sides"]) == (0, 2)
