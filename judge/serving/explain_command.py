"""`judge explain`: judge rows, and show in the terminal which words of their answers found no support."""

import argparse
import sys
from collections.abc import Iterator

from judge.serving import columns, formats, inputs, score_command
from judge.serving.asked import Asker
from judge.serving.columns import Columns
from judge.serving.errors import ScoreError
from judge.serving.formats import Format
from judge.students import streams
from judge.students.student import Student
from judge.tables import spans
from judge.tables.levels import Judgment, classify


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    score_command.read_arguments(command)


def command(options: argparse.Namespace) -> int:
    """Print each row with its verdict; bad rows are named on standard error and passed over. Exit code 0.

    Raises:
        ScoreError: the input cannot be read, or no row of it can be judged.
        StudentError: the student cannot be loaded, or says nothing of single words.
    """
    form = formats.of(options.source, options.format, "--format")
    read = columns.parse(options.columns, None)
    score_command.set_up_torch()
    from judge.serving import sources
    from judge.students import saved

    student = saved.load(sources.folder(options.student))
    # One that cannot explain says so before a row is read.
    student.explain_items([])
    shown = 0
    for text in _texts(options.source, form, read, student):
        sys.stdout.write(f"{text}\n\n")
        sys.stdout.flush()
        shown += 1
    if not shown:
        raise ScoreError(f"{options.source}: no row could be judged.\nNext: see the lines above, and --columns.")
    return 0


def _texts(source: str, form: Format, read: Columns, student: Student) -> Iterator[str]:
    """What is printed of each row that can be judged."""
    is_colour = spans.wants_colour(sys.stdout)
    asker = Asker(read, form, student.option.evidence)
    with inputs.opened(source, form, read) as rows:
        for chunk in streams.chunks(map(asker.of, rows), lambda each: each.texts):
            for each in chunk:
                if each.fault is not None:
                    sys.stderr.write(f"{source}, line {each.line}: {each.fault}\n")
            fit = [(each.id, each.item) for each in chunk if each.item is not None]
            items = [item for _, item in fit]
            for (row_id, item), judgment, found in zip(fit, student.judge(items), student.explain_items(items), strict=True):
                verdict = _verdict(judgment, student.threshold)
                answer = spans.coloured(item.answer or "", found, is_colour=is_colour)
                yield f"{spans.tamed(str(row_id))}: {verdict}\n{spans.tamed(item.question)}\n{answer}"


def _verdict(judgment: Judgment, threshold: float) -> str:
    if judgment.score is None:
        return f"no verdict ({judgment.reason})"
    return f"{judgment.score:.2f} {classify(judgment.score, threshold)}"
