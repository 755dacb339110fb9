"""The corpus of kind `wikipedia`: whole articles, read over the network."""

from typing import Any, Literal

from pydantic import Field

from judge.dataset.documents import Documents, collect, document
from judge.errors import DocumentError
from judge.settings import Option
from judge.tables.schema import Row


class Wikipedia(Option):
    """Whole Wikipedia articles, read over the network.

    It sets none aside: a teacher that is fitted takes about half of them, of those in train (`judge.dataset.set_aside`).
    """

    kind: Literal["wikipedia"]
    titles: list[str] = Field(min_length=1, description="the pages to read")

    def read(self, _seed: int) -> Documents:
        """The named pages, in order, by llama-index's WikipediaReader; nothing is left to chance.

        Raises:
            DocumentError: a page cannot be reached, or none has text.
        """
        from llama_index.readers.wikipedia import WikipediaReader

        rows: list[Row] = []
        skipped: list[tuple[str, str]] = []
        for title in self.titles:
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
                rows.append(document(title, text, f"https://en.wikipedia.org/wiki/{title.replace(' ', '_')}"))
            else:
                skipped.append((title, "no text in it"))
        return collect(self.name, rows, skipped)
