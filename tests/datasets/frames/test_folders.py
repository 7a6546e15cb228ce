"""Folders of images: their order, what is missing, colour and depth."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmalign.datasets.frames.folders import list_images, read_depth, read_images
from mmalign.errors import InputError


def fill(folder, names):
    folder.mkdir(exist_ok=True)
    for value, name in enumerate(names):
        Image.fromarray(np.full((6, 8, 3), value, np.uint8)).save(folder / name)
    return folder


def test_images_come_in_the_order_of_their_numbers(tmp_path):
    folder = fill(tmp_path, ["img_9.png", "img_10.png", "img_11.png", "img_8.png"])
    (folder / "notes.txt").write_text("not an image")
    assert [path.name for path in list_images(folder)] == [
        f"img_{number}.png" for number in (8, 9, 10, 11)
    ]
    assert [int(image[0, 0, 0]) for image in read_images(folder)] == [3, 0, 1, 2]


def test_colours_are_rgb_whatever_the_file_holds(tmp_path):
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 2] = 200
    cv2.imwrite(str(tmp_path / "0.png"), red)
    cv2.imwrite(str(tmp_path / "1.png"), red[..., 2])
    first, second = read_images(tmp_path)
    assert first[0, 0].tolist() == [200, 0, 0]
    assert second[0, 0].tolist() == [200, 200, 200]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no images"),
        (["1.png", "2.png", "4.png"], r"frame 3 is missing \(2.png is followed by 4.png\)"),
        (["1.png", "1.jpg"], "1.png: has the same number as 1.jpg"),
        (["front.png"], "front.png: found no frame number"),
    ],
)
def test_a_folder_that_is_not_whole_says_what_is_wrong(tmp_path, names, message):
    with pytest.raises(InputError, match=message):
        list_images(fill(tmp_path, names))


@pytest.mark.parametrize("name", ["0.png", "0.jpg"])
def test_half_an_image_is_no_image(tmp_path, name):
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    path = tmp_path / name
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=f"{name}: not a readable image"):
        list(read_images(tmp_path))


def test_depth_is_metres(tmp_path):
    steps = np.array([[0, 1000], [1500, 65535]], np.uint16)
    cv2.imwrite(str(tmp_path / "0.png"), steps)
    (millimetres,) = read_depth(tmp_path)
    assert millimetres.dtype == np.float32 and millimetres.shape == (2, 2, 1)
    np.testing.assert_allclose(millimetres[..., 0], [[0, 1.0], [1.5, 65.535]])
    (other,) = read_depth(tmp_path, unit=0.0002)
    np.testing.assert_allclose(other, millimetres / 5, rtol=1e-6)


def test_a_colour_image_is_no_depth_image(tmp_path):
    with pytest.raises(InputError, match="0.png: has 3 channels"):
        list(read_depth(fill(tmp_path, ["0.png"])))
