"""An encoder that OpenVINO computes, several texts at a time, each on a core of its own.

What is computed of a text does not depend on the others: it is padded to a length that hangs on its own alone, and read on one core.
Matrices are 8-bit integers in the graph, and activations too or rounded to 8 bits in groups as they come, where the processor multiplies
bytes; elsewhere OpenVINO computes in the precision that is fastest there.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from judge.models.threads import cores

if TYPE_CHECKING:
    from judge.models.text_reader import States

# Activations that share a scale where the graph has none for them: with 64 the default student agreed best with its encoder as it was.
_GROUP = 64
# Code is made for each shape when it first comes, and takes as long as a short text; few lengths are few shapes.
_SHORT, _STEP, _LONG_STEP = 64, 8, 16
# A core computes several texts of one length faster than one by one, by half where they are short. So many are read at once.
_TOKENS, _TEXTS = 1024, 16
# Tokens that are given to the runtime ahead of those that are waited for: enough that texts of one length come together, and that no core
# is idle while Python is busy. Their states take 75 MB with the default encoder.
_AHEAD = 16_384
# Tokens after which a text waits no longer for others of its length, lest it should be the last that is computed when it is asked for.
_PATIENCE = 10_240


def is_supported() -> bool:
    """Whether OpenVINO is installed."""
    return find_spec("openvino") is not None


class CompiledEncoder:
    """A graph of `judge.models.encoder_graph`, compiled for this processor.

    Args:
        path: the graph.

    Raises:
        RuntimeError: OpenVINO cannot read the file, or it is not such a graph.
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
        inputs = len(self._compiled.inputs)
        if inputs != 2:
            raise RuntimeError(f"its inputs are {inputs}, and not two, input_ids and attention_mask")
        # A request keeps the memory of the largest states that it ever had, so each has texts of one shape.
        self._free: defaultdict[tuple[int, bool], list[Any]] = defaultdict(list)

    def read_pieces(self, pieces: Iterable[list[int]]) -> "Iterator[States]":
        """As `judge.models.text_reader.ReadPieces`; texts to come are computed while the caller works on one."""
        texts: deque[tuple[_Batch, int]] = deque()
        # Batches that wait for more texts of their length, by that length, the oldest first.
        waiting: dict[int, _Batch] = {}
        given = finished = 0
        try:
            for ids in pieces:
                while given - finished >= _AHEAD:
                    finished += texts[0][0].length
                    yield from self._finished(texts, waiting)
                length = _padded(len(ids))
                batch = waiting.setdefault(length, _Batch(length, given))
                texts.append((batch, len(batch.texts)))
                batch.texts.append(ids)
                given += length
                if batch.is_full:
                    self._start(waiting.pop(length))
                oldest = next(iter(waiting.values()), batch)
                if given - oldest.since > _PATIENCE:
                    self._start_waiting(oldest, waiting)
            for batch in list(waiting.values()):
                self._start_waiting(batch, waiting)
            while texts:
                yield from self._finished(texts, waiting)
        finally:
            # Whoever stops in the middle leaves requests that are still computing.
            for batch in {id(batch): batch for batch, _ in texts}.values():
                self._release(batch)

    def _start(self, batch: "_Batch") -> None:
        """Let the texts of a batch be computed: of a full one at once, and of others one by one, so that there are few shapes."""
        for part in [batch.texts] if batch.is_full else [[ids] for ids in batch.texts]:
            ids = np.zeros((len(part), batch.length), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, text in enumerate(part):
                ids[row, : len(text)] = text
                mask[row, : len(text)] = 1
            free = self._free[batch.length, batch.is_full]
            request = free.pop() if free else self._compiled.create_infer_request()
            batch.requests.append(request)
            request.start_async({0: ids, 1: mask})

    def _start_waiting(self, batch: "_Batch", waiting: "dict[int, _Batch]") -> None:
        """Let a batch be computed as it is, unless it is under way already."""
        if not batch.requests:
            del waiting[batch.length]
            self._start(batch)

    def _finished(self, texts: "deque[tuple[_Batch, int]]", waiting: "dict[int, _Batch]") -> "Iterator[States]":
        """The states of the oldest text; with those of the last of its batch read, the batch's requests are free for others."""
        batch, index = texts[0]
        self._start_waiting(batch, waiting)
        at, row = (0, index) if batch.is_full else (index, 0)
        if row == 0:
            batch.requests[at].wait()
            batch.states = [batch.requests[at].get_output_tensor(output).data for output in range(3)]
        yield [state[row, : len(batch.texts[index])] for state in batch.states]
        texts.popleft()
        if index == len(batch.texts) - 1:
            self._release(batch)

    def _release(self, batch: "_Batch") -> None:
        for request in batch.requests:
            request.wait()
        self._free[batch.length, batch.is_full].extend(batch.requests)


class _Batch:
    """Texts of one padded length, and what computes them: one request for all, or one for each; none before they are started.

    Args:
        length: to which they are padded.
        since: how many tokens had been given before the first of them.
    """

    def __init__(self, length: int, since: int) -> None:
        self.length = length
        self.since = since
        self.texts: list[list[int]] = []
        self.requests: list[Any] = []
        self.states: States = []

    @property
    def is_full(self) -> bool:
        """Whether it is computed at once; of what is not full when it is started, each text by itself."""
        return len(self.texts) == max(1, min(_TEXTS, _TOKENS // self.length))


def _padded(tokens: int) -> int:
    """The length that a text of so many tokens is padded to; one without any is padded too."""
    step = _STEP if tokens <= _SHORT else _LONG_STEP
    return max(1, -(-tokens // step)) * step
