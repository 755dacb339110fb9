"""The corpus of kind `recorded`: judgments made before, with the passages in them as its documents."""

from typing import Literal

from judge.dataset import recorded_rows
from judge.dataset.documents import Documents
from judge.dataset.recorded_file import RecordedFile


class Recorded(RecordedFile):
    """A file of judgments made before."""

    kind: Literal["recorded"]

    def read(self, _seed: int) -> Documents:
        """The judgments of the file, and their distinct passages, of which there may be none; nothing is left to chance.

        Raises:
            DocumentError: as `recorded_rows.read` raises it.
        """
        rows, skipped = recorded_rows.read(self)
        return Documents(recorded_rows.document_rows(rows, self.file), [], skipped, rows)
