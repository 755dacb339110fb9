"""Every kind of questioner: a new one is a module with its option, whose `attempts` asks a model, and a name in this list."""

from typing import Annotated

from pydantic import Field

from judge.dataset.exam import ChatExam, Exam
from judge.dataset.few_shot import FewShot

Questioner = Annotated[FewShot | Exam | ChatExam, Field(discriminator="kind")]
