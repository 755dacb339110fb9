"""The corpus of kind `directory`: your own files."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from judge.dataset.documents import Documents, collect, document
from judge.errors import DocumentError
from judge.settings import Option
from judge.tables.schema import Row

READABLE_SUFFIXES = (".txt", ".md", ".pdf", ".docx", ".html", ".htm")


class Directory(Option):
    """A folder of text, Markdown, PDF, Word or HTML files.

    It sets none aside: a teacher that is fitted takes about half of them, of those in train (`judge.dataset.set_aside`).
    """

    kind: Literal["directory"]
    folder: str = Field(min_length=1, description="the folder; it is read with all that lies below it")

    def read(self, _seed: int) -> Documents:
        """Every readable file of the folder and below, in the order of their paths; nothing is left to chance.

        Files without text, of another kind, or that their reader cannot read are left out and named.

        Raises:
            DocumentError: the folder is missing, or no file has text.
        """
        from llama_index.core import SimpleDirectoryReader
        from llama_index.readers.file import HTMLTagReader

        folder = Path(self.folder)
        if not folder.is_dir():
            raise DocumentError(
                f"corpus.folder: there is no folder {folder}.\nNext: make it and put {', '.join(READABLE_SUFFIXES)} files there."
            )
        # Left to itself, the directory reader hands HTML on with its markup.
        html = HTMLTagReader(tag="body")
        rows: list[Row] = []
        skipped: list[tuple[str, str]] = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
            name = path.relative_to(folder).as_posix()
            if path.suffix.lower() not in READABLE_SUFFIXES:
                skipped.append((name, f"not one of {', '.join(READABLE_SUFFIXES)}"))
                continue
            try:
                reader = SimpleDirectoryReader(input_files=[path], raise_on_error=True, file_extractor={".html": html, ".htm": html})
                pages = reader.load_data()
            # The readers behind the suffixes raise whatever their parsers do; the file is named and left out.
            except Exception as error:  # noqa: BLE001
                skipped.append((name, f"unreadable ({type(error).__name__}: {str(error)[:120]})"))
                continue
            text = "\n\n".join(page.get_content() for page in pages)
            if "\x00" in text or not text.strip():
                skipped.append((name, "no text in it"))
                continue
            rows.append(document(name, text, name))
        return collect(self.name, rows, skipped)
