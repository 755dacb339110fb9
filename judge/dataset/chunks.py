"""Cut documents into passages, with llama-index's sentence splitter."""

from collections.abc import Sequence

from pydantic import Field, model_validator

from judge.settings import Settings
from judge.tables.identity import content_id
from judge.tables.schema import Row


class ChunkSettings(Settings):
    """How long a passage is."""

    size: int = Field(ge=16, le=8192, description="tokens in a passage, at most")
    overlap: int = Field(ge=0, description="tokens that a passage repeats of the one before; less than size")

    @model_validator(mode="after")
    def _overlap_below_size(self) -> "ChunkSettings":
        if self.overlap >= self.size:
            message = f"an overlap (got {self.overlap}) below the size (got {self.size})"
            raise ValueError(message)
        return self


def cut(documents: Sequence[Row], settings: ChunkSettings) -> list[Row]:
    """Cut rows of the documents table into rows of the chunks table, in order; no passage is empty."""
    from llama_index.core.node_parser import SentenceSplitter

    splitter = SentenceSplitter(chunk_size=settings.size, chunk_overlap=settings.overlap)
    return [
        {
            "chunk_id": content_id(document["document_id"], position, text),
            "document_id": document["document_id"],
            "position": position,
            "title": document["title"],
            "text": text,
        }
        for document in documents
        for position, text in enumerate(piece for piece in splitter.split_text(document["text"]) if piece.strip())
    ]
