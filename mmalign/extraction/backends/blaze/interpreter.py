"""Networks in TensorFlow Lite's format, run by LiteRT on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmalign.compat.native_output import silent_stderr
from mmalign.errors import InputError

Floats = NDArray[np.float32]

INSTALL = "pip install -e '.[video]'"


class Network:
    """A network for one picture at a time: batches are no faster with LiteRT on a CPU.

    Args:
        content: Its file.
        threads: Threads; None for LiteRT's choice.

    Attributes:
        size: Pixels of a side of its input.

    Raises:
        InputError: As :func:`import_litert`.
    """

    def __init__(self, content: bytes, threads: int | None = None) -> None:
        # LiteRT greets on the terminal.
        with silent_stderr():
            self._interpreter = import_litert()(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        (entry,) = self._interpreter.get_input_details()
        self._input = entry["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]
        self.size = int(entry["shape"][1])

    def __call__(self, picture: Floats) -> list[Floats]:
        """Outputs for a picture ``(size, size, 3)``, without their batch axis."""
        self._interpreter.set_tensor(self._input, picture[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index)[0] for index in self._outputs]


def import_litert() -> Any:
    """LiteRT's class of networks.

    Raises:
        InputError: If it is not installed.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise InputError(
            f"backend blazepose: LiteRT cannot be imported ({error}); install it with `{INSTALL}`"
        ) from error
    return Interpreter
