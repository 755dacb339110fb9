"""How much memory is free, and whether a model fits into it: said before it loads, not by the system that kills the process."""

from pathlib import Path

from judge.errors import ModelError

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
        return free if limit == "max" else min(free, int(limit) - int(used))
    except (OSError, ValueError):
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
            "Next: close other programs, or take the small models, which need 2 GB: `dvc exp run -S questioner=gemma-3-270m "
            "-S 'generators=[smollm2-passage,gemma-passage,smollm2-closed-book]' -S teacher=likelihood`.",
        )
