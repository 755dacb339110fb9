"""Corpora and passages: what is read, what is left out, what is refused."""

from pathlib import Path
from typing import Any

import pytest

from judge.dataset import chunks
from judge.dataset.corpora import Corpus
from judge.dataset.documents import Documents
from judge.errors import DocumentError
from tests.conftest import option


def _summaries(**changes: Any) -> Any:
    return option("corpus", "wikipedia-summaries", Corpus, **changes)


def test_the_cities_of_the_tutorial_are_in_and_the_rest_is_chosen() -> None:
    """As many articles as asked for, the named ones among them, none in the background too."""
    found = _summaries(articles=20, background=10).read(1)
    titles = {row["title"] for row in found.documents}
    assert {"San Francisco", "Toronto", "Tokyo"} <= titles
    assert (20, 10) == (len(titles), len(found.background))
    assert not titles & {row["title"] for row in found.background}


def test_more_articles_keep_those_that_were_chosen() -> None:
    """The choice grows: no article leaves it."""
    few, many = (_summaries(articles=count, background=5).read(1) for count in (20, 30))
    assert {row["document_id"] for row in few.documents} < {row["document_id"] for row in many.documents}
    assert few.background == many.background


def test_another_seed_chooses_others() -> None:
    """The seed is what the choice is left to."""
    one, other = (_summaries(articles=20, background=0).read(seed) for seed in (1, 2))
    assert one.documents != other.documents


def test_documents_bring_no_judgments() -> None:
    """Only a corpus of recorded judgments has rows of them."""
    assert _summaries(articles=20, background=0).read(1).recorded == []


def test_an_unknown_title_is_named() -> None:
    """A misspelt article is refused, not skipped."""
    with pytest.raises(DocumentError, match="Atlantis City"):
        _summaries(titles=["Atlantis City"]).read(1)


def test_more_articles_than_there_are_is_refused_with_the_count() -> None:
    """The message says how many there are."""
    with pytest.raises(DocumentError, match=r"\d+ have 400 to 1200 characters"):
        _summaries(articles=99999).read(1)


def _directory(folder: Path) -> Documents:
    documents: Documents = option("corpus", "directory", Corpus, folder=str(folder)).read(1)
    return documents


def _pdf(text: str) -> bytes:
    """A PDF of one page with one line of text, by hand, since no library here writes PDF."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return content + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(content),
    )


def _docx(path: Path, text: str) -> None:
    import zipfile

    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
        )


def test_a_folder_of_five_formats_is_read(tmp_path: Path) -> None:
    """txt, md, html, pdf and docx each give their text, markup gone, in folders below too."""
    (tmp_path / "below").mkdir()
    (tmp_path / "a.txt").write_text("Text of a.", encoding="utf-8")
    (tmp_path / "below" / "b.md").write_text("# Head\n\nText of *b*.", encoding="utf-8")
    (tmp_path / "c.html").write_text("<html><body><section><p>Text of c.</p></section></body></html>", encoding="utf-8")
    (tmp_path / "d.pdf").write_bytes(_pdf("Text of d."))
    _docx(tmp_path / "e.docx", "Text of e.")
    found = {row["title"]: row["text"] for row in _directory(tmp_path).documents}
    assert sorted(found) == ["a.txt", "below/b.md", "c.html", "d.pdf", "e.docx"]
    assert "Text of a." in found["a.txt"]
    assert "Text of *b*." in found["below/b.md"]
    assert found["c.html"] == "Text of c."
    assert "Text of d." in found["d.pdf"]
    assert "Text of e." in found["e.docx"]


def test_files_that_cannot_be_used_are_named_with_their_reason(tmp_path: Path) -> None:
    """Empty, corrupt and foreign files are left out and told; the rest is read."""
    (tmp_path / "good.txt").write_text("Good.", encoding="utf-8")
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 no more")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    found = _directory(tmp_path)
    assert [row["title"] for row in found.documents] == ["good.txt"]
    assert [name for name, _ in found.skipped] == ["broken.pdf", "empty.txt", "picture.png"]
    assert dict(found.skipped)["empty.txt"] == "no text in it"


def test_a_folder_without_text_is_refused_with_every_reason(tmp_path: Path) -> None:
    """When nothing is left the run stops, and says of each file why."""
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"empty\.txt: no text in it"):
        _directory(tmp_path)


def test_equal_files_are_one_document_only_where_their_names_are_equal(tmp_path: Path) -> None:
    """The id is a hash of title and text, so the same text under two names is two documents."""
    (tmp_path / "a.txt").write_text("Same.", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Same.", encoding="utf-8")
    assert len({row["document_id"] for row in _directory(tmp_path).documents}) == 2


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The message names the folder and what to put there."""
    with pytest.raises(DocumentError, match="there is no folder"):
        _directory(tmp_path / "nowhere")


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
