"""The tutorial's way to questions: llama-index's DatasetGenerator.

It asks its LLM one prompt after the other. Here it runs several times over: an LLM that knows no reply yet notes the
prompts, they are all completed together, and the next run has their replies; so they share batches or connections and the
cache of replies, and a killed exam goes on where it stopped.

Import this module only where an exam is set: it loads llama-index.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from llama_index.core.callbacks import CallbackManager
from llama_index.core.evaluation import DatasetGenerator
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from llama_index.core.prompts import PromptTemplate
from llama_index.core.schema import TextNode

from judge.models import hosted
from judge.models.local_llm import Completion
from judge.tables.usage import Usage, total


class Pair(NamedTuple):
    """A question with the answer that its author gives, as the model wrote both."""

    question: str
    answer: str
    usage: Usage | None


class _NotedLLM(CustomLLM):
    """An LLM that gives the replies it has, and notes what it is asked, in order."""

    replies: dict[str, Completion]
    asked: list[str] = []  # noqa: RUF012 - pydantic copies it for each object

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=1_000_000, num_output=256, model_name="noted")

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:  # noqa: ARG002
        self.asked.append(prompt)
        known = self.replies.get(prompt)
        return CompletionResponse(text=(known and known.text) or "")

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
        yield self.complete(prompt, formatted)


class Paper(NamedTuple):
    """An exam to be set: how many questions about which passage, and the task in words; None is DatasetGenerator's own."""

    passage: str
    questions: int
    query: str | None


def set_exams(papers: Sequence[Paper], answer: str | None, complete: Callable[[list[str]], list[Completion]]) -> list[list[Pair]]:
    """Ask for the questions of each paper, and for the answer to each: as many as the model writes, as it writes them.

    A paper's first pair carries what asking for its questions took, each pair what its own answer took.

    Args:
        papers: the exams.
        answer: the prompt for an answer, with {context_str} and {query_str}; None is DatasetGenerator's own.
        complete: what the model writes after each prompt, in order.
    """
    replies: dict[str, Completion] = {}
    for with_answers in (False, True):
        # First the prompts for questions are noted; once their replies are there, the prompts for the answers.
        prompts = sorted({prompt for paper in papers for prompt in _run(paper, answer, replies, with_answers=with_answers).unknown})
        replies |= dict(zip(prompts, complete(prompts), strict=True))
    exams = []
    for paper in papers:
        exam = _run(paper, answer, replies, with_answers=True)
        # The first prompt asked for the questions, the others for one answer each, in order.
        shares = [replies[prompt].usage for prompt in exam.asked]
        own = [total([*(shares[:1] if index == 0 else []), share]) for index, share in enumerate(shares[1:])]
        exams.append([Pair(question, answer, usage) for (question, answer), usage in zip(exam.pairs, own, strict=True)])
    return exams


class _Exam(NamedTuple):
    """An exam with the replies known so far: its pairs, the prompts without a reply, and all prompts in order."""

    pairs: list[tuple[str, str]]
    unknown: list[str]
    asked: list[str]


def _run(paper: Paper, answer: str | None, replies: dict[str, Completion], *, with_answers: bool) -> _Exam:
    llm = _NotedLLM(replies=replies)
    # DatasetGenerator is marked as deprecated in favour of a class that llama-index has dropped meanwhile.
    # Its mark overrules every warning filter, so the warning is recorded and let go. Its methods without `a` leave an event loop open.
    with warnings.catch_warnings(record=True):
        generator = DatasetGenerator(
            [TextNode(text=paper.passage)],
            llm=llm,
            num_questions_per_chunk=paper.questions,
            question_gen_query=paper.query,
            text_qa_template=None if answer is None else PromptTemplate(answer),
            callback_manager=CallbackManager([]),
        )
        if not with_answers:
            hosted.run(generator.agenerate_questions_from_nodes())
            return _Exam([], [prompt for prompt in llm.asked if prompt not in replies], llm.asked)
        dataset = hosted.run(generator.agenerate_dataset_from_nodes())
    pairs = [(question, dataset.responses[key]) for key, question in dataset.queries.items()]
    return _Exam(pairs, [prompt for prompt in llm.asked if prompt not in replies], llm.asked)
