"""Where a model's files may come from: packages of the index, a local folder, or the Hugging Face hub."""

from typing import Self

from pydantic import Field, model_validator

from judge.models import pinned
from judge.settings import Settings


class ModelSource(Settings):
    """Where a model may come from.

    The pinned files that `embedded` names are used where their packages are installed, or where there is no `hub`; else `hub` is.
    """

    embedded: str | None = Field(
        description="name of pinned files that the package index carries (an entry of judge.models.pinned.FILES), or null"
    )
    hub: str | None = Field(description="Hugging Face id or a local folder, or null")
    revision: str | None = Field(description="commit of the hub repository, or null")

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if self.embedded is None and self.hub is None:
            message = "a name under `embedded`, an id under `hub`, or both"
            raise ValueError(message)
        if self.embedded is not None and self.embedded not in pinned.FILES:
            message = f"for `embedded` one of {', '.join(sorted(pinned.FILES))}"
            raise ValueError(message)
        return self

    @property
    def pinned_name(self) -> str | None:
        """The name of the pinned files where the model comes from them; None where it comes from `hub`."""
        if self.embedded is not None and (self.hub is None or pinned.is_installed(self.embedded)):
            return self.embedded
        return None
