"""A chat model's own format: what stands around a message, and texts that cannot break out of it."""

from typing import Any

from judge.errors import ModelError

_CONTENT = "\x00"


def frame(tokenizer: Any, system: str | None) -> tuple[str, str]:
    """What the model's chat format puts before and after a user's message, up to where its own turn begins.

    Raises:
        ModelError: the tokenizer has no chat format.
    """
    messages = [] if system is None else [{"role": "system", "content": system.strip()}]
    rendered = _rendered(tokenizer, [*messages, {"role": "user", "content": _CONTENT}])
    before, _, after = rendered.partition(_CONTENT)
    return before, after


def message(tokenizer: Any, text: str) -> str:
    """A user's message in the model's chat format, up to where its own turn begins; the text cannot end it and speak for the model.

    Raises:
        ModelError: the tokenizer has no chat format.
    """
    return _rendered(tokenizer, [{"role": "user", "content": without_specials(tokenizer, text)}])


def without_specials(tokenizer: Any, text: str) -> str:
    """A text in which no token of the chat format can be written, so that it cannot end its message and speak for another."""
    specials = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    for special in sorted(specials, key=len, reverse=True):
        text = text.replace(special, f"{special[:1]} {special[1:]}")
    return text


def _rendered(tokenizer: Any, messages: list[dict[str, str]]) -> str:
    if tokenizer.chat_template is None:
        raise ModelError(
            f"The model {tokenizer.name_or_path} has no chat format, so it cannot be asked.\n"
            "Next: name a chat or instruct model in the option file; a base model can be teacher=likelihood."
        )
    rendered: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return rendered
