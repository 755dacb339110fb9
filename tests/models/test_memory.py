"""Whether a model fits into memory is said before it loads, from what the system tells."""

from pathlib import Path

import pytest

from judge.errors import ModelError
from judge.models import memory


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 4 GB free, in no container."""
    (tmp_path / "meminfo").write_text("MemTotal:  9000000 kB\nMemAvailable:    3906250 kB\n", encoding="ascii")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    return tmp_path


def _limit(system: Path, limit: str, used: int, file: int = 0) -> None:
    (system / "memory.max").write_text(f"{limit}\n", encoding="ascii")
    (system / "memory.current").write_text(f"{used}\n", encoding="ascii")
    (system / "memory.stat").write_text(f"anon 1\nactive_file {file}\ninactive_file {file}\n", encoding="ascii")


@pytest.mark.usefixtures("system")
def test_too_little_memory_is_refused_with_both_numbers_and_the_small_choice() -> None:
    """What is needed, what is free, and what runs in less."""
    with pytest.raises(ModelError, match=r"(?s)big needs about 5 GB .* 4\.0 GB are free.*Next: .*teacher=likelihood"):
        memory.require("big", 5.0)


@pytest.mark.usefixtures("system")
def test_enough_memory_is_no_fault() -> None:
    """Exactly what is needed is enough."""
    memory.require("big", 4.0)


def test_the_limit_of_a_container_counts_where_it_is_lower(system: Path) -> None:
    """What it may still take, not what the machine around it has."""
    _limit(system, "3000000000", used=1000000000)
    assert memory.free_bytes() == 2000000000
    _limit(system, "9000000000", used=1000000000)
    assert memory.free_bytes() == 4000000000


def test_files_that_the_system_keeps_in_memory_are_free(system: Path) -> None:
    """A container counts the cache of files as used, though it gives way: a model that was just read would else leave no room."""
    _limit(system, "3000000000", used=2900000000, file=1000000000)
    assert memory.free_bytes() == 2100000000


def test_a_container_without_a_limit_has_what_the_machine_has(system: Path) -> None:
    """The limit is a word then."""
    _limit(system, "max", used=1)
    assert memory.free_bytes() == 4000000000


def test_a_system_that_does_not_say_is_not_refused(system: Path) -> None:
    """Without /proc nothing is known, and nothing is stopped."""
    (system / "meminfo").unlink()
    assert memory.free_bytes() is None
    memory.require("big", 1e6)
