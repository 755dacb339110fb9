"""How much the asked teacher hangs on the words that it is asked with: paraphrased questions, options and parts in another order.

`python bench/prompts.py` in a built project lets the chat model of `conf/teacher/joined.yaml` judge statements of data/probes.jsonl, as it
is asked by default and in each other way, and joins each verdict with all else that the teacher measures, in its own calibration, which
was fitted on the default way. Printed are, for each way, the share of statements whose class is another than by default, with its
interval by document, the share above the threshold among true and among false ones, the AUROC, and the correlation of the log-odds.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from pydantic import TypeAdapter

from judge import tables
from judge.evaluation import bootstrap
from judge.evaluation.agreement import is_acceptable
from judge.evaluation.bootstrap import Array, Mask
from judge.probes.donors import hash_of
from judge.settings import read_params
from judge.tables.items import Item
from judge.tables.levels import mean
from judge.tables.schema import Row
from judge.teachers import asked, calibrated, calibration, local_chat
from judge.teachers.asked import Prompt
from judge.teachers.joined import Joined

SEED = 17
_ASKED = "Is the statement below fully supported by the passage? Reply Yes or No."


class Way(NamedTuple):
    """How the model is asked: the two pieces of its prompt; `is_turned` has the statement where the passage is by default, and first."""

    passage: str
    answer: str
    is_turned: bool = False


def main() -> None:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=60, metavar="N", help="of the probes, drawn by document")
    options = parser.parse_args()
    option = yaml.safe_load(Path("conf/teacher/joined.yaml").read_text(encoding="utf-8"))
    teacher: Joined = TypeAdapter(Joined).validate_python({**option, "name": "joined"})
    threshold = float(read_params()["label"]["threshold"])
    probes = _drawn(tables.read(tables.PROBES), options.statements)
    truth = np.array([row["truth"] for row in probes])
    draws = bootstrap.draw([row["document_id"] for row in probes], 2000, 0.95, SEED)
    items = [Item.of(row) for row in probes]
    fitted = calibrated.require(calibration.read(), teacher._identity, teacher._names)  # noqa: SLF001 - what a user never does
    features, _ = teacher._measure(items)  # noqa: SLF001
    asked_so = {name: _log_odds(teacher, way, items) for name, way in ways(teacher.prompt).items()}
    first = asked_so["by default"]
    was_accepted: Mask | None = None
    print(f"{len(probes)} statements of {draws.clusters} documents, {truth.sum()} of them true; threshold {threshold}\n")
    print("| asked | class is another | true accepted | false accepted | AUROC | r of log-odds |\n|---|---|---|---|---|---|")
    for name, verdicts in asked_so.items():
        # The verdict is the first feature; the others are left as they are.
        changed = np.column_stack([verdicts, features[:, 1:]])
        scores = np.array([mean(levels) for levels in calibrated.distributions(fitted, changed)])
        accepted = is_acceptable(scores, threshold)
        was_accepted = accepted if was_accepted is None else was_accepted
        flipped = draws.share(accepted != was_accepted)
        interval = "" if flipped.low is None else f" [{flipped.low:.3f}, {flipped.high:.3f}]"
        r = float(np.corrcoef(first, verdicts)[0, 1])
        print(
            f"| {name} | {flipped.value:.3f}{interval} | {accepted[truth].mean():.2f} | {accepted[~truth].mean():.2f} "
            f"| {_auroc(scores, truth):.3f} | {r:.3f} |"
        )


def ways(prompt: Prompt) -> Mapping[str, Way]:
    """The ways to ask, the default first."""
    by_default = prompt.passage
    if _ASKED not in by_default:
        raise SystemExit(f"The prompt of conf/teacher/joined.yaml no longer asks {_ASKED!r}: change the ways here with it.")
    questions = {
        "in other words (1)": "Does the passage say everything that the statement below says? Reply Yes or No.",
        "in other words (2)": "Read the statement below. Can all of it be concluded from the passage alone? Reply Yes or No.",
        "in other words (3)": "Decide whether the passage proves the statement below to be true. Reply Yes or No.",
        "No before Yes": "Is the statement below fully supported by the passage? Reply No or Yes.",
    }
    turned = (
        "<statement>\n{context}\n</statement>\n\nIs the statement above fully supported by the passage below? Reply Yes or No.\n\n",
        "<passage>\n{answer}\n</passage>\n",
    )
    return {
        "by default": Way(by_default, prompt.answer),
        **{name: Way(by_default.replace(_ASKED, question), prompt.answer) for name, question in questions.items()},
        "statement before passage": Way(*turned, is_turned=True),
    }


def _log_odds(teacher: Joined, way: Way, items: Sequence[Item]) -> Array:
    """The log-odds of Yes against No for each item, asked in one way."""
    prompt = Prompt.model_validate({**teacher.prompt.model_dump(), "passage": way.passage, "answer": way.answer})
    # Where the statement comes first it takes the place of the passage, with its question where it says nothing alone.
    chosen = [Item(item.question, item.context, asked._claim(item)) for item in items] if way.is_turned else items  # noqa: SLF001
    readings = asked.ask(prompt, chosen, teacher.questions)
    return np.array([local_chat.logit(one) for reading in readings for one in reading.values()])


def _drawn(probes: Sequence[Row], most: int) -> list[Row]:
    """Some probes: of each document in turn, drawn by hashing."""
    by_rank: list[tuple[int, int, Row]] = []
    for document in {row["document_id"] for row in probes}:
        own = sorted((row for row in probes if row["document_id"] == document), key=lambda row: hash_of(f"{SEED}|{row['probe_id']}"))
        by_rank += [(rank, hash_of(f"{SEED}|{document}"), row) for rank, row in enumerate(own)]
    return [row for *_, row in sorted(by_rank, key=lambda entry: entry[:2])][:most]


def _auroc(scores: Array, truth: Mask) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, scores))


if __name__ == "__main__":
    main()
