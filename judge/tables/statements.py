"""The tables of statements whose truth is known: probes, those that judges learn from, and those that they may be fooled by."""

from dataclasses import replace

from judge.tables.schema import CONTEXT, JUDGMENTS, QUESTION, TEACHER_LEVELS, TEACHER_SCORE, Column, Table

PROBES = Table(
    "probes",
    "data/probes.jsonl",
    "a statement whose truth is known by construction",
    "probe_id",
    (
        Column("probe_id", "text", "hash of document, kind, question and statement"),
        Column("document_id", "text", "the document of its passage"),
        Column("kind", "text", "how it was made: sentence, paraphrase, exchanged_names, negated, no_answer, …"),
        QUESTION,
        CONTEXT,
        Column("answer", "text", "the statement, judged as an answer"),
        Column("truth", "flag", "true where the statement is acceptable: the passage says it, and it answers the question"),
    ),
)

# One row a statement, as in the probes, with the teacher's judgment of it.
STATEMENTS = Table(
    "statements",
    "data/statements.jsonl",
    "a statement that the teacher was calibrated on, with its judgment; none is of a test document",
    "statement_id",
    (PROBES.columns[0]._replace(name="statement_id"), *PROBES.columns[1:], TEACHER_LEVELS, TEACHER_SCORE),
)

PERTURBED = Table(
    "perturbed",
    "data/perturbed.jsonl",
    "a statement that a judge may be fooled by: one of known truth that was altered, or one that says nothing",
    "perturbed_id",
    (
        Column("perturbed_id", "text", "hash of passage, kind, language, question, answer and statement"),
        Column(
            "statement_id",
            "text",
            "the probe, or the row of kind unaltered, that it was before, and whose truth it keeps; null where it keeps none",
            nullable=True,
        ),
        Column("document_id", "text", "the document of its passage"),
        Column("kind", "text", "how it was altered: padded, verbose, … or by which instruction to the judge: fake_verdict, threat, …"),
        Column("language", "text", "of the instruction to the judge in it: en, de or zh; null where there is none", nullable=True),
        QUESTION,
        CONTEXT,
        Column("answer", "text", "the statement, judged as an answer; null for a generator that returned nothing", nullable=True),
        Column("truth", "flag", "as in the probes"),
    ),
)

# The same without a judgment: their truth is what is learnt.
CONSTRUCTED = Table(
    "constructed",
    "data/constructed.jsonl",
    "a statement of known truth about a passage of train, for the student to learn from",
    "statement_id",
    STATEMENTS.columns[: len(PROBES.columns)],
)


def probe_scores(judge: str) -> Table:
    """The judgments table of one judge on the probes."""
    return replace(JUDGMENTS, path=f"data/scores/probes/{judge}.jsonl")


def perturbed_scores(judge: str) -> Table:
    """The judgments table of one judge (teacher, student, baseline) on the perturbed statements."""
    return replace(JUDGMENTS, path=f"data/scores/perturbed/{judge}.jsonl")
