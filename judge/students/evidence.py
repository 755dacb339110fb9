"""The evidence that a student reads of an item."""

from judge.errors import StudentError
from judge.students import references
from judge.students.options import Evidence
from judge.tables.items import Item


def require(item: Item, evidence: Evidence) -> None:
    """Refuse an item that lacks a text of the evidence.

    Raises:
        StudentError: a text is missing; the message names what is.
    """
    texts = {"reference": item.texts["reference"], "context": item.context}
    if evidence != "both":
        texts = {evidence: texts[evidence]}
    missing = sorted(name for name, text in texts.items() if not text or not text.strip())
    if missing:
        raise StudentError(
            f"This student holds answers against evidence={evidence}, but the {' and the '.join(missing)} is missing "
            f"for the question {item.question[:80]!r}.\n"
            f"Next: give it ({', '.join(f'{name}=...' for name in missing)}), or distil a student with another `evidence` "
            "(conf/student).",
        )


def narrowed(item: Item, evidence: Evidence) -> Item:
    """An item as a student reads it: the evidence that it needs as `context`, and the references only where it needs them.

    Of several references the one that the answer comes nearest to is the evidence: each is right alone, and glued together they would
    ask for all of them.
    It comes before the passage: where both are read as one and cut, it is the end of the passage that goes.

    Raises:
        StudentError: as `require`.
    """
    require(item, evidence)
    if evidence == "context":
        return item._replace(reference=None)
    nearest = references.nearest(item.question, item.answer or "", item.references)
    shown = nearest if evidence == "reference" else f"{nearest}\n{item.context}"
    return item._replace(context=shown)
