"""Fixtures of these tests."""

from tests.students.examples import folder, trained

__all__ = ["folder", "trained"]
