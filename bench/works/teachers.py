"""The student beside the teachers that run here, on the same kind of rows."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pydantic import TypeAdapter

from bench import operations, rows, table, turns
from bench.effort import Effort, loaded_once, option
from bench.machine import Dtype
from bench.table import TOKENS, Line
from bench.turns import Contender, Work
from judge.models import chat_format, language_models, prompts
from judge.models.language_models import LanguageModel, ModelSettings
from judge.tables.items import Item
from judge.teachers import asked
from judge.teachers.calibration import Calibration
from judge.teachers.grading import Grading
from judge.teachers.groundedness import Groundedness
from judge.teachers.joined import Joined
from judge.teachers.local_chat import LocalChat
from judge.teachers.registry import Teacher
from judge.teachers.teacher import TeacherOption

WORK = "teachers"
TEACHERS = ("likelihood", "qwen2.5-1.5b-verdicts", "joined")
_STUDENT_ROWS = 300
# A teacher's rows in a turn, and what is aimed at against it.
_ROWS = {"likelihood": 60, "qwen2.5-1.5b-verdicts": 18, "joined": 18}
_TO_REACH = {"likelihood": 40.0, "qwen2.5-1.5b-verdicts": 100.0}
# Whose prompts are counted for docs/scale.md, and how many of them.
_HOSTED, _PROMPTS = "openai", 60
# Other rows than any turn has, to load and warm up with.
_WARMING = 10**6
_OTHERS = 10**5


def measure(effort: Effort, names: Sequence[str] = TEACHERS) -> list[Line]:
    """Rows a second of the student, cold, against each teacher, each with its model loaded and nothing kept of an earlier turn."""
    import judge

    count = effort.rows(_STUDENT_ROWS)
    student = judge.load(effort.student)
    ours = Contender("the student, cold", count, lambda turn: _judging(student.judge, rows.items(effort.source, turn * count, count)))
    with loaded_once():
        peers = [contender(effort, named(name)) for name in names]
        ours.prepare(_WARMING)()
        seconds = turns.take([ours, *peers], effort.repeats, WORK)
    what = f"judge rows, {rows.ANSWERS} answers to a passage"
    held = [
        table.line(WORK, what, ours, peer, seconds, effort.machine, _TO_REACH.get(name)) for name, peer in zip(names, peers, strict=True)
    ]
    return [*held, Line(WORK, f"a prompt of teacher={_HOSTED}", _HOSTED, None, TOKENS, _asked_tokens(effort), machine=effort.machine.words)]


def named(name: str) -> TeacherOption:
    """A teacher of conf/teacher."""
    teacher: TeacherOption = TypeAdapter(Teacher).validate_python(option(f"teacher/{name}"))
    return teacher


def contender(effort: Effort, teacher: TeacherOption) -> Contender:
    """A teacher that runs here, its model loaded and warm."""
    count = effort.rows(_ROWS[teacher.name])
    calibration = _calibration(teacher)
    teacher.judge(rows.items(effort.source, _WARMING, rows.ANSWERS), calibration)
    sample = rows.items(effort.source, _OTHERS, count)
    needed, tokens, dtype = needs(teacher, sample)

    def prepare(turn: int) -> Work:
        items = rows.items(effort.source, _OTHERS + turn * count, count)
        return lambda: teacher.judge(items, calibration)

    return Contender(f"teacher={teacher.name}", count, prepare, needed, tokens, dtype)


def _asked_tokens(effort: Effort) -> float:
    """How long the prompt of a hosted teacher is on average, reference and all, by the tokenizer of the student, which is at hand."""
    from transformers import AutoTokenizer

    hosted: Grading = TypeAdapter(Grading).validate_python(option(f"teacher/{_HOSTED}"))
    items = [item._replace(reference=item.answer) for item in rows.items(effort.source, 0, effort.rows(_PROMPTS))]
    texts = [f"{hosted.system or ''}{prompts.fill(hosted.prompt, item.texts, 'tags')}" for item in items]
    encoded = AutoTokenizer.from_pretrained(effort.student)(texts)["input_ids"]
    return sum(map(len, encoded)) / len(texts)


def needs(teacher: TeacherOption, items: Sequence[Item]) -> tuple[float | None, float | None, str | None]:
    """What reading takes for one row: operations, tokens and the dtype; None of a teacher of another kind."""
    if isinstance(teacher, Groundedness):
        return _of_likelihoods(teacher.model, items)
    if isinstance(teacher, Joined | LocalChat):
        return _of_verdicts(teacher.prompt, [question.prompt for question in teacher.questions.values()], items)
    return None, None, None


def _of_likelihoods(settings: ModelSettings, items: Sequence[Item]) -> tuple[float, float, str]:
    """A passage once for its answers, each answer with it and without it, and logits at each token of an answer."""
    loaded = language_models.load(settings)
    shape, length = operations.shape(loaded.model.config.to_dict()), _counter(loaded)
    needed, tokens, alone = 0, 0, length("Answer:")
    for passage, own in _by_passage(items).items():
        start = length(f"Passage: {passage}\n\nAnswer:")
        needed += operations.continued(shape, start)
        tokens += start
        for answer in {item.answer or "" for item in own}:
            said = length(f" {answer}")
            needed += sum(operations.continued(shape, said, before) + operations.logits(shape, said) for before in (start, alone))
            tokens += 2 * said
    return needed / len(items), tokens / len(items), computes_in(loaded)


def _of_verdicts(prompt: asked.Prompt, questions: Sequence[str], items: Sequence[Item]) -> tuple[float, float, str]:
    """What conversations share once, then their own texts, and logits where a verdict is read."""
    loaded = language_models.load(prompt.model)
    shape, length = operations.shape(loaded.model.config.to_dict()), _counter(loaded)
    opening, closing = map(length, chat_format.frame(loaded.tokenizer, prompt.system))
    needed, tokens = 0, 0
    for own in _by_passage(items).values():
        conversations = [[asked.conversation(prompt, item, question) for question in questions] for item in own]
        shared = conversations[0][0].shared
        start = opening + length(f"{shared.before}{shared.material}{shared.after}")
        needed += operations.continued(shape, start)
        tokens += start
        for of_item in conversations:
            said = length(of_item[0].own)
            needed += operations.continued(shape, said, start)
            tokens += said
            for one in of_item:
                end = length(one.asked) + closing
                needed += operations.continued(shape, end, start + said) + operations.logits(shape, 1)
                tokens += end
    return needed / len(items), tokens / len(items), computes_in(loaded)


def computes_in(loaded: LanguageModel) -> Dtype:
    """The dtype in which the linear layers of a model compute their products."""
    from judge.models.int8 import Int8Linear

    model: Any = loaded.model
    if any(isinstance(module, Int8Linear) for module in model.modules()):
        return "int8"
    return "bfloat16" if str(model.dtype) == "torch.bfloat16" else "float32"


def _counter(loaded: LanguageModel) -> Callable[[str], int]:
    def length(text: str) -> int:
        ids: Any = loaded.tokenizer(text, add_special_tokens=False)["input_ids"]
        return len(ids)

    return length


def _by_passage(items: Sequence[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.context or "", []).append(item)
    return found


class _Judge(Protocol):
    def __call__(self, items: Sequence[Item], /) -> object: ...


def _judging(judge: _Judge, items: Sequence[Item]) -> Work:
    return lambda: judge(items)


def _calibration(teacher: TeacherOption) -> Calibration | None:
    """A calibration that weighs every feature alike: it takes the time of a fitted one, and no fitting."""
    from judge.probes.seen import NOTHING
    from judge.teachers import groundedness_features

    if isinstance(teacher, Groundedness):
        model, names = teacher.model.identity, groundedness_features.FEATURES
    elif isinstance(teacher, Joined):
        model, names = teacher._identity, teacher._names  # noqa: SLF001 - what a user never does
    else:
        return None
    ones = (1.0,) * len(names)
    return Calibration(
        model=model,
        features=tuple(names),
        centers=ones,
        scales=ones,
        intercepts=(0.0,) * teacher.fits,
        coefficients=(ones,) * teacher.fits,
        n=0,
        articles=0,
        share_true=0.5,
        brier=None,
        auroc=None,
        kinds={},
        seen=NOTHING,
    )
