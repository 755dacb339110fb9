"""Every figure that comes from people: judges against their verdict, people among themselves, tests of judges, and systems."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from judge.evaluation import annotator_figures, corrected, people_agreement, self_agreement, systems
from judge.evaluation.agreement import Judgments
from judge.evaluation.bootstrap import Array, Draws
from judge.evaluation.figures import ALL, NONE, PEOPLE, counted, measured
from judge.people import labels
from judge.people.labels import Label
from judge.tables.levels import ACCEPTABLE
from judge.tables.schema import Row


class Heard(NamedTuple):
    """What people said here.

    Attributes:
        labels: every label that counts; the verdicts that follow from them stand in `human_class` of the answers.
        chances: how likely each answer was to be put before people (`judge.people.inclusion`), by answer_id.
    """

    labels: Sequence[Label] = ()
    chances: Mapping[str, float] = MappingProxyType({})


def of_people(
    test: Sequence[Row],
    heard: Heard,
    judges: Mapping[str, Judgments],
    simple: Mapping[str, Judgments],
    threshold: float,
    epsilon: float,
    draws: Draws,
) -> list[Row]:
    """The figures of people, as rows of the table of figures; none where no person has spoken.

    An answer counts by what it stands for among those that might have been chosen, 1 / its chance.
    Verdicts that came with the corpus were not chosen here: where there is one, every answer counts once.

    Args:
        test: rows of the dataset table.
        heard: what people said.
        judges: judgments of `test` by teacher, student and baseline, the strongest simple judge.
        simple: those of every simple judge, by its name.
        threshold: a score or label strictly above it is acceptable.
        epsilon: what a judge is given ahead in the alternative annotator test.
        draws: the draws of `test`.
    """
    given = labels.by_item(heard.labels)
    verdicts, chances = _chosen(test, heard)
    brought = verdicts.keys() - given.keys()
    people = [None if row["human_class"] is None else row["human_class"] == ACCEPTABLE for row in test]
    weighted = draws.weighted(_weights(test, chances))
    ids = [str(row["answer_id"]) for row in test]
    means = [float(np.mean(list(given[item].values()))) if item in given else None for item in ids]
    return [
        *people_agreement.against_people(people, {**judges, **simple}, threshold, weighted),
        *_base_rate(verdicts, chances, test, weighted),
        *annotator_figures.against_annotators(given, ids, judges, threshold, weighted, epsilon),
        *annotator_figures.p_values(people, judges, threshold, None if brought else means),
    ]


def of_systems(test: Sequence[Row], heard: Heard, student: Judgments, threshold: float, draws: Draws) -> list[Row]:
    """What people would say of each generator, by the student and what they have labelled; arguments as those of `of_people`."""
    verdicts, chances = _chosen(test, heard)
    return systems.systems(test, student, verdicts, chances, threshold, draws)


def of_itself(judge: str, test: Sequence[Row], judgments: Sequence[Row], threshold: float, draws: Draws) -> list[Row]:
    """How far a judge that was asked several times agrees with itself on the test rows; none where it was not."""
    by_item = {row["item_id"]: row for row in judgments}
    if any(row["answer_id"] not in by_item for row in test):
        return []
    return self_agreement.self_agreement(judge, [by_item[row["answer_id"]] for row in test], threshold, draws)


def _base_rate(verdicts: Mapping[str, str], chances: Mapping[str, float], test: Sequence[Row], draws: Draws) -> list[Row]:
    """Which share of the answers people accept, and how many of them count by unequal chances; none where no person has spoken.

    Agreement means little without it: of answers that are nearly all acceptable anybody gets most right.
    """
    if not verdicts:
        return []
    ids = [str(row["answer_id"]) for row in test]
    said = np.array([float(verdicts[item] == ACCEPTABLE) if item in verdicts else np.nan for item in ids])
    chance = np.array([chances.get(item, np.nan) for item in ids])
    # What judges say of them has no part in it.
    unknown = np.zeros(len(ids))
    answers = corrected.Answers(unknown, unknown > 0, said, chance, draws.cluster_of)
    share = corrected.figure(corrected.labels_alone(answers), answers, draws.confidence)
    return [
        measured(PEOPLE, NONE, ALL, "acceptable_share", len(verdicts), share),
        counted(PEOPLE, NONE, "weighted", len(verdicts), 0 if draws.weights is None else len(verdicts)),
    ]


def _chosen(test: Sequence[Row], heard: Heard) -> tuple[dict[str, str], dict[str, float]]:
    """What people say of the answers that have a verdict, and how likely each of these was to be put before them."""
    given = labels.by_item(heard.labels)
    verdicts = {str(row["answer_id"]): str(row["human_class"]) for row in test if row["human_class"] is not None}
    # Where every answer has a verdict nothing was chosen, however it came about.
    if verdicts.keys() - given.keys() or len(verdicts) == len(test):
        return verdicts, dict.fromkeys(verdicts, 1.0)
    return verdicts, {item: heard.chances[item] for item in verdicts}


def _weights(test: Sequence[Row], chances: Mapping[str, float]) -> Array:
    """What each answer stands for, (answers,): 1 / its chance, and the mean of these for an answer that nobody labelled."""
    weights = {item: 1 / chance for item, chance in chances.items()}
    middle = float(np.mean(list(weights.values()))) if weights else 1.0
    return np.array([weights.get(str(row["answer_id"]), middle) for row in test])
