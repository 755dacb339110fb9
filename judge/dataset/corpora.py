"""Every kind of corpus: a new one is a module with its option, whose `read` gives `Documents`, and a name in this list."""

from typing import Annotated

from pydantic import Field

from judge.dataset.directory import Directory
from judge.dataset.recorded import Recorded
from judge.dataset.summaries import Summaries
from judge.dataset.wikipedia import Wikipedia

Corpus = Annotated[Summaries | Directory | Wikipedia | Recorded, Field(discriminator="kind")]
