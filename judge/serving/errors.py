"""The errors of `judge score` and `judge serve`."""

from judge.errors import JudgeError


class ScoreError(JudgeError):
    """A file of rows cannot be judged, or the judging of it cannot go on from where it was."""


class ServeError(JudgeError):
    """A student cannot be served as it was asked for."""
