"""Whether the project makes the same again: `judge verify` rebuilds it in a scratch copy and compares every output.

What is rebuilt are the files that git tracks, as they stand in this folder now, and the data that people put in (data/raw);
what it is held against are the outputs in this folder. Nothing here is changed.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from judge.errors import SettingsError
from judge.report import rebuild
from judge.report.sameness import Likeness, Sameness, compare


class Verified(NamedTuple):
    """What became of one output; `likeness` is None where it cannot be told, since the output is not here to compare with."""

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
        JudgeError: this is no git repository, or nothing has been built here.
        SettingsError: FOLDER is there already.
    """
    folder = Path(given.into) if given.into else Path(tempfile.mkdtemp(prefix="judge-verify-"))
    if given.into and folder.exists():
        raise SettingsError(f"--into: {folder} is there already.\nNext: name a folder that is not, or remove it.")
    try:
        rebuild.copy(folder)
        sys.stderr.write(f"Rebuilding what git tracks here, as it stands now, in {folder}\n")
        finished = rebuild.run(folder)
        verified = verify(folder)
    finally:
        if not given.into:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(as_text(verified, finished=finished))
    return exit_code(verified, finished=finished)


def verify(rebuilt: Path) -> list[Verified]:
    """Compare every output of a rebuilt project with the one here, in the order in which the stages ran."""
    lock = rebuilt / rebuild.LOCK
    if not lock.is_file():
        return []
    here = {path: md5 for stage in rebuild.locked_stages(rebuild.LOCK).values() for path, md5 in rebuild.outs(stage).items()}
    verified = []
    for stage, entry in rebuild.locked_stages(lock).items():
        for path, md5 in rebuild.outs(entry).items():
            likeness: Likeness | None = None
            if Path(path).exists():
                likeness = compare(Path(path), rebuilt / path)
            elif here.get(path) == md5:
                # A fresh clone has no tables before `dvc pull`; dvc.lock says what they were.
                likeness = Likeness(Sameness.BYTES)
            verified.append(Verified(stage, path, likeness))
    return verified


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
        lines.append("What cannot be told is not in this folder, and was other bytes. Next: `dvc pull`, then the same command.")
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
        return "cannot be told: not here"
    sameness, where = verified.likeness
    inside = where and where != Path(verified.path).name
    return f"{sameness}: {where}" if inside and sameness is not Sameness.BYTES else str(sameness)
