"""The kinds of teacher: a new one is a module with its class, and its name here."""

from typing import Annotated, TypeAlias

from pydantic import Field

from judge.teachers.correctness import Correctness
from judge.teachers.decisions import Decisions
from judge.teachers.grading import Grading
from judge.teachers.groundedness import Groundedness
from judge.teachers.joined import Joined
from judge.teachers.local_chat import LocalChat
from judge.teachers.recorded import RecordedTeacher

Teacher: TypeAlias = Annotated[
    Joined | LocalChat | Groundedness | Grading | Decisions | Correctness | RecordedTeacher, Field(discriminator="kind")
]
