"""Every readable format by name; its module is imported when it is asked for."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from mmalign.errors import InputError
from mmalign.formats.base import FormatReader
from mmalign.poses.processing import add_processing_arguments

_HERE = "mmalign.formats"

# Name: module and class of the reader.
FORMATS = {
    "penn_action": f"{_HERE}.benchmarks.penn_action:PennActionReader",
    "h2o": f"{_HERE}.benchmarks.h2o:H2OReader",
    "ikea_asm": f"{_HERE}.benchmarks.ikea_asm:IkeaAsmReader",
    "casa": f"{_HERE}.benchmarks.casa:CasaReader",
    "openpose": f"{_HERE}.openpose:OpenPoseReader",
    "mmpose": f"{_HERE}.mmpose:MMPoseReader",
    "coco_keypoints": f"{_HERE}.coco_keypoints:CocoKeypointsReader",
    "mediapipe": f"{_HERE}.mediapipe:MediaPipeReader",
    "alphapose": f"{_HERE}.alphapose:AlphaPoseReader",
    "mmaction": f"{_HERE}.mmaction:MMActionReader",
    "ultralytics": f"{_HERE}.ultralytics:UltralyticsReader",
    "trc": f"{_HERE}.trc:TrcReader",
    "c3d": f"{_HERE}.c3d_markers:C3dReader",
    "freemocap": f"{_HERE}.freemocap:FreeMoCapReader",
    "h5": f"{_HERE}.hdf5_poses:Hdf5Reader",
    "ntu": f"{_HERE}.ntu:NtuReader",
    "npz": f"{_HERE}.npz:NpzReader",
    "csv": f"{_HERE}.csv_poses:CsvReader",
    "ui_prmd": f"{_HERE}.benchmarks.ui_prmd:UiPrmdReader",
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


def format_options(
    format_name: str, arguments: list[str], processing: bool = False
) -> dict[str, Any]:
    """Options of a format's reader from command line arguments.

    Args:
        format_name: The format.
        arguments: The arguments.
        processing: Whether those of :func:`~mmalign.poses.processing.add_processing_arguments`
            may be among them.

    Raises:
        InputError: If there is no such format or an argument cannot be used.
    """
    parser = argparse.ArgumentParser(prog=f"--format {format_name}", add_help=False)
    if processing:
        add_processing_arguments(parser)
    get_format(format_name).add_arguments(parser)
    try:
        return vars(parser.parse_args(arguments))
    except SystemExit as error:
        raise InputError(
            f"--format {format_name}: its options are missing or bad ({' '.join(arguments)});"
            f" `mmalign data convert {format_name} --help` lists them"
        ) from error
