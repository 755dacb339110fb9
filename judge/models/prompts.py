"""Put the texts of an item into a prompt, so that none of them can pose as a part of the prompt itself."""

import re
from collections.abc import Callable, Mapping
from typing import Literal

Guard = Literal["lines", "tags"]
"""What keeps a text within its part of the prompt: one line without breaks, or the prompt's tags, which the text cannot write."""


def fill(prompt: str, texts: Mapping[str, str | None], guard: Guard, missing: str = "", whole: str | None = None) -> str:
    """Put each text where its name stands in braces, as in {question}.

    Everything happens in one pass: braces inside a text are not filled in their turn, and other braces of the prompt stay.

    Args:
        prompt: the words around the texts.
        texts: by name.
        guard: "lines" for a prompt whose parts begin on lines of their own: runs of white space in a text become single spaces, so
            that it cannot begin the next part. "tags" for a prompt whose parts stand between tags: in a text, "<" before the name of
            one of these tags becomes "&lt;", whatever its capitals, with "/" or without, so that it cannot close its part.
        missing: what stands in for a text that is None.
        whole: where the prompt is a piece of a longer one, all of that, whose tags no text may write; None: it is all.
    """
    guarded = _on_one_line if guard == "lines" else _without_tags(prompt if whole is None else whole)

    def text_of(match: re.Match[str]) -> str:
        if match[1] not in texts:
            return match[0]
        text = texts[match[1]]
        return missing if text is None else guarded(text)

    return re.sub(r"\{(\w+)\}", text_of, prompt)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _without_tags(prompt: str) -> Callable[[str], str]:
    """What escapes the tags of the prompt in a text."""
    names = "|".join(sorted(set(re.findall(r"</?(\w+)>", prompt))))
    if not names:
        return str
    tag = re.compile(rf"<(?=\s*/?\s*(?:{names})\b)", re.IGNORECASE)
    return lambda text: tag.sub("&lt;", text)
