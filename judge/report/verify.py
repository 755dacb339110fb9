"""Whether a commit makes what it says: `judge verify` rebuilds the last commit in a scratch copy and compares every output.

What is rebuilt is HEAD; what is not committed is left out. What it is held against is what HEAD holds: its dvc.lock, the files of
metrics/ in git, and of the tables and models those in this folder that are the ones of dvc.lock. Nothing here is changed.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from judge.errors import SettingsError
from judge.report import rebuild
from judge.report.sameness import Likeness, Sameness, compare

_SHOWN = 5


class Verified(NamedTuple):
    """What became of one output; `likeness` is None where it cannot be told: other bytes, and nothing to compare them with."""

    stage: str
    path: str
    likeness: Likeness | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = (
        f"{__doc__.strip()}\n\n"
        "It takes as long as the first build did. Replies of hosted models are taken along, all other work is done anew.\n"
        "Each output has the same bytes, the same numbers to 6 digits (as on another kind of CPU), or is different.\n"
        "Exit code: 0 all are the same to 6 digits, 1 something differs, 2 it cannot be told."
    )
    parser.add_argument("--into", metavar="FOLDER", help="rebuild in this new folder and leave it there, instead of a temporary one")


def command(given: argparse.Namespace) -> int:
    """Print a line for each output, in the order in which stages run; exit code 0, 1 or 2 as the help says.

    Raises:
        JudgeError: this is no git repository, or its last commit has no dvc.lock.
        SettingsError: FOLDER is there already.
    """
    if given.into and Path(given.into).exists():
        raise SettingsError(f"--into: {given.into} is there already.\nNext: name a folder that is not, or remove it.")
    with tempfile.TemporaryDirectory(prefix="judge-verify-") as scratch:
        committed = Path(scratch) / "committed"
        rebuilt = Path(given.into) if given.into else Path(scratch) / "rebuilt"
        rebuild.extract(committed)
        rebuild.copy(committed, rebuilt)
        changed = rebuild.uncommitted()
        left_out = f"; left out is what is not committed: {', '.join(changed[:_SHOWN])}{', …' * (len(changed) > _SHOWN)}" if changed else ""
        sys.stderr.write(f"Rebuilding HEAD in {rebuilt}{left_out}\n")
        finished = rebuild.run(rebuilt)
        verified = verify(committed, rebuilt)
    sys.stdout.write(as_text(verified, finished=finished))
    return exit_code(verified, finished=finished)


def verify(committed: Path, rebuilt: Path) -> list[Verified]:
    """Compare every output of a rebuilt commit with what it was, in the order in which the stages ran.

    Args:
        committed: the files of the commit.
        rebuilt: the same after `dvc repro`.
    """
    lock = rebuilt / rebuild.LOCK
    if not lock.is_file():
        return []
    expected = {
        path: md5 for stage in rebuild.locked_stages(committed / rebuild.LOCK).values() for path, md5 in rebuild.outs(stage).items()
    }
    return [
        Verified(stage, path, _likeness(path, md5, expected.get(path), committed, rebuilt))
        for stage, entry in rebuild.locked_stages(lock).items()
        for path, md5 in rebuild.outs(entry).items()
    ]


def _likeness(path: str, md5: str, expected: str | None, committed: Path, rebuilt: Path) -> Likeness | None:
    if md5 == expected:
        return Likeness(Sameness.BYTES)
    if expected is None:
        return None
    # Figures are in git. Tables and models are in this folder, unless it was built anew since or never.
    for old in (committed / path, Path(path)):
        if rebuild.holds(old, expected):
            return compare(old, rebuilt / path)
    return None


def as_text(verified: list[Verified], *, finished: bool) -> str:
    """A line for each output, a sum, and the first stage that differs."""
    width = max((len(each.path) for each in verified), default=0)
    stages = max((len(each.stage) for each in verified), default=0)
    lines = [f"{each.stage:<{stages}}  {each.path:<{width}}  {_outcome(each)}" for each in verified]
    counts = Counter("cannot be told" if each.likeness is None else str(each.likeness.sameness) for each in verified)
    lines += ["", f"{len(verified)} outputs: " + (", ".join(f"{count} {name}" for name, count in counts.items()) or "none was made")]
    first = next((each for each in verified if each.likeness is not None and each.likeness.sameness is Sameness.DIFFERENT), None)
    if first is not None:
        lines.append(f"The first stage that differs: {first.stage}")
    if any(each.likeness is None for each in verified):
        lines.append(
            "What cannot be told has other bytes, and what HEAD made is not here.\nNext: `dvc checkout` or `dvc pull`, then this again."
        )
    if not finished:
        lines.append("The rebuild stopped before its end; what it said stands above. What is not listed was not made.")
    return "\n".join(lines) + "\n"


def exit_code(verified: list[Verified], *, finished: bool) -> int:
    """0 when every output is the same to 6 digits, 1 when one differs, 2 when it cannot be told."""
    if any(each.likeness is not None and each.likeness.sameness is Sameness.DIFFERENT for each in verified):
        return 1
    return 0 if finished and verified and all(each.likeness is not None for each in verified) else 2


def _outcome(verified: Verified) -> str:
    if verified.likeness is None:
        return "cannot be told"
    sameness, where = verified.likeness
    inside = where and where != Path(verified.path).name
    return f"{sameness}: {where}" if inside and sameness is not Sameness.BYTES else str(sameness)
