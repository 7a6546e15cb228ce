"""Every readable format by name; its module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from mmalign.datasets.formats.base import FormatReader
from mmalign.errors import InputError

_HERE = "mmalign.datasets.formats"

# Name: module and class of the reader.
FORMATS = {
    "penn_action": f"{_HERE}.penn_action:PennActionReader",
    "h2o": f"{_HERE}.h2o:H2OReader",
    "ikea_asm": f"{_HERE}.ikea_asm:IkeaAsmReader",
    "casa": f"{_HERE}.casa:CasaReader",
    "openpose": f"{_HERE}.openpose:OpenPoseReader",
    "mmpose": f"{_HERE}.mmpose:MMPoseReader",
    "coco_keypoints": f"{_HERE}.coco_keypoints:CocoKeypointsReader",
    "mediapipe": f"{_HERE}.mediapipe:MediaPipeReader",
    "alphapose": f"{_HERE}.alphapose:AlphaPoseReader",
    "mmaction": f"{_HERE}.mmaction:MMActionReader",
    "npz": f"{_HERE}.npz:NpzReader",
    "csv": f"{_HERE}.csv_poses:CsvReader",
    "ui_prmd": f"{_HERE}.ui_prmd:UiPrmdReader",
}


def list_formats() -> tuple[str, ...]:
    """Names of all formats."""
    return tuple(FORMATS)


def get_format(name: str) -> type[FormatReader]:
    """Look the reader of a format up by the format's name.

    Raises:
        InputError: If there is none of that name; the message lists those there are.
    """
    if name not in FORMATS:
        raise InputError(f"unknown format {name!r}; expected one of {', '.join(FORMATS)}")
    module, _, reader = FORMATS[name].partition(":")
    return getattr(import_module(module), reader)
