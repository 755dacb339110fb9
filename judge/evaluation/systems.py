"""What people would say of each system: the shares of its answers that they accept, as rows of the table of figures."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from judge.evaluation.agreement import Judgments, is_acceptable
from judge.evaluation.bootstrap import FEWEST_CLUSTERS, Draws, Mask
from judge.evaluation.corrected import Answers, Rate, difference, figure, labels_alone, labels_equivalent, prediction_powered
from judge.evaluation.definitions import SYSTEMS
from judge.evaluation.figures import ALL, PEOPLE, counted, measured
from judge.evaluation.rogan_gladen import rogan_gladen
from judge.tables.levels import ACCEPTABLE
from judge.tables.schema import Row


def systems(
    rows: Sequence[Row],
    judge: Judgments,
    verdicts: Mapping[str, str],
    chances: Mapping[str, float],
    threshold: float,
    draws: Draws,
) -> list[Row]:
    """The figures of each generator, and of all answers together, sorted by generator.

    `labelled` is the share that people accept of the answers they have labelled, `corrected` the share by judge and people together
    (`corrected.prediction_powered`), `rogan_gladen` the same by the judge's errors, `labels_saved` how many more labels alone would have
    made an interval as narrow, `naive` the share that the judge accepts, and `judged` how many answers it has judged. `ahead`, of two
    generators, is the corrected share of the first less that of the second. What has no label has `labelled`, `naive` and `judged` alone.

    Args:
        rows: rows of the dataset table, in any order; at least one.
        judge: the judge's judgments of them, in their order; answers whose judgment failed are left out.
        verdicts: what people say of the answers that they labelled, acceptable or unacceptable, by answer_id.
        chances: how likely each answer was to be put before people (`people.inclusion`); a labelled answer without one is left out.
        threshold: a score strictly above it is acceptable.
        draws: the draws of `rows`; for the interval of `naive`, which is that of a judge who never errs.
    """
    confidence = draws.confidence
    kept = [(rows[number], number) for number in np.flatnonzero(judge.judged).tolist()]
    if not kept:
        return []
    order = [number for _, number in sorted(kept, key=lambda pair: str(pair[0]["answer_id"]))]
    chosen = [rows[number] for number in order]
    answers = Answers(
        probability=judge.probabilities[order],
        accepted=is_acceptable(judge.scores[order], threshold),
        people=np.array([_said(row["answer_id"], verdicts, chances) for row in chosen]),
        chance=np.array([chances.get(row["answer_id"], np.nan) for row in chosen]),
        document=np.unique([row["document_id"] for row in chosen], return_inverse=True)[1],
    )
    names = np.array([row["generator"] for row in chosen])
    slices = {ALL: np.ones(len(chosen), dtype=np.bool_)} | {f"generator={name}": names == name for name in sorted(set(names))}
    corrected: dict[str, tuple[Rate, Mask]] = {}
    made = []
    for part, own in slices.items():
        some = answers.of(own)
        made += _of_slice(part, answers, own, confidence)
        of_part = np.zeros(len(rows), dtype=np.bool_)
        of_part[np.array(order)[own]] = True
        accepted = is_acceptable(judge.scores[of_part], threshold)
        made.append(measured(SYSTEMS, PEOPLE, part, "naive", int(own.sum()), draws.of(of_part).share(accepted)))
        if part != ALL and len(set(some.document[some.labelled])) >= FEWEST_CLUSTERS:
            corrected[part.removeprefix("generator=")] = prediction_powered(some), own
    for (one, (rate, own)), (other, (other_rate, other_own)) in combinations(corrected.items(), 2):
        ahead = difference(rate, other_rate, answers.document[own], answers.document[other_own], confidence)
        labelled = int(answers.labelled[own | other_own].sum())
        made.append(measured(SYSTEMS, PEOPLE, f"pair={one},{other}", "ahead", labelled, ahead))
    return made


def _of_slice(part: str, answers: Answers, own: Mask, confidence: float) -> list[Row]:
    some = answers.of(own)
    labelled = int(some.labelled.sum())
    alone, corrected = (labels_alone(some), prediction_powered(some)) if labelled else (None, None)
    made = [measured(SYSTEMS, PEOPLE, part, "labelled", labelled, figure(alone, some, confidence))]
    if alone is not None and corrected is not None:
        share = figure(corrected, some, confidence)
        made += [
            measured(SYSTEMS, PEOPLE, part, "corrected", labelled, share),
            measured(SYSTEMS, PEOPLE, part, "rogan_gladen", labelled, rogan_gladen(answers, own, confidence)),
        ]
        if share.low is not None:
            saved = round(labels_equivalent(corrected, alone, labelled) - labelled)
            made.append(counted(SYSTEMS, PEOPLE, "labels_saved", labelled, saved, part))
    judged = len(some.people)
    return [
        *made,
        counted(SYSTEMS, PEOPLE, "judged", judged, judged, part),
    ]


def _said(answer: str, verdicts: Mapping[str, str], chances: Mapping[str, float]) -> float:
    if answer not in verdicts or answer not in chances:
        return np.nan
    return float(verdicts[answer] == ACCEPTABLE)
