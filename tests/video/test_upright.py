"""How a decoded picture becomes one that is shown: which way up, and in which colours."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
from made_videos import lay, write_coded
from numpy.typing import NDArray

from mmalign.video import decode, read_video_facts
from mmalign.video.upright import PQ_TO_SDR, Upright

STRAIGHT = [(a, 0, 0, d) for a, d in product((1, -1), repeat=2)]
EXCHANGED = [(0, b, c, 0) for b, c in product((1, -1), repeat=2)]
BT709, SMPTE170M, BT2020 = 1, 6, 9
LIMITED, FULL = 1, 2
PQ, HLG = 16, 18


def quarters(height: int = 64, width: int = 96) -> NDArray[np.uint8]:
    """Four quarters of four colours."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = 255
    picture[: height // 2, width // 2 :, 0] = 255
    picture[height // 2 :, : width // 2, 1] = 255
    return picture


def laid(picture: NDArray[np.uint8], matrix: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Each pixel where the matrix puts it, one by one."""
    a, b, c, d = matrix
    height, width = picture.shape[:2]
    places = {(x, y): (a * x + c * y, b * x + d * y) for x in range(width) for y in range(height)}
    left = min(x for x, _ in places.values())
    top = min(y for _, y in places.values())
    out = np.zeros((width, height, 3) if a == 0 else picture.shape, np.uint8)
    for (x, y), (to_x, to_y) in places.items():
        out[to_y - top, to_x - left] = picture[y, x]
    return out


@pytest.mark.parametrize("matrix", STRAIGHT + EXCHANGED)
def test_all_eight_ways_to_lay_a_picture(tmp_path: Path, matrix: tuple[int, int, int, int]) -> None:
    path = tmp_path / "a.mp4"
    write_coded(path, [quarters()] * 2)
    (stored, _) = decode(read_video_facts(path), np.arange(2))
    assert stored is not None
    lay(path, matrix)
    facts = read_video_facts(path)
    (shown, _) = decode(facts, np.arange(2))
    expected = laid(stored, matrix)
    assert facts.frame_size == expected.shape[:2]
    np.testing.assert_array_equal(shown, expected)
    assert shown is not None and shown.flags.c_contiguous


def test_a_matrix_that_says_nothing_leaves_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_coded(path, [quarters()])
    lay(path, (0, 0, 0, 0))
    (shown,) = decode(read_video_facts(path), np.arange(1), layout="rgb24")
    assert shown is not None and (np.abs(shown.astype(int) - quarters()) < 40).mean() > 0.95


def flat(luma: int, cb: int, cr: int, bits: int, matrix: int, how: int) -> av.VideoFrame:
    """A picture of one colour."""
    frame = av.VideoFrame(32, 16, "yuv420p" if bits == 8 else "yuv420p10le")
    for plane, value in zip(frame.planes, (luma, cb, cr), strict=True):
        kind = np.uint8 if bits == 8 else np.uint16
        np.frombuffer(plane, kind)[:] = value  # type: ignore[call-overload]
    frame.colorspace, frame.color_range = matrix, how
    return frame


def from_yuv(luma: float, cb: float, cr: float, matrix: int, how: int) -> NDArray[np.float64]:
    """ITU-T H.273, Eq. 38 to 47, of 8-bit values."""
    kr, kb = {BT709: (0.2126, 0.0722), SMPTE170M: (0.299, 0.114), BT2020: (0.2627, 0.0593)}[matrix]
    if how == LIMITED:
        y, u, v = (luma - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    else:
        y, u, v = luma / 255, (cb - 128) / 255, (cr - 128) / 255
    red, blue = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(255 * np.array([red, green, blue]), 0, 255)


@pytest.mark.parametrize("matrix", [BT709, SMPTE170M, BT2020])
@pytest.mark.parametrize("how", [LIMITED, FULL])
@pytest.mark.parametrize("bits", [8, 10])
def test_colours_are_those_that_the_picture_says(matrix: int, how: int, bits: int) -> None:
    more = 1 << (bits - 8)
    for values in ((126, 128, 128), (60, 200, 110), (150, 90, 190), (200, 120, 60), (16, 128, 128)):
        frame = flat(*(value * more for value in values), bits, matrix, how)
        expected = from_yuv(*values, matrix, how)
        for layout, order in (("rgb24", slice(None)), ("bgr24", slice(None, None, -1))):
            shown = Upright((16, 32), layout)(frame)
            assert shown.dtype == np.uint8
            np.testing.assert_allclose(shown[0, :, order], np.tile(expected, (32, 1)), atol=3)


def test_pq_becomes_sdr_and_hlg_stays() -> None:
    # PQ at 8 bits of 0, 10, 100, 203 (reference white), 1000 and 10000 cd/m² (ITU-R BT.2408).
    codes = [0, 77, 130, 148, 192, 255]
    shown = PQ_TO_SDR[codes]
    assert (np.diff(PQ_TO_SDR.astype(int)) >= 0).all()
    assert shown[0] == 0 and shown[4] >= 253 and shown[5] == 255
    # Reference white is half of the range of light; a hundredth of the highest light is not black.
    assert shown[3] == pytest.approx(255 * 0.52 ** (1 / 2.2), abs=3)
    assert 50 < shown[1] < 80 < shown[2] < shown[3]
    # Luma of limited range, 10 bits.
    for code in codes:
        luma = round(64 + 876 * code / 255)
        frame = flat(luma, 512, 512, 10, BT2020, LIMITED)
        frame.color_trc = HLG
        assert Upright((16, 32))(frame)[0, 0] == pytest.approx([code] * 3, abs=1)
        frame.color_trc = PQ
        near = PQ_TO_SDR[max(code - 1, 0) : code + 2]
        assert near.min() <= Upright((16, 32))(frame)[0, 0].min() <= near.max()


def test_a_stream_that_changes_its_size_is_scaled() -> None:
    frame = av.VideoFrame.from_ndarray(quarters(), format="rgb24")
    shown = Upright((32, 48), "rgb24")(frame)
    assert shown.shape == (32, 48, 3)
    np.testing.assert_array_equal(shown[4::24, 4::40], quarters()[8::48, 8::80])
