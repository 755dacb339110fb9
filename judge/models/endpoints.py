"""Where a hosted model is asked, with whose key, how fast, and at what price: the part `endpoint` of an option file."""

import os
import re
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from judge.errors import ModelError
from judge.settings import Settings

OPENAI_URL = "https://api.openai.com/v1"


class Endpoint(Settings):
    """A server that answers requests over HTTP. The key itself is in no setting, only the name of its variable."""

    base_url: str | None = Field(description="the server's address, up to and with /v1; null is OpenAI's own")
    api_key_env: str | None = Field(description="the environment variable that holds the key; null where the server asks for none")
    concurrency: int = Field(ge=1, le=1024, description="requests under way at a time, at most")
    requests_per_minute: int | None = Field(ge=1, description="requests in any 60 seconds, at most; null: only as the server's headers say")
    tokens_per_minute: int | None = Field(ge=1, description="tokens in any 60 seconds, at most; null: only as the server's headers say")
    retries: int = Field(ge=0, le=20, description="how often the client asks again after 408, 409, 429, 5xx or a lost connection")
    timeout_s: float = Field(gt=0.0, description="seconds without a byte after which an attempt is given up")
    usd_per_million_prompt_tokens: float = Field(ge=0.0, description="the price of what is sent")
    usd_per_million_completion_tokens: float = Field(ge=0.0, description="the price of what comes back")

    @field_validator("base_url")
    @classmethod
    def _is_plain_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        # What stands in a URL ends up in tables of parameters and in error messages.
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password or parts.query:
            message = "an http or https address without a user, a password or a query, such as http://127.0.0.1:8000/v1"
            raise ValueError(message)
        return url.rstrip("/")

    @property
    def url(self) -> str:
        """The address that is asked."""
        return self.base_url or OPENAI_URL

    @property
    def is_loopback(self) -> bool:
        """Whether the server runs on this machine."""
        host = urlsplit(self.url).hostname or ""
        return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d+){3}", host) is not None

    def price(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Dollars that these tokens cost."""
        sent, returned = self.usd_per_million_prompt_tokens, self.usd_per_million_completion_tokens
        return (prompt_tokens * sent + completion_tokens * returned) / 1e6

    def key(self) -> str | None:
        """The key, from the environment.

        Raises:
            ModelError: the variable is not set or is empty.
        """
        if self.api_key_env is None:
            return None
        key = os.environ.get(self.api_key_env, "").strip()
        if not key:
            raise ModelError(
                f"{self.url} needs a key, and the environment variable {self.api_key_env} is not set.\n"
                f"Next: export {self.api_key_env}=..., or choose an option that runs on this machine.",
            )
        return key

    def redact(self, text: str) -> str:
        """A text without the key, whole or as servers abbreviate it: errors quote what they were sent."""
        key = os.environ.get(self.api_key_env or "", "").strip()
        if key:
            text = text.replace(key, "[key]")
        return re.sub(r"\b(?:sk|hf)[-_][\w*.-]{4,}|[\w.-]*\*{3,}[\w*.-]*", "[key]", text)
