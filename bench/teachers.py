"""Teachers that run here beside each other: on statements of known truth about unseen articles, and against people's verdicts.

`python bench/teachers.py likelihood joined --begin FOLDER` fits each teacher on statements of the corpus' background articles, lets it
judge statements of other articles and replies of the BEGIN benchmark (Dziri et al. 2022; `begin_dev_wow.tsv` and its two siblings, which
this project does not carry), and prints a Markdown table, with word overlap beside them, alone and fitted on statements about the same
articles. Nothing is fitted on people's verdicts. Replies are kept in the project's cache, so a run that was stopped goes on; the seconds
a judgment are those of what this run asked.
"""

import argparse
import csv
import os
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import TypeAdapter
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from judge.dataset.summaries import Summaries
from judge.probes import statements
from judge.probes.donors import Passage
from judge.probes.overlap import measure
from judge.probes.statements import FALSE_KINDS
from judge.tables.items import Item
from judge.tables.schema import Row
from judge.teachers.registry import Teacher
from judge.teachers.teacher import TeacherOption

ROOT = Path(__file__).resolve().parent.parent
SEED = 17
THRESHOLD = 0.8
DATASETS = ("wow", "tc", "cmu")
LONGEST_KNOWLEDGE = 2500


class Judged(NamedTuple):
    """Items with their truth and the kind each is of."""

    items: list[Item]
    truth: list[bool]
    kinds: list[str]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teachers", nargs="+", metavar="TEACHER", help="option files of conf/teacher")
    parser.add_argument("--background", type=int, default=40, metavar="N", help="articles that they are fitted on")
    parser.add_argument("--articles", type=int, default=20, metavar="N", help="articles whose statements they judge")
    parser.add_argument("--begin", type=Path, default=None, metavar="FOLDER", help="where BEGIN's files lie")
    parser.add_argument("--replies", type=int, default=None, metavar="N", help="replies of each file, drawn by seed; all without it")
    options = parser.parse_args()
    os.environ.setdefault("JUDGE_CACHE", str(ROOT / ".cache"))
    read = TypeAdapter(Summaries).validate_python({**_option("corpus/wikipedia-summaries.yaml"), "name": "wikipedia-summaries"}).read(SEED)
    background = _passages(read.background[: options.background])
    sets = {"known truth": _statements(_passages(read.documents[: options.articles]))}
    if options.begin is not None:
        sets |= {f"BEGIN {name}": _replies(options.begin / f"begin_dev_{name}.tsv", options.replies) for name in DATASETS}
    counts = ", ".join(f"{len(own.items)} {name}" for name, own in sets.items())
    print(f"AUROC; fitted on {len(background)} passages; {counts}\n")
    columns = ["known truth", "exchanged names", "exchanged numbers", "worst accepted", *list(sets)[1:], "s a judgment"]
    print(f"| teacher | {' | '.join(columns)} |\n|---{'|---' * len(columns)}|")
    print(_line("share of known words", {name: [_known_share(item) for item in own.items] for name, own in sets.items()}, sets, 0.0))
    print(_line("word overlap, fitted on the same", _overlap(background, sets), sets, 0.0), flush=True)
    for name in options.teachers:
        teacher: TeacherOption = TypeAdapter(Teacher).validate_python({**_option(f"teacher/{name}.yaml"), "name": name})
        calibration = teacher.calibrate(background, SEED)
        start = time.perf_counter()
        # A failed judgment is none: it counts as neither, in the middle.
        scores = {
            of: [0.5 if one.score is None else one.score for one in teacher.judge(own.items, calibration)] for of, own in sets.items()
        }
        seconds = (time.perf_counter() - start) / sum(len(own.items) for own in sets.values())
        print(_line(name, scores, sets, seconds), flush=True)


def _overlap(background: Sequence[Passage], sets: dict[str, Judged]) -> dict[str, list[float]]:
    """What a logistic model of the teachers' own overlap features says, fitted on all statements of the same passages."""

    def features(items: Sequence[Item]) -> list[list[float]]:
        return [list(measure(item.answer or "", f"{item.context}\n{item.question}").values()) for item in items]

    known = _statements(background)
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000, class_weight="balanced"))
    fitted.fit(features(known.items), known.truth)
    return {name: fitted.predict_proba(features(own.items))[:, 1].tolist() for name, own in sets.items()}


def _line(name: str, scores: dict[str, list[float]], sets: dict[str, Judged], seconds: float) -> str:
    own, known = sets["known truth"], scores["known truth"]
    accepted = {
        kind: statistics.fmean(score > THRESHOLD for score, of in zip(known, own.kinds, strict=True) if of == kind)
        for kind in FALSE_KINDS
        if kind in own.kinds
    }
    worst = max(accepted, key=lambda kind: accepted[kind])
    cells = [_auroc(own, known), _auroc(own, known, "exchanged_names"), _auroc(own, known, "exchanged_numbers")]
    cells += [f"{accepted[worst]:.0%} of {worst}", *(_auroc(sets[of], scores[of]) for of in list(sets)[1:]), f"{seconds:.2f}"]
    return f"| {name} | {' | '.join(cells)} |"


def _auroc(judged: Judged, scores: Sequence[float], kind: str | None = None) -> str:
    """Of all true ones against all false ones, or against those of a kind."""
    chosen = [index for index, truth in enumerate(judged.truth) if truth or kind in (None, judged.kinds[index])]
    truth = [judged.truth[index] for index in chosen]
    return f"{roc_auc_score(truth, [scores[index] for index in chosen]):.3f}" if len(set(truth)) == 2 else "–"


def _known_share(item: Item) -> float:
    return 1.0 - measure(item.answer or "", f"{item.context}\n{item.question}")["new_words"]


def _passages(rows: Sequence[Row]) -> list[Passage]:
    return [Passage(row["document_id"], row["title"], row["text"]) for row in rows]


def _statements(passages: Sequence[Passage]) -> Judged:
    made = statements.construct(passages, SEED)
    return Judged([Item(s.question, s.statement, s.context) for s in made], [s.truth for s in made], [s.kind for s in made])


def _replies(path: Path, count: int | None) -> Judged:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["begin_label"] != "Generic"]
    rows = [row for row in rows if row["knowledge"] and row["response"]]
    random.Random(SEED).shuffle(rows)
    rows = rows[:count]
    items = [Item(row["message"], row["response"], row["knowledge"][:LONGEST_KNOWLEDGE]) for row in rows]
    return Judged(items, [row["begin_label"] == "Fully attributable" for row in rows], ["reply" for _ in rows])


def _option(name: str) -> dict[str, object]:
    values: dict[str, object] = yaml.safe_load((ROOT / "conf" / name).read_text(encoding="utf-8"))
    return values


if __name__ == "__main__":
    main()
