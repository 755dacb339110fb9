"""The error of `judge score`."""

from judge.errors import JudgeError


class ScoreError(JudgeError):
    """A file of rows cannot be judged, or the judging of it cannot go on from where it was."""
