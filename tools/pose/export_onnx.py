r"""Write an RTMPose network, or an RTMDet detector, as an ONNX file for the backend `rtmlib`.

Example: python tools/pose/export_onnx.py --model work_dirs/toy_pose/pose.py \
    --checkpoint work_dirs/toy_pose/pose.pth --out pose.onnx
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmalign.cli.guard import guarded
from mmalign.compat.mmpose import import_mmpose
from mmalign.extraction.backends.mmpose_models import class_to_detect, load_model
from mmalign.extraction.backends.onnx_export import export_detector, export_pose


@guarded
def main(argv: Sequence[str] | None = None) -> int:
    """Export; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--model", help="config file of RTMPose, or its name in MMPose's index")
    which.add_argument("--detector", help="config file of RTMDet, or its name in an index")
    parser.add_argument("--checkpoint", help="its weights; those of the index by default")
    parser.add_argument("--out", required=True, help="the ONNX file")
    args = parser.parse_args(argv)
    import_mmpose()
    if args.model:
        export_pose(load_model("mmpose", args.model, args.checkpoint, "cpu"), args.out)
    else:
        detector = load_model("mmdet", args.detector, args.checkpoint, "cpu")
        wanted = class_to_detect(detector, args.detector)
        export_detector(detector, wanted, args.out)
    print(f"{args.out} written; use it with --backend rtmlib")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
