"""The environment of an evaluation tool whose packages cannot live with the project's pins; made from its lock when it is first asked for.

It holds only what the project has not, or has in another version, and sees the project's packages behind its own: torch is installed
once, and a student judges there with the versions that the project pins. Run as a program, this file writes the lock of a tool anew.
"""

import fcntl
import hashlib
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".cache" / "evaluators"

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--python")


def lock_file(tool: str) -> Path:
    """Where the packages of a tool are pinned."""
    return Path(__file__).with_name(f"{tool}.lock")


def interpreter(tool: str) -> Path:
    """The Python of a tool's environment, which is made, or made anew where its lock has changed.

    Raises:
        CalledProcessError: the package index does not have, or cannot be asked for, what the lock names.
    """
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    stamp = ENVIRONMENTS / f"{tool}.made-from"
    made_from = hashlib.sha256(f"{lock_file(tool).read_text(encoding='utf-8')}\n{_project_packages()}".encode()).hexdigest()
    # Two runs of the tests may want the same environment.
    with (ENVIRONMENTS / f"{tool}.made-by").open("w") as made_by:
        fcntl.flock(made_by, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != made_from:
            python = _new(tool)
            subprocess.run([*_PIP, python, "install", "--no-deps", "--no-compile", "--requirement", lock_file(tool)], check=True)
            stamp.write_text(made_from, encoding="utf-8")
    return _python(tool)


def lock(tool: str) -> None:
    """Resolve the extra of a tool anew, beside the project's packages, and write what it needs besides them."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    python = _new(tool)
    # DeepEval has no extra: pip would refuse to install it beside huggingface_hub, which wants another click. Here that is only a warning.
    subprocess.run([*_PIP, python, "install", *extras.get(tool, [tool])], check=True)
    frozen = subprocess.run([*_PIP, python, "freeze", "--local"], check=True, capture_output=True, encoding="utf-8").stdout
    header = f"# What {tool} needs besides the packages of requirements.lock; made by `make lock-evaluators`.\n"
    lock_file(tool).write_text(header + frozen, encoding="utf-8")


def _new(tool: str) -> Path:
    """An environment without a package of its own, pip and setuptools included, which would stand before the project's."""
    folder = ENVIRONMENTS / tool
    venv.create(folder, clear=True, symlinks=True)
    # Files of this kind add to the end of the path: what the tool needs otherwise than the project is found first.
    own_packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (own_packages / "project.pth").write_text(f"{_project_packages()}\n", encoding="utf-8")
    return _python(tool)


def _python(tool: str) -> Path:
    return ENVIRONMENTS / tool / "bin" / "python"


def _project_packages() -> str:
    return sysconfig.get_path("purelib")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        lock(name)
