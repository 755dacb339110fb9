"""The tables: their columns, types, keys and meaning, stated once."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

Row = dict[str, Any]


class Column(NamedTuple):
    """A column: the type of its values, what they mean, and whether null may stand there."""

    name: str
    type: str
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """A kind of table: where it lies, what one row is, the column that is its key, and all its columns in order."""

    name: str
    path: str
    row: str
    key: str
    columns: tuple[Column, ...]


QUESTION = Column("question", "text", "the question asked of the passage")
CONTEXT = Column("context", "text", "the passage, as a retriever would have returned it")
_CONTEXT_IF_ANY = Column("context", "text", "the passage; null where recorded judgments have none", nullable=True)
_REFERENCE = Column("reference", "texts", "answers that are known to be right, each of them alone; the questioner gives one", nullable=True)
_LEVELS = Column("levels", "levels", "the probability of each level 0.0, 0.1, … 1.0", nullable=True)
_SCORE = Column("score", "unit", "the mean of the levels", nullable=True)
CALLS = (
    Column("calls", "count", "replies of a hosted model behind the row; null for a model that runs here", nullable=True),
    Column("prompt_tokens", "count", "tokens sent for it", nullable=True),
    Column("completion_tokens", "count", "tokens that came back", nullable=True),
    Column("usd", "amount", "dollars for them, at the option's prices", nullable=True),
)
TEACHER_LEVELS = Column("teacher_levels", "levels", "the teacher's probability of each level")
TEACHER_SCORE = Column("teacher_score", "unit", "the mean of those levels")
_HUMAN = Column(
    "human_class", "text", "what people say of the answer, acceptable or unacceptable; null where nobody was asked", nullable=True
)
_REASON = Column("reason", "text", "why there is no score: no_verdict, out_of_range, refused or error", nullable=True)

DOCUMENTS = Table(
    "documents",
    "data/documents.jsonl",
    "a document",
    "document_id",
    (
        Column("document_id", "text", "hash of title and text"),
        Column("title", "text", "its title"),
        Column("text", "text", "its plain text"),
        Column("source", "text", "the corpus, with its version, or the file that it came from"),
    ),
)
BACKGROUND = Table("background", "data/background.jsonl", "a document that no question is asked of", "document_id", DOCUMENTS.columns)
CHUNKS = Table(
    "chunks",
    "data/chunks.jsonl",
    "a passage",
    "chunk_id",
    (
        Column("chunk_id", "text", "hash of document_id, position and text"),
        Column("document_id", "text", "the document that it is cut from"),
        Column("position", "count", "its position in the document, from 0"),
        Column("title", "text", "the title of the document"),
        Column("text", "text", "the passage"),
    ),
)
QUESTIONS = Table(
    "questions",
    "data/questions.jsonl",
    "a question with its reference answer",
    "question_id",
    (
        Column("question_id", "text", "hash of chunk_id and question"),
        Column("chunk_id", "text", "the passage that it is asked of"),
        QUESTION,
        _REFERENCE,
        *CALLS,
    ),
)
ANSWERS = Table(
    "answers",
    "data/answers.jsonl",
    "a chosen generator's answer; those of one generator alone are in data/answers/GENERATOR.jsonl",
    "answer_id",
    (
        Column("answer_id", "text", "hash of question_id, generator and answer"),
        Column("question_id", "text", "the question that it answers"),
        Column("generator", "text", "the option of conf/generator that wrote it"),
        Column("answer", "text", "the answer; null where the model returned nothing", nullable=True),
        *CALLS,
    ),
)

RECORDED = Table(
    "recorded",
    "data/recorded/answers.jsonl",
    "an answer that was given and judged before this project; the table is empty unless the corpus is a recorded one",
    "answer_id",
    (
        Column("answer_id", "text", "hash of passage, group, generator, question, reference and answer"),
        Column("question_id", "text", "hash of passage, group and question"),
        Column("document_id", "text", "hash of the group; without one of the passage, or else of the question"),
        Column("generator", "text", "who wrote the answer; `recorded` where that is not known"),
        QUESTION,
        _CONTEXT_IF_ANY,
        _REFERENCE,
        Column("answer", "text", "the answer itself", nullable=True),
        _HUMAN,
        Column("levels", "levels", "the histogram of the recorded scores over the levels", nullable=True),
        Column("reason", "text", "why there are no levels: no_verdict or out_of_range", nullable=True),
    ),
)


def answers_of(generator: str) -> Table:
    """The answers table of one generator."""
    return replace(ANSWERS, path=f"data/answers/{generator}.jsonl")


JUDGMENTS = Table(
    "judgments",
    "data/scores/**/JUDGE.jsonl, data/out_of_fold/**/JUDGE.jsonl",
    "one judge's judgment of an answer, of a probe or of a perturbed statement",
    "item_id",
    (
        Column("item_id", "text", "the answer_id, probe_id or perturbed_id that is judged"),
        _LEVELS,
        _SCORE,
        Column(
            "acceptable",
            "unit",
            "the judge's probability that the answer is acceptable; null where it gives none, so that its class is certain",
            nullable=True,
        ),
        _REASON,
        Column("source", "text", "where the levels are from: logprobs, samples, verdict, decision, recorded, or model: one of ours"),
        Column("rationale", "text", "what the judge wrote besides its verdict", nullable=True),
        *CALLS,
    ),
)
TEACHER_SCORES = replace(JUDGMENTS, path="data/scores/teacher.jsonl")
STUDENT_SCORES = replace(JUDGMENTS, path="data/scores/student.jsonl")
STUDENT_OUT_OF_FOLD = replace(JUDGMENTS, path="data/out_of_fold/student.jsonl")
# Folders with a judgments table for each baseline, or for each seed that the student was trained again from.
BASELINES, PROBED_BASELINES, BASELINES_OUT_OF_FOLD = "data/scores/baselines", "data/scores/probes/baselines", "data/out_of_fold/baselines"
RETRAINED_SCORES = "data/scores/retrained"


def judgments_in(folder: str, judge: str) -> Table:
    """The judgments table of one judge in a folder."""
    return replace(JUDGMENTS, path=f"{folder}/{judge}.jsonl")


DATASET = Table(
    "dataset",
    "data/dataset.jsonl",
    "a question, an answer and what the teacher says of it",
    "answer_id",
    (
        Column("answer_id", "text", "the answer"),
        Column("question_id", "text", "its question"),
        Column("document_id", "text", "the document of its passage"),
        Column("generator", "text", "who wrote the answer"),
        QUESTION,
        _CONTEXT_IF_ANY,
        _REFERENCE,
        Column("answer", "text", "the answer itself", nullable=True),
        _HUMAN,
        TEACHER_LEVELS._replace(nullable=True),
        TEACHER_SCORE._replace(nullable=True),
        Column("teacher_class", "text", "acceptable: score strictly above label.threshold; else unacceptable", nullable=True),
        Column("reason", "text", "why there is no score", nullable=True),
    ),
)
TRAIN = replace(DATASET, name="train", path="data/train.jsonl")
TEST = replace(DATASET, name="test", path="data/test.jsonl")
TEST_DOCUMENTS = Table(
    "test_documents",
    "data/test_documents.jsonl",
    "a document that has rows in test",
    "document_id",
    (Column("document_id", "text", "the document"),),
)
SPANS = Table(
    "spans",
    "data/scores/spans.jsonl",
    "a word of a test answer that found no support, as the student has it, from strength 0.3 on; none from a student that reads no words",
    "span_id",
    (
        Column("span_id", "text", "answer_id and where it starts"),
        Column("item_id", "text", "the answer_id"),
        Column("start", "count", "its first character"),
        Column("end", "count", "the character behind its last"),
        Column("text", "text", "the word"),
        Column("unsupported", "unit", "0 for what the evidence says, 1 for what it does not have at all"),
    ),
)
LABELS = Table(
    "labels",
    "data/labels/ANNOTATOR.jsonl",
    "what one person says of an answer, in the order in which it was said; of two lines about an answer the later one counts",
    "item_id",
    (
        Column("item_id", "text", "the answer_id of the answer"),
        Column("annotator", "text", "who says it"),
        Column("label", "unit", "1 acceptable, 0 not, or one of the eleven levels; null: skipped, or taken back", nullable=True),
        Column("comment", "text", "a remark, of no effect", nullable=True),
        Column("queue", "text", "the queue that showed the answer; null where the label was imported", nullable=True),
    ),
)
QUEUE = Table(
    "queue",
    "data/labels/queues/QUEUE.jsonl",
    "an answer that people are asked about, more likely early the more there is to learn from it",
    "item_id",
    (
        Column("item_id", "text", "the answer_id of the answer"),
        Column("position", "count", "its place in the queue, from 0"),
        Column("chance", "amount", "its share of the chances to be drawn first; over the queue they add up to 1"),
    ),
)
