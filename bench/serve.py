"""How fast `judge serve` is against `judge score`, how soon it answers, and that hostile bodies and stops do it no harm.

`python -m bench.serve` in a built project judges the same made-up rows by the command and by the server, in turns, and prints both rates;
then it asks single rows, first as fast as the server answers, then at half that rate at random moments, and prints how long each waited.
`--hostile N` sends so many hostile bodies, `--stops N` stops a server so many times under load.
The rows are questions and answers of data/dataset.jsonl of about 40 tokens on passages of about 230, three answers to a passage, or one
where rows are asked singly. Client and server share the machine's cores.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx

from judge import tables
from tests.serving import hostile_bodies
from tests.serving.served import Served, served

_PASSAGE_CHARACTERS = 1_000
_ANSWER_CHARACTERS = 170
_ROWS_A_REQUEST = 32
_CLIENTS = 8
_SINGLE_CLIENTS = 16
_PATIENCE_S = 120.0


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", type=Path, default=Path("data/student"), metavar="FOLDER")
    parser.add_argument("--rows", type=int, default=1_500, metavar="N", help="for the rates")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S", help="for the latencies")
    parser.add_argument("--times", type=int, default=3, metavar="N")
    parser.add_argument("--hostile", type=int, default=0, metavar="N")
    parser.add_argument("--stops", type=int, default=0, metavar="N")
    options = parser.parse_args()
    student = options.student.resolve()
    with tempfile.TemporaryDirectory() as folder:
        if options.hostile:
            _send_hostile(student, Path(folder), options.hostile)
        elif options.stops:
            _stop(student, Path(folder), options.stops)
        else:
            for _ in range(options.times):
                _rates(student, Path(folder), options.rows)
                _latencies(student, Path(folder), options.seconds)


def _rows(answers: int) -> Iterator[dict[str, Any]]:
    """Rows without end; no two passages are the same."""
    read = tables.read(tables.DATASET)
    texts = list(dict.fromkeys(row["context"] for row in read))
    said = [row["answer"] for row in read if row["answer"]]
    questions = cycle([row["question"] for row in read])
    following = cycle(said)
    for number, text in enumerate(cycle(texts)):
        passage = f"Number {number}. {text} {texts[(number + 1) % len(texts)]} {texts[(number + 2) % len(texts)]}"
        for question in islice(questions, answers):
            answer = f"Number {number}."
            while len(answer) < _ANSWER_CHARACTERS:
                answer += f" {next(following)}"
            yield {"question": question, "answer": answer[:_ANSWER_CHARACTERS], "context": passage[:_PASSAGE_CHARACTERS]}


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def _rates(student: Path, folder: Path, count: int) -> None:
    """The rate of the command without its start, and that of the server."""
    asked = list(islice(_rows(3), count))
    start_s, start_cpu_s = _score(student, folder, asked[:1])
    command_s, command_cpu_s = _score(student, folder, asked)
    command_s, command_cpu_s = command_s - start_s, command_cpu_s - start_cpu_s
    requests = [asked[start : start + _ROWS_A_REQUEST] for start in range(0, count, _ROWS_A_REQUEST)]
    with served(student, folder) as server:
        began_s, began_cpu_s = time.monotonic(), _server_cpu_s(server)
        asyncio.run(_closed(server.url, requests, _CLIENTS))
        server_s, server_cpu_s = time.monotonic() - began_s, _server_cpu_s(server) - began_cpu_s
    print(
        f"judge score {count / command_s:5.1f} rows/s, judge serve {count / server_s:5.1f} rows/s, {command_s / server_s:.0%}; CPU ms a row"
        f" {1000 * command_cpu_s / count:.1f} and {1000 * server_cpu_s / count:.1f}, {command_cpu_s / server_cpu_s:.0%}; {_load()}",
        flush=True,
    )


def _children_cpu_s() -> float:
    """Seconds of the processor of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _server_cpu_s(server: Served) -> float:
    """Seconds of the processor that a server has taken."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _score(student: Path, folder: Path, rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Seconds of `judge score`, and seconds of the processor."""
    source = folder / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    began_s, began_cpu_s = time.monotonic(), _children_cpu_s()
    command = [sys.executable, "-m", "judge", "score", str(source), str(folder / "out.jsonl"), "--student", str(student), "--restart"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - began_s, _children_cpu_s() - began_cpu_s


def _latencies(student: Path, folder: Path, seconds: float) -> None:
    """How long single rows wait at half of the rate that the server keeps up with."""
    rows = _rows(1)
    with served(student, folder) as server:
        first = [[row] for row in islice(rows, 150)]
        began_s = time.monotonic()
        asyncio.run(_closed(server.url, first, _SINGLE_CLIENTS))
        full = len(first) / (time.monotonic() - began_s)
        waited = sorted(asyncio.run(_open(server.url, [[row] for row in islice(rows, round(seconds * full / 2))], full / 2)))
    p50, p99 = (1000 * waited[min(len(waited) - 1, int(share * len(waited)))] for share in (0.5, 0.99))
    print(f"single rows: {full:5.1f} a second; at half of it p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(waited)}; {_load()}", flush=True)


async def _ask(client: httpx.AsyncClient, rows: Sequence[dict[str, Any]]) -> float:
    """Seconds of a request."""
    began_s = time.monotonic()
    reply = await client.post("/v1/judge", json={"rows": rows})
    reply.raise_for_status()
    return time.monotonic() - began_s


async def _closed(url: str, requests: Sequence[list[dict[str, Any]]], clients: int) -> None:
    """Ask all, so many at a time."""
    waiting = iter(requests)
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, trust_env=False) as client:

        async def ask_on() -> None:
            for rows in waiting:
                await _ask(client, rows)

        await asyncio.gather(*(ask_on() for _ in range(clients)))


async def _open(url: str, requests: Sequence[list[dict[str, Any]]], rate: float) -> list[float]:
    """Ask all at random moments, `rate` a second, whether those before are answered or not; the seconds of each."""
    generator = random.Random(0)
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, trust_env=False) as client:
        tasks = []
        for rows in requests:
            tasks.append(asyncio.create_task(_ask(client, rows)))
            await asyncio.sleep(generator.expovariate(rate))
        return list(await asyncio.gather(*tasks))


def _memory_mb(server: Served) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1000


def _send_hostile(student: Path, folder: Path, count: int) -> None:
    """Send hostile bodies, and print the statuses and the memory in ten steps."""
    generator = random.Random(0)
    row = next(_rows(1))
    good = json.dumps({"rows": [row]}).encode()
    statuses: Counter[int] = Counter()
    with served(student, folder) as server:
        server.post("/v1/judge", good)
        print(f"0 bodies: {_memory_mb(server):.0f} MB", flush=True)
        for number in range(1, count + 1):
            path = generator.choice(("/v1/judge", "/v1/systemone", "/v1/decisions"))
            statuses[server.post(path, hostile_bodies.body(generator, good)).status_code] += 1
            if number % max(1, count // 10) == 0:
                print(f"{number:,} bodies: {_memory_mb(server):.0f} MB, {dict(sorted(statuses.items()))}", flush=True)
        print(f"afterwards a row gets {server.post('/v1/judge', good).status_code}")


def _stop(student: Path, folder: Path, times: int) -> None:
    """Stop a server under load, again and again, and print how many requests it judged and how many of these answers came."""
    lost = judged = 0
    for number in range(times):
        with served(student, folder) as server:
            came = asyncio.run(_until_stopped(server, 0.5 + number % 10 / 10))
            code = server.process.wait(_PATIENCE_S)
            stopped = server.lines()[-1]
        judged += stopped["judged"]
        lost += stopped["judged"] - came
        print(f"stop {number + 1}: exit code {code}, judged {stopped['judged']}, came {came}; lost in all {lost} of {judged}", flush=True)


async def _until_stopped(server: Served, seconds: float) -> int:
    """Ask by eight clients, say SIGTERM after a while, and go on until nobody answers; how many answers came."""
    rows = list(islice(_rows(3), 3))
    came = 0
    async with httpx.AsyncClient(base_url=server.url, timeout=_PATIENCE_S, trust_env=False) as client:

        async def ask_on() -> None:
            nonlocal came
            while server.process.poll() is None:
                try:
                    reply = await client.post("/v1/judge", json={"rows": rows})
                except httpx.TransportError:
                    await asyncio.sleep(0.01)
                    continue
                came += reply.status_code == httpx.codes.OK

        async def stop() -> None:
            await asyncio.sleep(seconds)
            server.process.terminate()

        await asyncio.gather(stop(), *(ask_on() for _ in range(8)))
    return came


if __name__ == "__main__":
    main()
