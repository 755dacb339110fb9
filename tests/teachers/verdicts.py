"""A reader that stands for a chat model: it says Yes where a statement's truth is told by a word, and counts what it was asked."""

import math
from collections.abc import Callable, Mapping, Sequence

from judge.models.language_models import ModelSettings
from judge.models.local_chat import Conversation, Reading


class FakeReader:
    """In the place of `local_chat.read`: the probability of the first choice is `chance` of the conversation, the rest the second's."""

    def __init__(self, chance: Callable[[Conversation], float], mass: float = 0.9) -> None:
        self.asked: list[Conversation] = []
        self.mass = mass
        # Of every contest.
        self.margin = -1.0
        self._chance = chance

    def __call__(
        self, settings: ModelSettings, conversations: Sequence[Conversation], choices: Mapping[str, Sequence[str]], window: int
    ) -> list[Reading]:
        """One reading for each, in order."""
        assert settings.dtype
        assert window >= 256
        self.asked += conversations
        first, *others = choices
        readings = []
        for one in conversations:
            share = self._chance(one)
            masses = {first: share * self.mass} | dict.fromkeys(others, (1.0 - share) * self.mass / len(others))
            margins = (self.margin,) * max(1, len(one.contests))
            readings.append(Reading({name: math.log(value) for name, value in masses.items()}, is_cut=False, margins=margins))
        return readings
