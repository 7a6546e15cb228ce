"""Every pose estimator by name; its module is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from mmalign.errors import InputError
from mmalign.extraction.backends.base import PoseBackend

_HERE = "mmalign.extraction.backends"

# Name: module and what makes the estimator of build_backend's arguments but the name.
BACKENDS = {
    "mmpose": f"{_HERE}.mmpose:MMPoseBackend",
    "rtmlib": f"{_HERE}.rtmlib:RTMLibBackend",
    "blazepose": f"{_HERE}.blazepose:BlazePoseBackend",
}


def build_backend(
    name: str,
    model: str | None = None,
    checkpoint: str | None = None,
    detector: str | None = None,
    detector_checkpoint: str | None = None,
    skeleton: str | None = None,
    device: str = "cpu",
    batch_size: int = 16,
    threads: int | None = None,
) -> PoseBackend:
    """Make a pose estimator.

    Args:
        name: One of :data:`BACKENDS`, or ``MODULE:NAME``: a class or function of one's own that
            takes the other arguments by name and gives a :class:`.PoseBackend`.
        model: Alias, config file or model file of the pose network, as the estimator says.
        checkpoint: Its weights, where they are a file of their own.
        detector: Alias, config file or model file of the person detector; None for none.
        detector_checkpoint: Its weights, where they are a file of their own.
        skeleton: Name of the skeleton that is wanted, where the model offers several.
        device: Where to compute: ``cpu``, ``cuda``, ``cuda:1``, ...
        batch_size: Crops, and frames for the detector, that go through a network at once.
        threads: Threads of a network on the CPU; None for the library's choice.

    Raises:
        InputError: If there is no such estimator, or it cannot be made of the arguments.
    """
    target = BACKENDS.get(name, name)
    module, colon, attribute = target.partition(":")
    if not colon:
        raise InputError(
            f"--backend {name!r} is unknown, expected {', '.join(BACKENDS)} or MODULE:NAME of your"
            " own; correct the option"
        )
    try:
        make = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"--backend {name}: cannot be imported ({error}); `mmalign doctor` says what is missing"
        ) from error
    return make(
        model=model,
        checkpoint=checkpoint,
        detector=detector,
        detector_checkpoint=detector_checkpoint,
        skeleton=skeleton,
        device=device,
        batch_size=batch_size,
        threads=threads,
    )
