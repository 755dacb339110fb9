"""Corpora: where the documents come from."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from judge.dataset import recorded_rows
from judge.dataset.recorded import Recorded
from judge.errors import DocumentError
from judge.models import pinned
from judge.settings import Option
from judge.tables.identity import content_id, shuffled
from judge.tables.schema import Row

READABLE_SUFFIXES = (".txt", ".md", ".pdf", ".docx", ".html", ".htm")


class Summaries(Option):
    """Summaries of English Wikipedia articles, as a package of the index carries them."""

    kind: Literal["wikipedia-summaries"]
    titles: list[str] = Field(description="articles that are always in, by title")
    articles: int = Field(ge=1, description="how many articles the run uses, those under `titles` among them")
    background: int = Field(ge=0, description="how many further articles are set aside to calibrate a teacher on")
    minimum_characters: int = Field(ge=1, description="shorter articles are left out of the choice")
    maximum_characters: int = Field(ge=1, description="longer articles are left out of the choice")


class Directory(Option):
    """A folder of text, Markdown, PDF, Word or HTML files."""

    kind: Literal["directory"]
    folder: str = Field(min_length=1, description="the folder; it is read with all that lies below it")


class Wikipedia(Option):
    """Whole Wikipedia articles, read over the network."""

    kind: Literal["wikipedia"]
    titles: list[str] = Field(min_length=1, description="the pages to read")


AnyCorpus = Summaries | Directory | Wikipedia | Recorded
Corpus = Annotated[AnyCorpus, Field(discriminator="kind")]


class Documents(NamedTuple):
    """What a corpus yields: the documents of the run, those set aside, what could not be used, and judgments made before."""

    documents: list[Row]
    background: list[Row]
    skipped: list[tuple[str, str]]
    """Name of each file or page left out, or how many rows of a file of judgments, with the reason."""
    recorded: list[Row]


def read(corpus: AnyCorpus, seed: int) -> Documents:
    """Read a corpus into rows of the documents table, and of the recorded table where it is a file of judgments.

    Documents without text are left out and named; equal documents are one.
    The documents of a file of judgments are the passages in it; it may have none.

    Raises:
        DocumentError: the corpus cannot be reached or read, or no document, or no judgment, is left.
    """
    if isinstance(corpus, Recorded):
        found = recorded_rows.read(corpus)
        return Documents(recorded_rows.document_rows(found.rows, corpus.file), [], found.skipped, found.rows)
    background: list[Row] = []
    skipped: list[tuple[str, str]] = []
    if isinstance(corpus, Summaries):
        documents, background = _summaries(corpus, seed)
    elif isinstance(corpus, Directory):
        documents = _directory(corpus, skipped)
    else:
        documents = _wikipedia(corpus, skipped)
    unique = {row["document_id"]: row for row in documents}
    if not unique:
        names = "".join(f"\n  {name}: {reason}" for name, reason in skipped)
        raise DocumentError(f"The corpus {corpus.name} has no document with text.{names}\nNext: add documents, or choose another corpus.")
    return Documents(list(unique.values()), [row for row in background if row["document_id"] not in unique], skipped, [])


def _summaries(corpus: Summaries, seed: int) -> tuple[list[Row], list[Row]]:
    (file,) = pinned.FILES["wikipedia-summaries"]
    articles: dict[str, dict[str, str]] = json.loads(pinned.read(file))
    unknown = [title for title in corpus.titles if title not in articles]
    if unknown:
        raise DocumentError(
            f"corpus.titles: no article is called {', '.join(unknown)}; there are {len(articles)} articles.\n"
            "Next: correct the title in conf/corpus, spelled as on English Wikipedia.",
        )
    usable = [
        title
        for title, article in articles.items()
        if title not in corpus.titles and corpus.minimum_characters <= len(article["extract"]) <= corpus.maximum_characters
    ]
    wanted = corpus.articles - len(corpus.titles)
    if wanted < 0:
        raise DocumentError(f"corpus.articles: got {corpus.articles}, but corpus.titles alone names {len(corpus.titles)}.")
    if wanted + corpus.background > len(usable):
        raise DocumentError(
            f"corpus.articles and corpus.background ask for {wanted + corpus.background} articles besides the named ones; "
            f"{len(usable)} have {corpus.minimum_characters} to {corpus.maximum_characters} characters.\n"
            "Next: ask for fewer, or widen the limits.",
        )
    order = shuffled(usable, seed, "articles")
    # The background comes from the far end of the order: more articles in the run leave it as it is.
    chosen, aside = corpus.titles + order[:wanted], order[len(order) - corpus.background :]
    part = file.parts[0]
    source = f"{part.package}=={part.version}"

    def rows(titles: list[str]) -> list[Row]:
        return [_row(title, articles[title]["extract"], source) for title in titles]

    return rows(chosen), rows(aside)


def _directory(corpus: Directory, skipped: list[tuple[str, str]]) -> list[Row]:
    from llama_index.core import SimpleDirectoryReader
    from llama_index.readers.file import HTMLTagReader

    folder = Path(corpus.folder)
    if not folder.is_dir():
        raise DocumentError(
            f"corpus.folder: there is no folder {folder}.\nNext: make it and put {', '.join(READABLE_SUFFIXES)} files there."
        )
    # Left to itself, the directory reader hands HTML on with its markup.
    html = HTMLTagReader(tag="body")
    rows = []
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
        rows.append(_row(name, text, name))
    return rows


def _wikipedia(corpus: Wikipedia, skipped: list[tuple[str, str]]) -> list[Row]:
    from llama_index.readers.wikipedia import WikipediaReader

    rows = []
    for title in corpus.titles:
        try:
            pages: list[Any] = WikipediaReader().load_data(pages=[title], auto_suggest=False)
        # The client raises errors of its own, of requests and of its parser alike.
        except Exception as error:
            raise DocumentError(
                f"The Wikipedia page {title!r} could not be read ({type(error).__name__}: {str(error)[:120]}).\n"
                "Next: check the network and the title, or choose corpus=wikipedia-summaries, which needs no network.",
            ) from error
        text = "\n\n".join(page.get_content() for page in pages)
        if text.strip():
            rows.append(_row(title, text, f"https://en.wikipedia.org/wiki/{title.replace(' ', '_')}"))
        else:
            skipped.append((title, "no text in it"))
    return rows


def _row(title: str, text: str, source: str) -> Row:
    clean = text.replace("\r\n", "\n").strip()
    return {"document_id": content_id(title, clean), "title": title, "text": clean, "source": source}
