"""Every kind of generator: a new one is a module with its option, whose `complete` asks a model, and a name in this list."""

from typing import Annotated

from pydantic import Field

from judge.dataset.hosted_generator import Hosted
from judge.dataset.local_generator import HuggingFace

Generator = Annotated[HuggingFace | Hosted, Field(discriminator="kind")]
