"""The registry of students: every kind has its class, and loads alone."""

import subprocess
import sys

import pytest

from judge.errors import StudentError
from judge.students.registry import student_class
from judge.students.student import Student
from tests.conftest import ROOT
from tests.students.examples import kinds


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_option_has_a_class(kind: str) -> None:
    """The class is a student's, and names the files of its folder."""
    kind_class = student_class(kind)
    assert issubclass(kind_class, Student)
    assert kind_class.FILES


def test_two_kinds_have_two_classes() -> None:
    """No kind is read as another."""
    assert len(kinds()) == len({student_class(kind) for kind in kinds()})


def test_an_unknown_kind_is_named() -> None:
    """The error says where a kind is entered."""
    with pytest.raises(StudentError, match=r"'oracle'(.|\n)*judge/students/registry\.py"):
        student_class("oracle")


def test_a_student_at_a_server_loads_no_torch() -> None:
    """A fresh interpreter that asks for one kind has the packages of no other."""
    code = "import sys; from judge.students.registry import student_class; student_class('openai'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert "judge.students.hosted_student" in loaded
    assert not {"torch", "transformers", "judge.students.late_interaction"} & set(loaded)
