"""Note the hashes of the project's code, a file a package: what the other stages depend on.

DVC would hash the folders of code themselves, which lie outside this project, with the bytecode that Python leaves in them: its list
of files to ignore ends at the project's own folder. So this stage always runs, in a moment, and the others where a hash has changed.
"""

import hashlib
from pathlib import Path

from evidence.stages import FOLDER
from judge.tables import atomic

_ENDINGS = (".py", ".j2")


def main() -> None:
    """Write data/code/NAME.txt for each package of judge and for `top`, the files beside them."""
    packages = {path.parent.name: path.parent for path in sorted(Path("judge").glob("*/__init__.py"))}
    named = {name: sorted(folder.rglob("*")) for name, folder in packages.items()}
    # Nothing imports the command line, so no stage does otherwise after an edit of it.
    named["top"] = [*(path for path in sorted(Path("judge").glob("*.py")) if path.stem != "__main__"), Path("stages/__init__.py")]
    with atomic.new_folder(FOLDER / "data/code") as folder:
        for name, files in named.items():
            lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n" for path in files if path.suffix in _ENDINGS]
            (folder / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
    print(f"the code of {len(named)} packages is noted")


if __name__ == "__main__":
    main()
