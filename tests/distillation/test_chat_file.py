"""The training file of a chat model: what it says, and which faults are found before a server sees it."""

import json
from collections import Counter
from typing import Any

import pytest

from judge.distillation.chat_file import MOST_EXAMPLE_TOKENS, check, examples, write
from judge.errors import StudentError
from judge.tables.levels import interpolate
from tests.students.examples import SETTINGS, openai

USER, ASSISTANT = {"role": "user", "content": "How good?"}, {"role": "assistant", "content": "7"}
SYSTEM = {"role": "system", "content": "You judge."}


def rows(count: int) -> list[dict[str, Any]]:
    """Rows of the dataset, as far as they are read here."""
    return [
        {
            "answer_id": f"a{number}",
            "question": f"What is {number}?",
            "context": f"{number} is a number.",
            "reference": None,
            "answer": "A number.",
            "teacher_levels": list(interpolate(0.75)),
            "teacher_score": 0.75,
        }
        for number in range(count)
    ]


def line(*messages: Any) -> str:
    """One example."""
    return json.dumps({"messages": list(messages)})


def file(*lines: str, examples: int = 10) -> str:
    """These lines first, then good ones, so that there are `examples` in all."""
    filled = [*lines, *[line(SYSTEM, USER, ASSISTANT)] * (examples - len(lines))]
    return "".join(f"{one}\n" for one in filled)


def test_people_say_which_level_the_copies_of_alpha_carry() -> None:
    """Acceptable is 1.0 and unacceptable 0.0; a row that no person has judged carries the teacher's distribution alone."""
    settings = SETTINGS.model_copy(update={"target": "people", "alpha": 1.0})
    said = [{**row, "human_class": name} for row, name in zip(rows(3), ("acceptable", "unacceptable", None), strict=True)]
    counts = [example.counts for example in examples(said, openai(copies=2), settings, 17)]
    assert counts[0] == (0,) * 10 + (2,)
    assert counts[1] == (2,) + (0,) * 10
    assert counts[2] == (0,) * 7 + (1, 1, 0, 0)


def test_each_row_has_its_copies_and_nothing_else() -> None:
    """Every line is a system's, a user's and an assistant's message, and each row comes `copies` times."""
    text = write(examples(rows(5), openai(copies=3), SETTINGS, 17), 17)
    written = [json.loads(one)["messages"] for one in text.splitlines()]
    assert {("system", "user", "assistant")} == {tuple(message["role"] for message in messages) for messages in written}
    assert [3] * 5 == sorted(Counter(messages[1]["content"] for messages in written).values())


def test_what_is_written_passes_the_check() -> None:
    """The file of ten rows with a copy each has ten examples."""
    text = write(examples(rows(10), openai(copies=1), SETTINGS, 17), 17)
    assert check(text, "train.jsonl").examples == 10


def test_a_seed_gives_the_same_file_and_another_another() -> None:
    """The draws and the order depend on the seed alone."""
    texts = [write(examples(rows(6), openai(), SETTINGS, seed), seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_a_row_more_changes_no_other_row() -> None:
    """The lines of the other rows are the same."""
    few, many = (set(write(examples(rows(count), openai(), SETTINGS, 17), 17).splitlines()) for count in (5, 6))
    assert few < many


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (file("{"), "line 1: Invalid JSON"),
        (file("[]"), "line 1: Input should be an object"),
        (file(json.dumps({"messages": [USER, ASSISTANT], "tools": []})), "line 1: tools: Extra inputs are not permitted"),
        (file("{}"), "line 1: messages: Field required"),
        (file(line()), "line 1: .* take turns"),
        (file(line(SYSTEM)), "line 1: .* take turns"),
        (file(line(USER)), "line 1: .* take turns"),
        (file(line(ASSISTANT)), "line 1: .* take turns"),
        (file(line(USER, ASSISTANT, USER)), "line 1: .* take turns"),
        (file(line(USER, SYSTEM, ASSISTANT)), "line 1: .* take turns"),
        (file(line(USER, {"role": "judge", "content": "7"})), "line 1: messages.1.role: Input should be 'system', 'user' or 'assistant'"),
        (file(line(USER, {"role": "assistant"})), "line 1: messages.1.content: Field required"),
        (file(line(USER, {"role": "assistant", "content": 7})), "line 1: messages.1.content: Input should be a valid string"),
        (file(line(USER, {"role": "assistant", "content": " "})), r"line 1: messages.1.content: String should match"),
        (file(line(USER, {**ASSISTANT, "wieght": 1})), "line 1: messages.1.wieght: Extra inputs"),
        (file(line(USER, ASSISTANT), ""), "line 2: Invalid JSON"),
        (file(examples=9), "it has 9 examples, at least 10 are needed"),
        ("", "it has 0 examples"),
        (file()[:-1], "line 10: it has no end"),
        (
            file(line({"role": "user", "content": "word " * MOST_EXAMPLE_TOKENS}, ASSISTANT)),
            "line 1: it has about 65[0-9]{3} tokens, 65536",
        ),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(text: str, fault: str) -> None:
    """Each fault is named with the line that it stands on."""
    with pytest.raises(StudentError, match=fault):
        check(text, "train.jsonl")


def test_all_faults_come_at_once() -> None:
    """Ten are shown, the others counted."""
    with pytest.raises(StudentError) as caught:
        check(file(*["{}"] * 13), "train.jsonl")
    assert str(caught.value).count("Field required") == 10
    assert "... and 3 more" in str(caught.value)


def test_tokens_are_counted_with_their_frame() -> None:
    """An example has its texts (three tokens and one, here), four tokens a message, and three more."""
    assert 10 * (3 + 1 + 2 * 4 + 3) == check(file(*[line(USER, ASSISTANT)] * 10), "train.jsonl").tokens
