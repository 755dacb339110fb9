"""What else an answer could name: the passage's other names for each of its names, the other numbers for each of its numbers.

An answer that puts a name or number of the passage in the wrong place has no new word, and a chat model that is asked seldom sees it.
The same model, reading the answer, holds another name of the passage likelier there.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from judge.models.contests import Contest
from judge.models.local_chat import Reading
from judge.probes.mentions import Mention, names, numbers, sentences
from judge.tables.items import Item

# How impossible a name is says nothing more from here on.
_LARGEST = 8.0

FEATURES = ("likelier_rival",)


def contests(item: Item) -> tuple[Contest, ...]:
    """For each name and number of the answer that its passage has too, the passage's others of its sort."""
    answer, passage = item.answer or "", item.context or ""
    return tuple(
        Contest(start, start + len(mention.surface), others)
        for find in (names, numbers)
        for known in [{one.surface for _, one in _mentions(passage, find)}]
        for start, mention in _mentions(answer, find)
        if mention.surface in known and (others := tuple(sorted(one for one in known if _is_other(mention, one))))
    )


def measure(readings: Sequence[Reading]) -> npt.NDArray[np.float64]:
    """How much likelier the likeliest rival of any name or number is than what the answer has: (items, 1), in [0, 8].

    It is 0 where the answer's own are the likeliest, and where there is nothing to compare.
    """
    margins = [max((margin for margin in reading.margins if margin is not None), default=0.0) for reading in readings]
    return np.clip(np.array(margins, dtype=np.float64), 0.0, _LARGEST).reshape(-1, 1)


def _mentions(text: str, find: Callable[[str], list[Mention]]) -> Iterator[tuple[int, Mention]]:
    """The mentions of a text with where they begin in it, sentence by sentence: a sentence's first word has a capital anyway."""
    end = 0
    for sentence in sentences(text):
        start = text.index(sentence, end)
        end = start + len(sentence)
        yield from ((start + mention.start, mention) for mention in find(sentence))


def _is_other(mention: Mention, surface: str) -> bool:
    """Whether a text names something else: "Isabel" is no rival of "Queen Isabel"."""
    return surface not in mention.surface and mention.surface not in surface
