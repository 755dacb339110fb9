"""The parts of a card that say what a judge is, what it was trained on, and how to use and rebuild it."""

from collections.abc import Mapping
from typing import Any

from judge.report.card_parts import Block, Facts, Section

_READS = {
    "context": "the passage that the answer should rest on",
    "reference": "a reference answer",
    "both": "the passage that the answer should rest on, and a reference answer",
}
_KINDS = {
    "late-interaction": "small networks that read how well tokens, words, names and numbers of the answer are found in the evidence",
    "cross-encoder": "an encoder that reads answer and evidence as one text",
    "causal-lm": "a language model with LoRA, asked for a verdict",
    "openai": "a hosted model that was fine-tuned",
}
_HEADER = ("what", "value")


def what_it_is(facts: Facts) -> Section:
    """What the judge reads and says."""
    option, threshold = facts.student["option"], facts.student["threshold"]
    kind = _KINDS.get(option["kind"], option["kind"])
    return Section(
        "What it judges",
        [
            Block(
                f"An answer to a question, held against {_READS[option['evidence']]}. It is made of {kind}. "
                f"It gives a score from 0 to 1, and the answer is acceptable where that is strictly above {threshold}; "
                "it also gives the probability of that."
            ),
            Block(
                f"It was distilled from the teacher {facts.student['training']['teacher']}: it gives what that teacher would say, not what "
                "is true. Generators, documents and languages that it did not learn from are measured under published data alone."
            ),
        ],
    )


def training(facts: Facts) -> Section:
    """What it learnt from, and from which tables."""
    values: Mapping[str, Any] = facts.student["training"]
    rows = [(name, value) for name, value in facts.run.items() if name != "teacher"]
    rows.append(("teacher", str(values["teacher"])))
    rows.append(("judged answers", f"{values['rows']} about {values['documents']} documents; {values['rows_left_out']} rows left out"))
    if values.get("statement_rows"):
        rows.append(("statements that the teacher judged", f"{values['statement_rows']}, about other documents"))
    if values.get("constructed_rows"):
        weight = values["truth_weight"]
        rows.append(("statements whose truth was constructed", f"{values['constructed_rows']}, about its own passages, weight {weight}"))
    rows.append(("class learnt from", str(values.get("target", "teacher"))))
    if "temperature" in values:
        rows.append(("objective", f"α·CE + (1 - α)·T²·KL with α = {values['alpha']} and T = {values['temperature']}"))
    elif "alpha" in values:
        # What learns from verdicts in words has no distribution to hold against the teacher's.
        rows.append(
            ("objective", f"α·CE + (1 - α)·KL with α = {values['alpha']}, in expectation, by copies of each answer with drawn levels")
        )
    if "seed" in values:
        rows.append(("seed", str(values["seed"])))
    return Section("What it was trained on", [Block(header=_HEADER, rows=rows)])


def use(facts: Facts) -> Section:
    """How to ask it."""
    evidence = facts.student["option"]["evidence"]
    arguments = ", ".join(f"{name}=..." for name in ("context", "reference") if evidence in (name, "both"))
    code = (
        "import judge\n\n"
        "student = judge.load(FOLDER)  # the one that this page lies in, data/judge of the project\n"
        f"student.score(question, answer, {arguments})       # 0 to 1\n"
        f"student.acceptable(question, answer, {arguments})  # a probability, above 0.5 where the score is above the threshold"
    )
    return Section("How to use it", [Block(code=code)])


def rebuild(facts: Facts) -> Section:
    """How to come by the same judge, and what tells that the data are the same."""
    rows = [(name, str(table.rows), str(table.documents), table.sha256) for name, table in facts.tables.items()]
    return Section(
        "How to rebuild it",
        [
            Block(
                "Check out the commit that this page comes from.",
                code="make repro    # the whole pipeline\nmake verify   # the same in a scratch copy, compared",
            ),
            Block("The data are the same where these are.", ("table", "rows", "documents", "SHA-256"), rows),
        ],
    )


def licences(facts: Facts) -> Section:
    """The terms of the models and texts behind it."""
    rows = [(used.name, ", ".join(used.uses), used.licence) for used in facts.used]
    return Section(
        "Licences",
        [
            Block(
                "The code is Apache-2.0. Only the student's model is part of the judge; the others wrote or judged what it learnt from. "
                "Whether their terms reach it is for you to read.",
                ("model or corpus", "there as", "licence"),
                rows,
            )
        ],
    )
