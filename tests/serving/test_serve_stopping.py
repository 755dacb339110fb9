"""`judge serve` under more load than it bears, and stopped in the middle of it."""

import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.serving.served import ROW, Served, rows, served


def asking(server: Served, statuses: Counter[object], retries: list[str], *, until: threading.Event) -> None:
    """Ask again and again until told to stop, and note each answer; a connection that is refused or cut off before one is `none`."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        while not until.is_set():
            try:
                reply = client.post("/v1/judge", json={"rows": rows(3)})
            except httpx.TransportError:
                statuses["none"] += 1
                if server.process.poll() is not None:
                    return
                continue
            statuses[reply.status_code] += 1
            assert 200 != reply.status_code or 3 == len(reply.json()["judgments"])
            retries.extend(reply.headers.get_list("retry-after"))


def load(server: Served, clients: int, statuses: Counter[object], retries: list[str], until: threading.Event) -> list[threading.Thread]:
    """So many clients that ask at once."""
    threads = [threading.Thread(target=asking, args=(server, statuses, retries), kwargs={"until": until}) for _ in range(clients)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.parametrize("time", range(3))
def test_a_stop_under_load_loses_no_accepted_request(folder: Path, tmp_path: Path, time: int) -> None:
    """Each request that the server judged has its whole answer at its client, the others hear that it stops, and it exits with 0."""
    statuses: Counter[object] = Counter()
    until = threading.Event()
    with served(folder, tmp_path) as server:
        threads = load(server, 6, statuses, [], until)
        while statuses[200] < 10 + 7 * time:
            pass
        assert 0 == server.stop()
        until.set()
        for thread in threads:
            thread.join(60)
        stopped = server.lines()[-1]
    assert ("stopped", statuses[200]) == (stopped["event"], stopped["judged"])
    assert {200, 503, "none"} >= set(statuses)


def test_more_than_there_is_room_for_is_told_to_come_again(folder: Path, tmp_path: Path) -> None:
    """429 with Retry-After, while others are judged; afterwards all is as before."""
    statuses: Counter[object] = Counter()
    retries: list[str] = []
    until = threading.Event()
    with served(folder, tmp_path, "--queue", "3", "--max-rows", "3") as server:
        threads = load(server, 6, statuses, retries, until)
        while min(statuses[200], statuses[429]) < 5:
            pass
        until.set()
        for thread in threads:
            thread.join(60)
        assert {200, 429} == set(statuses)
        assert statuses[429] == len(retries)
        assert all(int(seconds) >= 1 for seconds in retries)
        assert 200 == server.post("/v1/judge", {"rows": [ROW]}).status_code
