"""The store of replies: what it holds, and what several processes and faults do to it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from judge.errors import JudgeError
from judge.models.folders import cache_folder
from judge.models.replies import ReplyStore
from tests.conftest import ROOT

pytestmark = pytest.mark.usefixtures("workspace")


def test_a_reply_comes_back_as_it_was_put() -> None:
    """Any JSON value, by its key; another key has none."""
    store = ReplyStore()
    store.put("a", {"text": "0,7 – “yes”", "numbers": [0.1, None]})
    assert store.get("a") == {"text": "0,7 – “yes”", "numbers": [0.1, None]}
    assert store.get("b") is None
    store.close()


def test_the_store_lasts() -> None:
    """What was put is there when the file is opened again."""
    first = ReplyStore()
    first.record({"a": 1, "b": 2}, [0.25, 0.5], begun={"job": "id"})
    first.close()
    second = ReplyStore()
    assert (second.get("a"), second.get("b"), second.spent(), second.job("job")) == (1, 2, 0.75, "id")
    second.close()


def test_a_record_is_all_or_nothing() -> None:
    """A reply that cannot be stored takes the payments beside it along."""
    store = ReplyStore()
    with pytest.raises(TypeError):
        store.record({"a": 1, "b": object()}, [1.0])
    assert (store.get("a"), store.spent()) == (None, 0.0)
    store.put("a", 3)
    assert store.get("a") == 3
    store.close()


def test_a_job_is_remembered_until_it_is_dropped() -> None:
    """The id of a job outlives its process; a job that failed is forgotten."""
    store = ReplyStore()
    store.put_job("tune", "job-1")
    assert store.job("tune") == "job-1"
    store.drop_job("tune")
    assert store.job("tune") is None
    store.close()


def test_the_ledger_sums_what_every_run_paid() -> None:
    """Payments add up over several openings of the store."""
    for usd in (0.5, 0.25, 0.0):
        store = ReplyStore()
        store.pay(usd)
        store.close()
    store = ReplyStore()
    assert store.spent() == 0.75
    store.close()


def test_several_processes_write_at_once() -> None:
    """Four processes make the store together, and none loses a reply or a payment of another."""
    code = (
        "import sys; from judge.models.replies import ReplyStore\n"
        "store = ReplyStore()\n"
        "for number in range(25): store.record({f'{sys.argv[1]}-{number}': number}, [0.5])\n"
        "store.close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(name)], env={"PYTHONPATH": str(ROOT)}) for name in range(4)]
    assert [process.wait() for process in started] == [0, 0, 0, 0]
    store = ReplyStore()
    assert [store.get(f"{name}-{number}") for name in range(4) for number in range(25)] == [*range(25)] * 4
    assert store.spent() == 50.0
    store.close()


def test_a_store_that_is_no_database_says_what_to_do() -> None:
    """The message names the file, and that it may be deleted."""
    path = cache_folder() / "replies.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, and longer than the header of one" * 40)
    with pytest.raises(JudgeError, match=r"(?s)replies\.sqlite.*delete it"):
        ReplyStore()


def test_a_fault_while_it_is_open_says_what_to_do() -> None:
    """A table that has gone from under the store is no traceback."""
    store = ReplyStore()
    other = sqlite3.connect(cache_folder() / "replies.sqlite")
    other.execute("DROP TABLE replies")
    other.close()
    with pytest.raises(JudgeError, match=r"replies\.sqlite"):
        store.put("a", 1)


def test_a_folder_that_cannot_be_made_says_what_to_do() -> None:
    """A file where the folder of the cache should be is a clear error."""
    Path("file").write_text("", encoding="utf-8")
    with pytest.raises(JudgeError, match=r"replies\.sqlite"):
        ReplyStore(Path("file") / "replies.sqlite")
