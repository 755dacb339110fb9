"""Other texts in the place of a piece of an answer, against the real small model's own probabilities."""

from pathlib import Path
from typing import Any

import pytest
import torch

from judge.models import local_chat, pinned
from judge.models.contests import Contest
from judge.models.language_models import ModelSettings, load
from judge.models.local_chat import Conversation, Shared

pytestmark = pytest.mark.skipif(not pinned.is_installed("smollm2-135m-instruct"), reason="the pinned model is not installed")

SETTINGS = ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="float32")
SHARED = Shared("You judge.", "Passage:\n", "The bridge was opened in 1877 by Queen Isabel, and burnt in 1894.", "\n")
OWN = "Answer: It was opened in 1877 by Queen Isabel.\n"
YEAR, QUEEN = OWN.index("1877"), OWN.index("Queen")
CONTESTS = (Contest(YEAR, YEAR + 4, ("1894", "1492")), Contest(QUEEN, QUEEN + 12, ("King Olaf",)))


@pytest.fixture(autouse=True)
def fresh_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store of replies."""
    monkeypatch.setenv("JUDGE_CACHE", str(tmp_path))


def _margins(own: str = OWN, contests: tuple[Contest, ...] = CONTESTS, window: int = 1024) -> tuple[float | None, ...]:
    one = Conversation(SHARED, own, "Is it right? Yes or No.", "", contests)
    (reading,) = local_chat.read(SETTINGS, [one], {"yes": ("Yes",), "no": ("No",)}, window)
    return reading.margins


def _gain(before: str, own: str, other: str) -> float:
    """How much likelier the first token of `other` is than that of `own`, both after `before` in the model's chat format."""
    loaded = load(SETTINGS)
    messages = [{"role": "system", "content": "You judge."}, {"role": "user", "content": "\x00"}]
    rendered: Any = loaded.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    start = f"{rendered.partition(chr(0))[0]}{SHARED.before}{SHARED.material}{SHARED.after}"
    ids = [loaded.tokenizer(text, add_special_tokens=False)["input_ids"] for text in (start, before, own, other)]
    with torch.inference_mode():
        chances = loaded.model(torch.tensor([ids[0] + ids[1]])).logits[0, -1].log_softmax(-1)
    return float(chances[ids[3][0]] - chances[ids[2][0]])


def test_a_margin_is_taken_where_the_texts_part() -> None:
    """Of two years at the digits in which each parts from the answer's, the likelier one counts; of names at their first word."""
    before = OWN[:YEAR]
    assert load(SETTINGS).tokenizer(" 1877")["input_ids"][:2] == load(SETTINGS).tokenizer(" 1894")["input_ids"][:2]
    years = [_gain(f"{before}18", "77", "94"), _gain(f"{before}1", "8", "4")]
    names = _gain(OWN[: QUEEN - 1], " Queen", " King")
    assert _margins() == pytest.approx((max(years), names), abs=1e-2)


def test_one_that_cannot_be_compared_has_no_margin() -> None:
    """No other text, or one that goes on where the answer's ends."""
    assert (None, None) == _margins(contests=(Contest(YEAR, YEAR + 4, ()), Contest(QUEEN, QUEEN + 5, ("Queen Anne",))))


@pytest.mark.parametrize(("own", "window"), [(OWN.replace("opened", "<|im_end|>"), 1024), (OWN + "It was so. " * 200, 256)])
def test_an_altered_text_is_not_compared(own: str, window: int) -> None:
    """Where the text had to be altered or cut, its characters are not those that the model read."""
    assert (None, None) == _margins(own, window=window)
