"""Files in the three published formats, made up: towns and what is said of them, true and false."""

import json
from pathlib import Path

_TOWNS = [f"{first}{last}" for first in ("Nor", "Sud", "Ost", "Wes", "Mil") for last in ("burg", "ham", "ville", "stad", "field", "mouth")]
_SYSTEMS = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")


def write(folder: Path) -> None:
    """Write all five files that the evidence suite reads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evouna_NQ.json").write_text(json.dumps([_question(*numbered) for numbered in enumerate(_TOWNS)]), encoding="utf-8")
    (folder / "vicuna_eval.json").write_text(
        json.dumps([_graded(number, town, good) for number, town in enumerate(_TOWNS) for good in (True, False)]), encoding="utf-8"
    )
    for number, name in enumerate(("wow", "tc", "cmu")):
        (folder / f"begin_dev_{name}.tsv").write_text(_replies(name, _TOWNS[number * 10 : number * 10 + 10]), encoding="utf-8")


def _question(number: int, town: str) -> dict[str, object]:
    """A question, its gold answer and what five systems said; the last town's question is unfit."""
    row: dict[str, object] = {"question": f"when was {town} founded", "golden_answer": f"{1100 + number}/in {1100 + number}"}
    for system, name in enumerate(_SYSTEMS):
        right = (number + system) % 3 > 0
        row[f"answer_{name}"] = f"{town} was founded in {1100 + number if right else 1900 + number}."
        row[f"judge_{name}"] = right
    return row | {"improper": town == _TOWNS[-1]}


def _replies(name: str, towns: list[str]) -> str:
    """Replies to a message with knowledge: one that it bears out, one that it does not, one that says nothing."""
    lines = ["model_name\tdata_source\tknowledge\tmessage\tresponse\tbegin_label"]
    for number, town in enumerate(towns):
        knowledge = f"{town} is a port with {number + 3} bridges. Its mayor is elected every {number + 2} years."
        said = {
            "Fully attributable": f"yes, {town} has {number + 3} bridges",
            "Not fully attributable": f"i think {town} lies near the mountains of Peru",
            "Generic": "i like that",
        }
        lines += [f'gpt2\t{name}\t{knowledge}\tdo you know "{town}"?\t{reply}\t{label}' for label, reply in said.items()]
    return "\n".join(lines)


def _graded(number: int, town: str, good: bool) -> dict[str, object]:
    """An answer to an instruction with three grades, two of them the same."""
    answer = f"{town} has a harbour, a market and {number} mills." if good else "It is a place."
    instruction = (
        f"###The instruction to evaluate:\nDescribe {town}.\n\n###Response to evaluate:\n{answer}\n\n"
        f"###Reference Answer (Score 5):\n{town} has a harbour, a market and {number} mills.\n\n###Score Rubrics:\n[Is it good?]"
    )
    scores = [5, 5, 5 if number % 3 else 4] if good else [1, 2, 1 + number % 2]
    return {"instruction": instruction, "response_source": "vicuna" if number % 2 else "chatgpt", "gpt4_score": scores}
