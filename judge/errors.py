"""The errors that speak to the user.

Everything a user can cause ends in a subclass of `JudgeError`.
A stage or a command prints its message and exits with code 2, without a traceback.
A message says what went wrong, where, what was got, and what to do next.
"""


class JudgeError(Exception):
    """The base of every error that is meant for the user rather than for us."""


class SettingsError(JudgeError):
    """A value in params.yaml, in conf/ or on the command line is not allowed."""


class PinError(JudgeError):
    """A pinned file is missing, has another version, or has another hash."""


class TableError(JudgeError):
    """A table cannot be read, or its rows break the table's own rules."""


class DocumentError(JudgeError):
    """The corpus yields no usable document, or cannot be read."""


class ModelError(JudgeError):
    """A model cannot be loaded or run on this machine."""


class SplitError(JudgeError):
    """A split would leave a side empty or with a single class."""


class JudgmentError(JudgeError):
    """Too many judgments failed, or too few statements were left to learn from."""


class StudentError(JudgeError):
    """A student cannot be trained, saved, loaded, or asked with what it was given."""


class BudgetError(JudgeError):
    """The next request to a hosted model could pass `budget_usd`."""


class ClusterError(JudgeError):
    """A Ray cluster cannot be reached, or cannot do what it was given."""
