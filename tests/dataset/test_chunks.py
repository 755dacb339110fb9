"""Passages: nothing is lost, and none is too long."""

from judge.dataset import chunks


def test_no_sentence_is_lost_and_no_passage_is_empty() -> None:
    """Without overlap, every word of a long document is in its passages, in order."""
    text = " ".join(f"Sentence number {number} says something of its own." for number in range(200)) + "\n\n \n\nThe end."
    row = {"document_id": "d", "title": "T", "text": text, "source": "s"}
    cut = chunks.cut([row], chunks.ChunkSettings(size=64, overlap=0))
    assert text.split() == " ".join(chunk["text"] for chunk in cut).split()
    assert all(chunk["text"].strip() for chunk in cut)
    assert list(range(len(cut))) == [chunk["position"] for chunk in cut]


def test_a_passage_keeps_to_its_size() -> None:
    """No passage has more tokens than asked for, by the splitter's own tokenizer."""
    from llama_index.core.utils import get_tokenizer

    text = " ".join(f"Sentence number {number} says something of its own." for number in range(200))
    cut = chunks.cut([{"document_id": "d", "title": "T", "text": text, "source": "s"}], chunks.ChunkSettings(size=64, overlap=16))
    assert max(len(get_tokenizer()(chunk["text"])) for chunk in cut) <= 64
