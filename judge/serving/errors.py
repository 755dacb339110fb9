"""The errors of judging files, of serving, of exporting and of pushing."""

from judge.errors import JudgeError


class ScoreError(JudgeError):
    """A file of rows cannot be judged, or the judging of it cannot go on from where it was."""


class ExportError(JudgeError):
    """A student cannot be exported, or judges otherwise after it."""


class PushError(JudgeError):
    """A student cannot be pushed to a hub."""


class ServeError(JudgeError):
    """A student cannot be served as it was asked for."""
