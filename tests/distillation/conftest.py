"""Fixtures of the tests of training."""

from tests.students.examples import folder, trained
from tests.students.hosted_examples import server

__all__ = ["folder", "server", "trained"]
