"""Label Studio's files: tasks with the labelling config that shows them, and its exports JSON and JSON_MIN.

See https://labelstud.io/guide/task_format and https://labelstud.io/guide/export.
`Text` shows what models wrote as text: nothing in it runs.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from judge.annotation.exchange import GUIDELINE, SKIP, Content, ExchangeError, Said, Task, choice_of
from judge.people.labels import Label

CONFIG = f"""<View>
  <Header value="{GUIDELINE}"/>
  <Header size="5" value="Question"/>
  <Text name="question" value="$question"/>
  <Header size="5" value="Passage"/>
  <Text name="context" value="$context"/>
  <Header size="5" value="Reference"/>
  <Text name="reference" value="$reference"/>
  <Header size="5" value="Answer"/>
  <Text name="answer" value="$answer"/>
  <Choices name="label" toName="answer" choice="single" required="true" showInLine="true">
    <Choice value="acceptable" hotkey="1"/>
    <Choice value="unacceptable" hotkey="0"/>
  </Choices>
  <TextArea name="comment" toName="answer" rows="2" maxSubmissions="1" placeholder="A comment, if you like"/>
</View>
"""
"""The labelling interface, for Settings → Labeling Interface → Code."""

# Where a label that we exported says whose it is: the users of that server are not known here.
_META = "annotator"
_NEXT = "Next: export the project from Label Studio as JSON or JSON_MIN."


def write(tasks: Sequence[Task], labels: Sequence[Label]) -> str:
    """The tasks as JSON, for Import; each label becomes an annotation of its task. Skips, and levels between the two choices, have none."""
    by_item: dict[str, list[Label]] = {}
    for label in labels:
        by_item.setdefault(label.item_id, []).append(label)
    made: list[dict[str, Any]] = []
    for task in tasks:
        given = [annotation for label in by_item.get(task.item_id, ()) if (annotation := _annotation(label))]
        made.append({"data": task._asdict()} | ({"annotations": given} if given else {}))
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def read(text: str, path: str) -> Content:
    """What an export says; cancelled annotations are skips, predictions and drafts are left out.

    Raises:
        ExchangeError: it is no such export; the message says where.
    """
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise ExchangeError(f"{path} is no valid JSON ({error}).\n{_NEXT}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ExchangeError(f"{path} has to be a list of tasks.\n{_NEXT}")
    said: list[Said] = []
    without = 0
    for number, entry in enumerate(entries, start=1):
        where = f"{path}, task {number}"
        found = _of_task(entry, where) if "data" in entry else _of_flat(entry, where)
        said += found
        without += not found
    return Content(said, without)


def _annotation(label: Label) -> dict[str, Any] | None:
    choice = None if label.label is None else choice_of(label.label)
    if choice is None:
        return None
    shared = {"to_name": "answer", "meta": {_META: label.annotator}}
    result = [{"id": "label", "from_name": "label", "type": "choices", "value": {"choices": [choice]}} | shared]
    if label.comment:
        result.append({"id": "comment", "from_name": "comment", "type": "textarea", "value": {"text": [label.comment]}} | shared)
    return {"result": result}


def _of_task(entry: Mapping[str, Any], where: str) -> list[Said]:
    """What a task of the export JSON says, by all that annotated it."""
    item = _item(entry["data"], where)
    said = []
    for position, annotation in enumerate(_objects(entry.get("annotations"), f"{where}: annotations"), start=1):
        place = f"{where}, annotation {position}"
        results = _objects(annotation.get("result"), f"{place}: result")
        choices, remarks = _values(results, "label", "choices"), _values(results, "comment", "text")
        if len(choices) > 1:
            raise ExchangeError(f"{place} has {len(choices)} choices; one is needed.\nNext: mend it in Label Studio, and export again.")
        value = SKIP if annotation.get("was_cancelled") else next(iter(choices), None)
        said.append(Said(place, item, _person(_marked(results) or annotation.get("completed_by")), value, "\n".join(remarks) or None))
    return said


def _of_flat(entry: Mapping[str, Any], where: str) -> list[Said]:
    """What an entry of the export JSON_MIN says: one annotation; one that was not labelled yet has no `label`."""
    item, comment = _item(entry, where), entry.get("comment") or ""
    if "label" not in entry:
        return []
    joined = "\n".join(map(str, comment)) if isinstance(comment, list) else str(comment)
    return [Said(where, item, _person(entry.get("annotator")), entry["label"], joined or None)]


def _item(data: object, where: str) -> str:
    if not isinstance(data, Mapping) or not isinstance(data.get("item_id"), str):
        raise ExchangeError(
            f"{where} has no item_id.\nNext: label the tasks that `judge labels --export` made; they bring their ids along."
        )
    return str(data["item_id"])


def _objects(given: object, where: str) -> list[Mapping[str, Any]]:
    given = [] if given is None else given
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise ExchangeError(f"{where} has to be a list of objects.\n{_NEXT}")
    return given


def _values(results: Sequence[Mapping[str, Any]], control: str, kind: str) -> list[str]:
    """What stands in a control: the choices of one, or the lines of a comment."""
    values: list[str] = []
    for result in results:
        value = result.get("value")
        found = value.get(kind) if result.get("from_name") == control and isinstance(value, Mapping) else None
        values += map(str, found) if isinstance(found, list) else []
    return values


def _marked(results: Sequence[Mapping[str, Any]]) -> object:
    """Whose label it was when we exported it; None where it was given in Label Studio."""
    return next((meta[_META] for result in results if isinstance(meta := result.get("meta"), Mapping) and _META in meta), None)


def _person(given: object) -> str | None:
    """A user of Label Studio: the e-mail address where the export has it, else the number."""
    if isinstance(given, Mapping):
        given = given.get("email") or given.get("id")
    return None if given is None or given == "" else str(given)
