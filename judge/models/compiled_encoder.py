"""An encoder that OpenVINO computes, several texts at a time, each on a core of its own.

A text is read alone and on one core, so its states do not depend on what is read beside it.
Matrices are 8-bit integers in the graph, and activations are rounded to 8 bits in groups as they come (dynamic quantisation), where the
processor multiplies bytes; elsewhere OpenVINO computes in the precision that is fastest there.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from judge.models.threads import cores

if TYPE_CHECKING:
    from judge.models.text_reader import States

# Activations that share a scale. On the default student's test answers 64 agreed best with the encoder as it was; 384 was no faster.
_GROUP = 64
# Texts that are given to the runtime ahead of the one that is waited for: enough that no core is idle while Python is busy.
_AHEAD = 24


def is_supported() -> bool:
    """Whether OpenVINO is installed."""
    return find_spec("openvino") is not None


class CompiledEncoder:
    """A graph of `judge.models.encoder_graph`, compiled for this processor.

    Args:
        path: the graph.

    Raises:
        RuntimeError: OpenVINO cannot read the file.
    """

    def __init__(self, path: Path) -> None:
        import openvino

        core = openvino.Core()
        count = cores()
        settings = {
            "NUM_STREAMS": count,
            "INFERENCE_NUM_THREADS": count,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP,
            # Pinned threads wait for each other where another process uses the same core.
            "ENABLE_CPU_PINNING": False,
        }
        self._compiled: Any = core.compile_model(core.read_model(path), "CPU", settings)
        self._free: list[Any] = []

    def read_pieces(self, pieces: Iterable[list[int]]) -> "Iterator[States]":
        """As `judge.models.text_reader.ReadPieces`; texts to come are computed while the caller works on one."""
        under_way: deque[Any] = deque()
        try:
            for ids in pieces:
                if len(under_way) >= _AHEAD:
                    yield from self._finished(under_way)
                request = self._free.pop() if self._free else self._compiled.create_infer_request()
                under_way.append(request)
                request.start_async({0: np.array([ids], dtype=np.int64)})
            while under_way:
                yield from self._finished(under_way)
        finally:
            # Whoever stops in the middle leaves requests that are still computing.
            for request in under_way:
                request.wait()
            self._free.extend(under_way)

    def _finished(self, under_way: deque[Any]) -> "Iterator[States]":
        """The states of the oldest text, which is free for another when they have been read."""
        under_way[0].wait()
        yield [under_way[0].get_output_tensor(index).data[0] for index in range(3)]
        self._free.append(under_way.popleft())
