"""The corpus of kind `wikipedia-summaries`: short articles that come with a package of the index, so that no network is needed."""

import json
from typing import Literal

from pydantic import Field

from judge.dataset.documents import Documents, collect, document
from judge.errors import DocumentError
from judge.models import pinned
from judge.settings import Option
from judge.tables.identity import shuffled


class Summaries(Option):
    """Summaries of English Wikipedia articles, as a package of the index carries them."""

    kind: Literal["wikipedia-summaries"]
    titles: list[str] = Field(description="articles that are always in, by title")
    articles: int = Field(ge=1, description="how many articles the run uses, those under `titles` among them")
    background: int = Field(ge=0, description="how many further articles are set aside to calibrate a teacher on")
    minimum_characters: int = Field(ge=1, description="shorter articles are left out of the choice")
    maximum_characters: int = Field(ge=1, description="longer articles are left out of the choice")

    def read(self, seed: int) -> Documents:
        """The named articles and a choice of others, which another `articles` continues rather than changes.

        Raises:
            DocumentError: an article is unknown, or there are too few of the wanted length.
            PinError: the package is missing, or its file is another one than the pinned one.
        """
        (file,) = pinned.FILES["wikipedia-summaries"]
        articles: dict[str, dict[str, str]] = json.loads(pinned.read(file))
        unknown = [title for title in self.titles if title not in articles]
        if unknown:
            raise DocumentError(
                f"corpus.titles: no article is called {', '.join(unknown)}; there are {len(articles)} articles.\n"
                "Next: correct the title in conf/corpus, spelled as on English Wikipedia.",
            )
        usable = [
            title
            for title, article in articles.items()
            if title not in self.titles and self.minimum_characters <= len(article["extract"]) <= self.maximum_characters
        ]
        wanted = self.articles - len(self.titles)
        if wanted < 0:
            raise DocumentError(f"corpus.articles: got {self.articles}, but corpus.titles alone names {len(self.titles)}.")
        if wanted + self.background > len(usable):
            raise DocumentError(
                f"corpus.articles and corpus.background ask for {wanted + self.background} articles besides the named ones; "
                f"{len(usable)} have {self.minimum_characters} to {self.maximum_characters} characters.\n"
                "Next: ask for fewer, or widen the limits.",
            )
        order = shuffled(usable, seed, "articles")
        # The background comes from the far end of the order: more articles in the run leave it as it is.
        chosen, aside = self.titles + order[:wanted], order[len(order) - self.background :]
        part = file.parts[0]
        source = f"{part.package}=={part.version}"
        rows, background = ([document(title, articles[title]["extract"], source) for title in titles] for titles in (chosen, aside))
        return collect(self.name, rows, background=background)
