"""The kinds of students: for each `kind` of an option file of conf/student the class that judges, saves and loads."""

from judge.errors import StudentError
from judge.students.student import Student


def student_class(kind: str) -> type[Student]:
    """The class of a kind; the packages that it needs load with it, and no other kind's.

    Raises:
        StudentError: a package that the kind needs is not installed.
    """
    match kind:
        case "late-interaction":
            from judge.students.late_interaction import LateInteractionStudent

            return LateInteractionStudent
        case "cross-encoder":
            from judge.students.cross_encoder import CrossEncoderStudent

            return CrossEncoderStudent
        case "openai":
            from judge.students.hosted_student import HostedStudent

            return HostedStudent
        case "causal-lm":
            from judge.students.causal_lm import CausalLMStudent

            return CausalLMStudent
        case _:
            raise StudentError(f"There is no student of the kind {kind!r}.\nNext: add its class to judge/students/registry.py.")
