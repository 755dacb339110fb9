"""Argilla 2's files: records as `dataset.records.from_json` reads them, their dataset's settings, and records as `to_list` gives them.

See https://docs.argilla.io/latest/how_to_guides/import_export and the class `Settings`, whose `from_json` reads the settings.
What `dataset.records.to_json` writes is refused: it does not say which responses were submitted and which are drafts or discarded;
`to_list(flatten=True)` says it (argilla 2.8).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from judge.annotation.exchange import GUIDELINE, SKIP, Content, ExchangeError, Said, Task

_TITLES = {"question": "Question", "context": "Passage", "reference": "Reference", "answer": "Answer"}
_MUST_BE_THERE = ("question", "answer")
EXPORT = "json.dump(dataset.records.to_list(flatten=True), open(FILE, 'w'), default=str)"
"""How the records get out again."""

_NEXT = f"Next: write them with `{EXPORT}`."


def settings() -> str:
    """The settings of the dataset, for `rg.Settings.from_json`; fields are shown as plain text, so that nothing in them runs."""
    fields = [
        {
            "name": name,
            "title": title,
            "required": name in _MUST_BE_THERE,
            "type": "text",
            "settings": {"type": "text", "use_markdown": False},
        }
        for name, title in _TITLES.items()
    ]
    options = [{"value": value, "text": value, "description": None} for value in ("acceptable", "unacceptable")]
    questions = [
        {"name": "label", "title": "Is the answer right?", "required": True, "settings": {"type": "label_selection", "options": options}},
        {"name": "comment", "title": "Comment", "required": False, "settings": {"type": "text", "use_markdown": False}},
    ]
    made = {
        "guidelines": GUIDELINE,
        "fields": fields,
        "questions": questions,
        "vectors": [],
        "metadata": [],
        "allow_extra_metadata": False,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def write(tasks: Sequence[Task]) -> str:
    """The records as JSON. They bring no labels along: a response needs the id that its writer has on that server."""
    records = [
        {
            "id": task.item_id,
            "fields": {name: value for name, value in task._asdict().items() if name != "item_id" and value},
            "metadata": {},
            "suggestions": {},
            "responses": {},
            "vectors": {},
        }
        for task in tasks
    ]
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def read(text: str, path: str) -> Content:
    """What flattened records say: submitted responses are labels, discarded ones skips, drafts are left out.

    Raises:
        ExchangeError: these are no such records; the message says where.
    """
    try:
        records = json.loads(text)
    except ValueError as error:
        raise ExchangeError(f"{path} is no valid JSON ({error}).\n{_NEXT}") from None
    if not isinstance(records, list):
        raise ExchangeError(f"{path} has to be a list of records.\n{_NEXT}")
    said: list[Said] = []
    without = 0
    for number, record in enumerate(records, start=1):
        found = _of_record(record, f"{path}, record {number}")
        said += found
        without += not found
    return Content(said, without)


def _of_record(record: Any, where: str) -> list[Said]:
    if not isinstance(record, Mapping) or not isinstance(record.get("id"), str):
        raise ExchangeError(f"{where} has no text as id.\n{_NEXT}")
    if "responses" in record:
        raise ExchangeError(f"{where} does not say which responses were submitted, and which are drafts or discarded.\n{_NEXT}")
    remarks = {user: value for user, value, _ in _responses(record, "comment", where)}
    return [
        Said(f"{where}, user {user}", record["id"], user, SKIP if status == "discarded" else value, _text(remarks.get(user)))
        for user, value, status in _responses(record, "label", where)
        if status != "draft"
    ]


def _responses(record: Mapping[str, Any], question: str, where: str) -> list[tuple[str, object, str]]:
    """Who responded to a question, with what, and whether it is a draft, submitted or discarded."""
    keys = [f"{question}.responses{end}" for end in (".users", "", ".status")]
    columns = [[] if record.get(key) is None else record[key] for key in keys]
    if not all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        raise ExchangeError(f"{where}: {', '.join(keys)} have to be lists of the same length.\n{_NEXT}")
    found = [(str(user), value, str(status)) for user, value, status in zip(*columns, strict=True)]
    strange = sorted({status for *_, status in found} - {"draft", "submitted", "discarded"})
    if strange:
        raise ExchangeError(f"{where}: a response has the status {strange[0]!r}; it has to be draft, submitted or discarded.\n{_NEXT}")
    return found


def _text(value: object) -> str | None:
    return str(value) if value else None
