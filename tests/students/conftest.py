"""Fixtures of the students' tests."""

from tests.students.examples import folder, trained
from tests.students.hosted_examples import server

__all__ = ["folder", "server", "trained"]
