"""Rendered toy figures as a data set in COCO's format, for training pose networks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

from mmalign.fileio import atomic_write
from mmalign.skeletons import Skeleton, get_skeleton
from mmalign.toy.render import render_frames
from mmalign.toy.sequence import ToySequence
from mmalign.toy.trees import write_text

MARGIN = 0.08
"""How far a figure reaches beyond its joints, as a share of its longer side."""


def split_people(sequence: ToySequence) -> tuple[np.ndarray, Skeleton]:
    """True joints of what one box holds: a body, or each hand for itself.

    Returns:
        ``(T, P, K, 2)`` float64 pixels, without the detection noise of the sequence's keypoints,
        and the skeleton of the ``K`` joints: that of the sequence, or ``hand21``.
    """
    pixels, _ = sequence.camera.project(sequence.joints)
    if sequence.skeleton == "hands42":
        return pixels.reshape(len(pixels), 2, 21, 2), get_skeleton("hand21")
    return pixels[:, None], get_skeleton(sequence.skeleton)


def figure_box(pixels: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """Boxes round joints.

    Args:
        pixels: ``(..., K, 2)``.
        image_size: Height and width of the image, to which boxes are cut.

    Returns:
        ``(..., 4)`` float64 x1, y1, x2, y2 in pixels.
    """
    low, high = pixels.min(axis=-2), pixels.max(axis=-2)
    margin = MARGIN * (high - low).max(axis=-1, keepdims=True)
    edge = np.array(image_size[::-1]) - 1.0
    return np.concatenate([low - margin, high + margin], axis=-1).clip(0, [*edge, *edge])


def write_coco(root: str | Path, split: str, sequences: Iterable[ToySequence], every: int) -> Path:
    """Write frames as JPEG files and their annotations as ``{split}.json``.

    Args:
        root: The folder; images go to ``{split}/``.
        split: Name of this part.
        sequences: What is rendered; all of one skeleton.
        every: Every which frame is written.

    Returns:
        The annotation file.
    """
    root = Path(root)
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    categories: list[dict[str, object]] = []
    console = Console(stderr=True)
    for number, sequence in enumerate(track([*sequences], f"rendering {split}", console=console)):
        people, skeleton = split_people(sequence)
        categories = [_category(skeleton)]
        boxes = figure_box(people, sequence.frame_size)
        height, width = sequence.frame_size
        for t, frame in list(enumerate(render_frames(sequence)))[::every]:
            name = f"{number:04d}_{t:04d}.jpg"
            with atomic_write(root / split / name) as temporary:
                cv2.imwrite(str(temporary), frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
            image = {"id": len(images), "file_name": name, "height": height, "width": width}
            for pixels, box in zip(people[t], boxes[t], strict=True):
                annotation = _annotation(pixels, box, sequence.frame_size)
                annotations.append(annotation | {"id": len(annotations), "image_id": image["id"]})
            images.append(image)
    content = {"images": images, "annotations": annotations, "categories": categories}
    path = root / f"{split}.json"
    write_text(path, json.dumps(content))
    return path


def _category(skeleton: Skeleton) -> dict[str, object]:
    name = "hand" if skeleton.name == "hand21" else "person"
    limbs = [[a + 1, b + 1] for a, b in skeleton.limbs]
    return {"id": 1, "name": name, "keypoints": [*skeleton.joints], "skeleton": limbs}


def _annotation(
    pixels: np.ndarray, box: np.ndarray, image_size: tuple[int, int]
) -> dict[str, object]:
    """COCO's annotation of one figure; a joint outside the image is not labelled."""
    inside = ((pixels >= 0) & (pixels < image_size[::-1])).all(axis=-1)
    keypoints = np.column_stack([pixels, 2 * inside])
    keypoints[~inside] = 0
    x1, y1, x2, y2 = box.tolist()
    return {
        "category_id": 1,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": (x2 - x1) * (y2 - y1),
        "iscrowd": 0,
        "num_keypoints": int(inside.sum()),
        "keypoints": keypoints.round(2).ravel().tolist(),
    }


def load_figures(path: str | Path) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Read what :func:`write_coco` wrote, image by image.

    Yields:
        The image, BGR uint8 ``(h, w, 3)``; the boxes ``(P, 4)`` x1, y1, x2, y2; the joints
        ``(P, K, 3)`` x, y and whether they are in the image.
    """
    path = Path(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    figures: dict[int, list[dict[str, list[float]]]] = {}
    for annotation in content["annotations"]:
        figures.setdefault(annotation["image_id"], []).append(annotation)
    for image in content["images"]:
        found = figures[image["id"]]
        boxes = np.array([figure["bbox"] for figure in found])
        boxes[:, 2:] += boxes[:, :2]
        joints = np.array([figure["keypoints"] for figure in found]).reshape(len(found), -1, 3)
        joints[..., 2] = joints[..., 2] > 0
        yield cv2.imread(str(path.parent / path.stem / image["file_name"])), boxes, joints
