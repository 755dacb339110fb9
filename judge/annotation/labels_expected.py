"""How precise labels would make the two figures that people are asked for: kappa with the judge, and the share of good answers."""

from typing import TYPE_CHECKING

from judge.errors import TableError
from judge.evaluation import figures, label_plan
from judge.evaluation.figures import PEOPLE

if TYPE_CHECKING:
    import pandas as pd


def as_text(table: "pd.DataFrame") -> str:
    """The half-widths to expect of several numbers of labels; where people have spoken, what they have told so far.

    Args:
        table: the table of figures.
    """
    found = figures.look_up(table, "student", "kappa", PEOPLE)
    lines = [""]
    if found is not None and found.value is not None:
        interval = "no interval yet" if found.low is None else f"[{found.low:.3f}, {found.high:.3f}]"
        lines.append(f"So far the student agrees with people at Cohen's kappa {found.value:.3f} {interval}, on {found.n} answers of test.")
    try:
        given = label_plan.assumed(table)
    except TableError:
        return "\n".join(lines) + "\n" if found else ""
    confidence = f"{given.confidence:.0%}"
    lines += [
        f"What to expect of labels of test answers, if people agree with the student as the teacher does, at kappa {given.kappa:.2f}:",
        f"labels  {confidence} interval of kappa  of the share of a system's answers that people accept",
        *(f"{each.labels:>6}  {f'± {each.kappa:.2f}':<22}  ± {each.share:.2f}" for each in label_plan.plan(given)),
        "The share is by labels of one system's answers: `judge systems` has it for each. `judge gate` says how many labels it misses.",
    ]
    return "\n".join(lines) + "\n"
