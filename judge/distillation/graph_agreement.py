"""Whether a student whose encoder is computed in 8-bit integers is still the student that it would be without."""

from collections.abc import Sequence
from typing import Any

from judge.errors import StudentError
from judge.students.agreement import LEAST_PEARSON, agreement
from judge.students.encoder_student import EncoderStudent
from judge.tables.items import Item

# More answers would take longer to read with PyTorch, and tell no more.
_ANSWERS = 400
# Scores that hardly vary hardly correlate, as those of a teacher that nothing explains; nearer than this they are the same.
_SAME = 0.01


def require(student: EncoderStudent, items: Sequence[Item]) -> dict[str, Any]:
    """Hold a student against itself with its encoder as it was, on training answers drawn evenly.

    Returns:
        What is noted of it: `graph_pearson` of the scores, in [-1, 1] and None where they do not vary, `graph_rows` and
        `graph_other_classes`; nothing for a student without a graph.

    Raises:
        StudentError: they agree less than a graph may cost.
    """
    drawn = items[:: -(-len(items) // _ANSWERS)] if items else []
    before = student.reference(drawn)
    if before is None:
        return {}
    found = agreement(before, student.judge(drawn), student.threshold)
    varies = found.pearson == found.pearson
    if not (found.pearson >= LEAST_PEARSON or found.largest <= _SAME):
        raise StudentError(
            f"The student is not distilled: in 8-bit integers its encoder is another one. {found}; r = {LEAST_PEARSON} is asked for.\n"
            "Next: set `encoder_runtime: openvino-weights` in the student's option file (conf/student), which rounds less, or `pytorch`."
        )
    return {
        "graph_pearson": round(found.pearson, 6) if varies else None,
        "graph_rows": found.rows,
        "graph_other_classes": found.other_classes,
    }
