"""The lines of a stream of bytes, one at a time, with what a reader of a file that does not fit into memory has to know."""

import hashlib
from typing import IO

LONGEST_LINE = 16_000_000
"""Bytes of a line; what is longer is read past and named, so that no line fills the memory."""

_MARK = b"\xef\xbb\xbf"


class LineError(ValueError):
    """A line that cannot be read, in words that end no sentence; those after it can."""


class Lines:
    """The lines of a stream as texts with their line ends.

    Attributes:
        number: of the line that was read last, from 1.
        position: how many bytes have been read.
        digest: the SHA-256 of those bytes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.number = 0
        self.position = 0
        self.digest = hashlib.sha256()
        self._stream = stream

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        """The next line.

        Raises:
            LineError: it is longer than `LONGEST_LINE`, or not UTF-8.
        """
        line = self._read()
        if not line:
            raise StopIteration
        self.number += 1
        is_whole = len(line) <= LONGEST_LINE or line.endswith(b"\n")
        while not is_whole:
            more = self._read()
            is_whole = not more or more.endswith(b"\n")
        if len(line) > LONGEST_LINE:
            message = f"the line is longer than {LONGEST_LINE:,} bytes"
            raise LineError(message)
        try:
            # Spreadsheets begin their files with a byte order mark.
            return (line.removeprefix(_MARK) if self.number == 1 else line).decode()
        except UnicodeDecodeError as error:
            message = f"the line is not UTF-8 (byte {error.start + 1} of it)"
            raise LineError(message) from None

    def _read(self) -> bytes:
        line = self._stream.readline(LONGEST_LINE + 1)
        self.position += len(line)
        self.digest.update(line)
        return line
