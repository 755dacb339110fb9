"""The corpus of your own files: what is read, what is left out, what is refused."""

from pathlib import Path

import pytest

from judge.dataset.directory import Directory
from judge.dataset.documents import Documents
from judge.errors import DocumentError
from tests.conftest import option


def _directory(folder: Path) -> Documents:
    corpus: Directory = option("corpus", "directory", Directory, folder=str(folder))
    return corpus.read(1)


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
    read = {row["title"]: row["text"] for row in _directory(tmp_path).documents}
    assert sorted(read) == ["a.txt", "below/b.md", "c.html", "d.pdf", "e.docx"]
    assert "Text of a." in read["a.txt"]
    assert "Text of *b*." in read["below/b.md"]
    assert read["c.html"] == "Text of c."
    assert "Text of d." in read["d.pdf"]
    assert "Text of e." in read["e.docx"]


def test_files_that_cannot_be_used_are_named_with_their_reason(tmp_path: Path) -> None:
    """Empty, corrupt and foreign files are left out and told; the rest is read."""
    (tmp_path / "good.txt").write_text("Good.", encoding="utf-8")
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 no more")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    read = _directory(tmp_path)
    assert [row["title"] for row in read.documents] == ["good.txt"]
    assert [name for name, _ in read.skipped] == ["broken.pdf", "empty.txt", "picture.png"]
    assert dict(read.skipped)["empty.txt"] == "no text in it"


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
