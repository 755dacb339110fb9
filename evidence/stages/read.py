"""Read a published file, label its rows, and set some of its documents aside to learn from."""

import re
from collections import Counter

from evidence.stages import Params, judgments, run, write_rows
from judge import tables
from judge.dataset import labels, splits
from judge.dataset.corpora import Corpus
from judge.dataset.recorded import Recorded
from judge.errors import SettingsError
from judge.settings import Settings
from judge.tables.items import rows_to_judge
from judge.tables.levels import LabelSettings
from judge.teachers import recorded
from stages import settings


class Config(Settings):
    """The option of the project that is read."""

    corpus: Corpus


def main(params: Params, name: str) -> None:
    """Write data/rows/NAME: train.jsonl and test.jsonl, or all.jsonl, and where an answer has several scores single/SCORE.jsonl."""
    wanted = params.read[name]
    corpus = settings(Config, [f"corpus={wanted.corpus}", f"corpus.file=evidence/data/published/{wanted.file}"]).corpus
    if not isinstance(corpus, Recorded):
        raise SettingsError(f"read.{name}.corpus: got {wanted.corpus}, allowed is an option of kind recorded.")
    read = corpus.read(params.seed)
    for what, reason in read.skipped:
        print(f"left out {what}: {reason}")
    ids = [row["answer_id"] for row in read.recorded]
    judged = tables.judgment_rows(ids, recorded.judgments(read.recorded))
    rows = labels.label(rows_to_judge([], [], [], read.recorded), judged, LabelSettings(threshold=wanted.threshold))
    sides = {"all": rows}
    if wanted.train_fraction is not None:
        cut = splits.split(rows, splits.SplitSettings(train_fraction=wanted.train_fraction, group_by="document"), params.seed)
        sides = {"train": cut.train, "test": cut.test}
    for side, of_side in sides.items():
        write_rows(f"data/rows/{name}/{side}.jsonl", of_side)
        counts = Counter(row["human_class"] or row["teacher_class"] for row in of_side)
        print(f"{side}: {len(of_side)} rows of {len({row['document_id'] for row in of_side})} documents, {dict(sorted(counts.items()))}")
    if wanted.single_scores is not None:
        for score, rows_of_score in _single(corpus, wanted.single_scores, params.seed).items():
            given = recorded.judgments(rows_of_score)
            tables.write(judgments(f"rows/{name}/single/{score}"), tables.judgment_rows([row["answer_id"] for row in rows_of_score], given))


def _single(corpus: Recorded, pattern: str, seed: int) -> dict[str, list[tables.Row]]:
    """The recorded rows with one of their scores each, by the group of the pattern that takes it."""
    (column,) = corpus.columns.scores
    taken = {**corpus.extract, column: pattern}
    return {
        score: corpus.model_copy(update={"extract": taken, "columns": corpus.columns.model_copy(update={"scores": [score]})})
        .read(seed)
        .recorded
        for score in re.compile(pattern).groupindex
    }


if __name__ == "__main__":
    run(main, "read")
