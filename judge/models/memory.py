"""How much memory is free, and whether a model fits into it: said before it loads, not by the system that kills the process."""

from pathlib import Path

from judge.errors import ModelError
from judge.models.pinned import SMALL_CHOICE

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_GB = 1e9


def free_bytes() -> int | None:
    """Bytes that a process may still take, by the machine and by its container; None where the system does not say."""
    try:
        fields = dict(line.split(":", 1) for line in _MEMINFO.read_text(encoding="ascii").splitlines())
        free = int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
    try:
        limit, used = ((_CGROUP / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
        kept = dict(line.split() for line in (_CGROUP / "memory.stat").read_text(encoding="ascii").splitlines())
        # Files that the system keeps in memory count as used, but give way: a model that was just read is one of them.
        files = int(kept["active_file"]) + int(kept["inactive_file"])
        return free if limit == "max" else min(free, int(limit) - int(used) + files)
    except (OSError, KeyError, ValueError):
        return free


def require(name: str, needed_gb: float) -> None:
    """Refuse to go on where too little memory is free.

    Args:
        name: of the model, for the message.
        needed_gb: 10^9 bytes that loading and asking it takes.

    Raises:
        ModelError: less is free.
    """
    free = free_bytes()
    if free is not None and free < needed_gb * _GB:
        raise ModelError(
            f"The model {name} needs about {needed_gb:g} GB of memory, but {free / _GB:.1f} GB are free.\n"
            f"Next: close other programs, or take the small models, which need 2 GB: {SMALL_CHOICE}",
        )
