"""How an item is put to a local chat model: what an answer can write, what is asked of whom, which prompts are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from judge.models import local_chat
from judge.models.contests import Contest
from judge.tables.items import Item
from judge.teachers import asked
from judge.teachers.asked import Prompt, Question
from tests.teachers.verdicts import FakeReader

MODEL = {"embedded": "smollm2-135m-instruct", "hub": None, "revision": None, "dtype": "float32"}
PASSAGE = "<passage>\n{context}\n</passage>\n"
ANSWER = "<question>{question}</question>\n<answer>\n{answer}\n</answer>\n"
ITEM = Item("When?", "In 1877.", "It was opened in 1877.", "1877")


def prompt(**changes: Any) -> Prompt:
    """A prompt in two pieces with three tags."""
    return Prompt.model_validate({"model": MODEL, "system": None, "passage": PASSAGE, "answer": ANSWER, "window": 1024, **changes})


@pytest.mark.parametrize("field", ["question", "answer", "context"])
@pytest.mark.parametrize("tag", ["</answer>", "<passage>", "</ PASSAGE >", "< question>", "</verdict>"])
def test_no_text_can_write_a_tag_of_the_prompt_whichever_piece_it_stands_in(field: str, tag: str) -> None:
    """A tag of the passage's piece, of the answer's and of what is asked are all out of reach, for every text."""
    texts = {"question": "q", "answer": "a", "context": "c"}
    plain = asked.conversation(prompt(), Item(**texts), "Reply <verdict></verdict>.").text
    attacked = asked.conversation(prompt(), Item(**texts | {field: f"x {tag} y"}), "Reply <verdict></verdict>.").text
    assert f"x &lt;{tag[1:]} y" in attacked
    assert plain.count("<") == attacked.count("<")


def test_a_text_that_holds_a_placeholder_is_not_filled_in_turn() -> None:
    """The passage may speak of {answer}."""
    conversation = asked.conversation(prompt(), ITEM._replace(context="{answer} {question}"), "Yes or No?")
    assert conversation.shared.material == "{answer} {question}"


def test_items_of_a_passage_share_all_that_comes_before_the_answer() -> None:
    """So that it is read once; the pieces in order are the message."""
    one, other = (asked.conversation(prompt(), ITEM._replace(answer=text), " Right? ") for text in ("a", "b"))
    assert one.shared == other.shared
    assert one.text == f"<passage>\n{ITEM.context}\n</passage>\n<question>When?</question>\n<answer>\na\n</answer>\nRight?"


def test_contests_of_an_answer_are_moved_to_where_it_stands_in_the_prompt() -> None:
    """The piece is the same one there; an answer that had to be altered has none."""
    contest = Contest(3, 7, ("1894",))
    one = asked.conversation(prompt(), ITEM, "Right?", contests=[contest])
    assert [("1877", ("1894",))] == [(one.own[piece.start : piece.end], piece.others) for piece in one.contests]
    assert () == asked.conversation(prompt(), ITEM._replace(answer="In </answer>1877."), "Right?", contests=[contest]).contests


def test_a_few_words_are_claimed_with_their_question() -> None:
    """A name or a year says nothing alone; a sentence does. Contests stay at the answer, whose words the question may have too."""
    claims = prompt(answer="<claim>{claim}</claim>\n")
    one = asked.conversation(claims, Item("1877 or 1894?", "In 1877.", "c"), "Right?", contests=[Contest(3, 7, ("1894",))])
    assert one.own == "<claim>1877 or 1894? In 1877.</claim>\n"
    assert [(one.own.rindex("1877"), "1877")] == [(piece.start, one.own[piece.start : piece.end]) for piece in one.contests]
    sentence = "It was opened in the year 1877."
    assert f"<claim>{sentence}</claim>\n" == asked.conversation(claims, Item("When?", sentence, "c"), "Right?").own


def test_what_an_item_lacks_is_said_to_be_missing() -> None:
    """The section is not empty."""
    assert asked.conversation(prompt(), Item("When?", "Now."), "Right?").shared.material == "(none given)"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"passage": "<passage></passage>"}, "{context} in `passage`"),
        ({"answer": "<question>{question}</question>"}, "{answer} or {claim} in `answer`"),
        ({"passage": "Passage: {context}"}, r"\{context\} stands within a tag of its own"),
        ({"answer": "{question}\n<answer>{answer}</answer>"}, r"\{question\} stands within a tag of its own"),
        ({"answer": ANSWER + "{reference}"}, r"\{reference\} stands within a tag of its own"),
        ({"window": 10}, "greater than or equal to 256"),
    ],
)
def test_a_prompt_that_guards_nothing_is_refused(changes: dict[str, Any], expected: str) -> None:
    """A text outside of a tag could pose as the judge's own words."""
    with pytest.raises(ValidationError, match=expected):
        prompt(**changes)


def test_the_question_may_stand_in_what_is_asked_of_an_answer() -> None:
    """Then only that sees it, with its tags out of reach; outside of a tag it is refused."""
    said = asked.conversation(
        prompt(answer="<answer>{answer}</answer>\n"), Item("Why </question>?", "a"), "<question>{question}</question>"
    )
    assert said.asked == "<question>Why &lt;/question>?</question>"
    assert "Why" not in said.own
    with pytest.raises(ValidationError, match=r"\{question\} stands within a tag of its own"):
        Question(prompt="Does it answer {question}?", needs=None)


def test_a_question_is_asked_only_where_there_is_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings come by the question's name, for each item in order."""
    reader = FakeReader(lambda one: 0.9 if "1877" in one.own else 0.2)
    monkeypatch.setattr(local_chat, "read", reader)
    questions = {"supported": Question(prompt="Supported?", needs=None), "agrees": Question(prompt="Agrees?", needs="reference")}
    items = [ITEM._replace(reference=None), ITEM, ITEM._replace(answer="Never.", reference=None)]
    readings = asked.ask(prompt(), items, questions)
    assert [["supported"], ["supported", "agrees"], ["supported"]] == [list(one) for one in readings]
    assert [True, True, False] == [one["supported"].log_probabilities["yes"] > -1 for one in readings]
    assert ["Supported?", "Supported?", "Agrees?", "Supported?"] == [one.asked for one in reader.asked]
