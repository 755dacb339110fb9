"""Whether the words that a student marks are those that were changed: on false statements whose true sentence is known.

`python -m bench.spans` in a built project takes the statements of known truth that are a sentence of their passage with a name or number
replaced, or with two exchanged, and finds their changed words by comparing them with the sentences of the passage
(`bench/changed_words.py`).
It prints how often one of the two words with the least support is among them, in all and for each kind, beside simple rivals.
The constants of `judge/students/explain.py` were chosen on the rows named train, with those named test in sight; the articles called unseen
are in no table of the run.
It also prints how often words of true statements and of test answers are marked, and what explaining costs beside judging.
"""

import argparse
import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from pydantic import TypeAdapter

from bench.changed_words import Places, changed
from judge.dataset.summaries import Summaries
from judge.evaluation.intervals import wilson
from judge.probes import statements
from judge.probes.donors import Passage
from judge.students import placed_words, saved
from judge.students.late_interaction import LateInteractionStudent
from judge.students.placed_words import Word
from judge.tables.items import Item
from judge.tables.schema import Row
from judge.tables.spans import STRENGTHS, Span

KINDS = ("replaced_name", "replaced_number", "exchanged_names", "exchanged_numbers")
ROOT = Path(__file__).resolve().parent.parent
SHOWN = 2
SEED = 17
NORMAL = 1.96


class Case(NamedTuple):
    """A false statement, where its changed words stand, and how it is explained: the spans of its words, and their matches alone."""

    row: Row
    changed: Places
    words: tuple[Word, ...]
    spans: list[Span]
    matches: list[float]

    def is_hit(self, word: Word | Span) -> bool:
        """Whether a word is one of those that were changed, or a part of one."""
        return any(word.start < end and word.end > start for start, end in self.changed)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", default="data/student", metavar="FOLDER")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="FOLDER")
    parser.add_argument("--articles", type=int, default=300, metavar="N", help="further articles whose statements are explained")
    parser.add_argument("--missed", action="store_true", help="print the statements whose changed words were missed")
    options = parser.parse_args()
    student = saved.load(options.student)
    if not isinstance(student, LateInteractionStudent):
        raise SystemExit(f"{options.student} is no late-interaction student.")
    read = {name: _read(options.data / f"{name}.jsonl") for name in ("probes", "constructed", "background", "test")}
    sets = {
        "test": read["probes"],
        f"{options.articles} unseen articles": _unseen(options.articles, read["background"]),
        "train": read["constructed"],
    }
    for name, rows in sets.items():
        cases = _cases(student, [row for row in rows if row["kind"] in KINDS])
        print(f"\n{name}\n\n{_table(cases)}")
        if options.missed:
            print("\n".join(_missed(cases)))
    print(f"\n{_marked(student, read)}\n\n{_cost(student, read['test'])}")


def _cases(student: LateInteractionStudent, rows: Sequence[Row]) -> list[Case]:
    items = [Item(row["question"], row["answer"], row["context"], row["context"]) for row in rows]
    explained, matches = student.explain_items(items), student.model.matches(items)
    return [
        Case(row, changed(row), placed_words.words(row["answer"]), [span for span in spans if span.unit == "word"], match)
        for row, spans, match in zip(rows, explained, matches, strict=True)
    ]


def _lowest(case: Case) -> list[Span]:
    """The words of an answer from the one with the least support on; of equals the first."""
    return sorted(case.spans, key=lambda span: -span.unsupported)


def _least_match(case: Case) -> list[Word]:
    """A rival: the encoder's matches alone, small words last."""
    order = sorted(zip(case.words, case.matches, strict=True), key=lambda pair: (pair[0].is_small, pair[1]))
    return [word for word, _ in order]


def _new_first(case: Case) -> list[Word]:
    """A rival without a model: words that the passage does not have, then names and numbers, then the others, each as they come."""
    known = {word.form for word in placed_words.words(case.row["context"])}
    return sorted(case.words, key=lambda word: (word.form in known, word.mention is None, word.is_small))


def _by_chance(case: Case) -> float:
    """The chance that one of two words drawn from those with content is a changed one."""
    hits = [case.is_hit(word) for word in case.words if not word.is_small]
    misses = len(hits) - sum(hits)
    return 1 - math.comb(misses, SHOWN) / math.comb(len(hits), SHOWN) if len(hits) > 1 else float(any(hits))


def _table(cases: Sequence[Case]) -> str:
    by_kind: dict[str, list[Case]] = {"all": list(cases)}
    by_kind |= {kind: [case for case in cases if case.row["kind"] == kind] for kind in KINDS}
    columns = (
        "kind",
        "n (documents)",
        "one of the two lowest",
        "the lowest",
        "changed among as many lowest",
        "AUROC of words",
        "new words first",
        "least match",
        "by chance",
    )
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for kind, some in by_kind.items():
        documents = len({case.row["document_id"] for case in some})
        cells = [
            _hits(some, _lowest, SHOWN),
            _hits(some, _lowest, 1),
            f"{_mean(map(_precision, some)):.3f}",
            f"{_mean(map(_auroc, some)):.3f}",
        ]
        rivals = [_hits(some, _new_first, SHOWN), _hits(some, _least_match, SHOWN), f"{_mean(map(_by_chance, some)):.3f}"]
        lines.append(f"| {kind} | {len(some)} ({documents}) | {' | '.join([*cells, *rivals])} |")
    return "\n".join(lines)


def _hits(cases: Sequence[Case], order: Callable[[Case], Sequence[Word | Span]], shown: int) -> str:
    """The share of cases with a changed word among the first, with Wilson's interval."""
    share = _mean(any(case.is_hit(word) for word in order(case)[:shown]) for case in cases)
    low, high = wilson(share, len(cases), NORMAL)
    return f"{share:.3f} [{low:.3f}, {high:.3f}]"


def _precision(case: Case) -> float:
    """The share of changed words among as many words with the least support as were changed."""
    count = sum(map(case.is_hit, case.spans))
    return _mean(case.is_hit(word) for word in _lowest(case)[:count])


def _auroc(case: Case) -> float:
    """The chance that a changed word has less support than an unchanged one of the same answer; equals count half."""
    hits, others = ([span.unsupported for span in case.spans if case.is_hit(span) is hit] for hit in (True, False))
    return _mean((hit > other) + (hit == other) / 2 for hit in hits for other in others or [-1.0])


def _missed(cases: Iterable[Case]) -> Iterator[str]:
    for case in cases:
        lowest = _lowest(case)[:SHOWN]
        if not any(map(case.is_hit, lowest)):
            said = case.row["answer"]
            yield f"{case.row['kind']}: {said} | changed {[said[start:end] for start, end in case.changed]}, lowest {lowest}"


def _marked(student: LateInteractionStudent, read: dict[str, list[Row]]) -> str:
    """How often words are marked where nothing should be, and where something should."""
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    for row in read["probes"]:
        groups[f"{'true' if row['truth'] else 'false'}: {row['kind'].replace('_', ' ')}"].append(row)
    for row in read["test"]:
        groups[f"test answer, {row['teacher_class']} to the teacher"].append(row)
    lines = ["| what | n | answers with a word marked weakly; clearly; strongly | share of words |", "|---|---|---|---|"]
    for name, rows in sorted(groups.items(), reverse=True):
        explained = student.explain_items([Item(row["question"], row["answer"], row["context"], row["context"]) for row in rows])
        worst = [max((span.unsupported for span in spans), default=0.0) for spans in explained]
        words = [span.unsupported for spans in explained for span in spans if span.unit == "word"]
        shares = ["; ".join(f"{_mean(value >= least for value in values):.3f}" for least in STRENGTHS) for values in (worst, words)]
        lines.append(f"| {name} | {len(rows)} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _cost(student: LateInteractionStudent, test: Sequence[Row]) -> str:
    """Seconds of processor time to judge and to explain answers, alternately, the better of two: other work on the machine counts less."""
    items = [Item(row["question"], row["answer"], row["context"], row["context"]) for row in test]
    # A text that comes twice is read once, so each passage is made another.
    items = [item._replace(context=f"{item.context} ({index})") for index, item in enumerate(items)]
    seconds: dict[str, list[float]] = {"judge": [], "explain": []}
    for _ in range(2):
        for name, call in (("judge", student.judge_items), ("explain", student.explain_items)):
            start = time.process_time()
            call(items)
            seconds[name].append(1000 * (time.process_time() - start) / len(items))
    judged, explained = min(seconds["judge"]), min(seconds["explain"])
    return (
        f"a thousand answers, each with a passage of its own, {len(items)} measured: judged in {judged:.1f} s of processor time, "
        f"explained in {explained:.1f} s ({explained / judged:.2f} times)"
    )


def _unseen(count: int, background: Sequence[Row]) -> list[Row]:
    """Statements about further articles, which no table of the run has."""
    values = yaml.safe_load((ROOT / "conf" / "corpus" / "wikipedia-summaries.yaml").read_text(encoding="utf-8"))
    known = {row["document_id"] for row in background}
    wanted = {**values, "name": "wikipedia-summaries", "background": len(known) + count}
    corpus: Summaries = TypeAdapter(Summaries).validate_python(wanted)
    articles = [row for row in corpus.read(SEED).background if row["document_id"] not in known]
    passages = [Passage(row["document_id"], row["title"], row["text"]) for row in articles]
    return [{**vars(made), "answer": made.statement} for made in statements.construct(passages, SEED, KINDS)]


def _read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    main()
