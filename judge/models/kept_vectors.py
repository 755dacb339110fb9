"""Token vectors of long texts that were read before: a passage is held against answer after answer, a question and an answer once.

The most recent ones are kept in memory. Where a folder is given, all are kept there as well, a file each by a hash of text and encoder,
and mapped into memory when they are asked for again; what is read from there is, bit for bit, what was written.
Import this module only where texts are read: it loads numpy.
"""

import hashlib
import os
import tempfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from judge.errors import JudgeError

Array = npt.NDArray[np.float32]

SHORTEST = 200
"""Characters from which on a text is kept: shorter ones are read about as fast as they are found."""

_MOST_BYTES = 128 * 2**20


class KeptVectors:
    """The vectors of texts of one encoder: arrays of shape (layers, tokens, width), the last token of each being the text's mean.

    Args:
        folder: where they are kept beyond this process; None for nowhere. About a megabyte for a passage of 230 tokens.
        made_by: names the encoder, and what computes it.

    Raises:
        JudgeError: the folder cannot be written.
    """

    def __init__(self, folder: Path | None = None, made_by: str = "") -> None:
        self._folder = folder
        self._made_by = made_by
        self._recent: OrderedDict[str, Array] = OrderedDict()
        self._bytes = 0
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _unwritable(folder, error) from error

    def get(self, text: str) -> Array | None:
        """The vectors of a text, or None."""
        if text in self._recent:
            self._recent.move_to_end(text)
            return self._recent[text]
        if self._folder is None or len(text) < SHORTEST:
            return None
        try:
            # Copied where it is written to, which nobody does: torch warns of arrays that cannot be.
            kept: Array = np.load(self._path(self._folder, text), mmap_mode="c", allow_pickle=False)
        except (FileNotFoundError, ValueError, EOFError):
            # One that is cut off is read anew, and written anew.
            return None
        self._remember(text, kept)
        return kept

    def put(self, text: str, vectors: Array) -> None:
        """Keep the vectors of a text that is long enough.

        Raises:
            JudgeError: the disk is full, or the folder cannot be written.
        """
        if len(text) < SHORTEST:
            return
        self._remember(text, vectors)
        if self._folder is None:
            return
        path = self._path(self._folder, text)
        try:
            path.parent.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.save(file, vectors, allow_pickle=False)
                # Other processes see a whole file or none.
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self._folder, error) from error

    def _remember(self, text: str, vectors: Array) -> None:
        self._bytes += vectors.nbytes - (self._recent[text].nbytes if text in self._recent else 0)
        self._recent[text] = vectors
        self._recent.move_to_end(text)
        while self._bytes > _MOST_BYTES:
            _, oldest = self._recent.popitem(last=False)
            self._bytes -= oldest.nbytes

    def _path(self, folder: Path, text: str) -> Path:
        name = hashlib.sha256(f"{self._made_by}\x1f{text}".encode(errors="surrogatepass")).hexdigest()
        return folder / name[:2] / f"{name[2:]}.npy"


def _unwritable(folder: Path, error: OSError) -> JudgeError:
    return JudgeError(
        f"The vectors of passages cannot be kept in {folder}: {error.strerror or error}.\n"
        "Next: free some space, or mend the folder's rights, or name another folder; nothing else was lost."
    )
