"""Whether the server's memory grows without bound: what the allocator has in use, apart from what it keeps though it is free.

`python -m bench.serve_memory` in a built project sends hostile bodies to the application in this process, without a network, and prints in
eight steps the memory in use, the resident memory once what is free has been given back, the number of Python's objects, and the
seconds of the processor; with `--lengths`, rows of all lengths instead. `--unbound` leaves out what the server says to torch.
Linux with glibc alone.
"""

import argparse
import asyncio
import ctypes
import gc
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bench.serve import _rows
from judge.serving import score_command, sources
from judge.serving.server import logs
from judge.serving.server.application import application
from judge.serving.server.batches import Batches
from judge.serving.server.limits import Access, Limits
from judge.serving.server.metrics import Metrics
from tests.serving import hostile_bodies

_ROUTES = ("/v1/judge", "/v1/systemone", "/v1/decisions")
_STEPS = 8
_NAMES = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _Allocated(ctypes.Structure):
    """What glibc's mallinfo2 says, in bytes and numbers."""

    _fields_ = [(name, ctypes.c_size_t) for name in _NAMES]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", type=Path, default=Path("data/student"), metavar="FOLDER")
    parser.add_argument("--bodies", type=int, default=48_000, metavar="N")
    parser.add_argument("--lengths", action="store_true", help="rows of all lengths instead of hostile bodies")
    parser.add_argument("--unbound", action="store_true", help="without what the server says to torch before it loads")
    options = parser.parse_args()
    if not options.unbound:
        score_command.set_up_torch()
    generator = random.Random(0)
    good = json.dumps({"rows": [next(_rows(1))]}).encode()

    def hostile() -> tuple[str, bytes]:
        return generator.choice(_ROUTES), hostile_bodies.body(generator, good)

    def of_any_length() -> tuple[str, bytes]:
        texts = [("What is" + " it" * generator.randrange(1, 9)), "It is" + " a thing" * generator.randrange(1, 40)]
        row = dict(zip(("question", "answer", "context"), [*texts, "Words" + " of some kind" * generator.randrange(1, 120)], strict=True))
        return "/v1/judge", json.dumps({"rows": [row]}).encode()

    logs.take_over()
    asyncio.run(_send(options.student, options.bodies, of_any_length if options.lengths else hostile))


async def _send(student: Path, count: int, body: Callable[[], tuple[str, bytes]]) -> None:
    limits, counted = Limits(), Metrics()
    batches = Batches(limits.queue, limits.deadline_ms / 1000, counted.batch)
    batches.start(lambda: sources.load(student), lambda: None)
    app = application(batches, limits, Access(), counted)
    judged = 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        while (await client.get("/ready")).status_code != httpx.codes.OK:  # noqa: ASYNC110 - it tells nobody by itself
            await asyncio.sleep(0.1)
        for number in range(count + 1):
            if number % max(1, count // _STEPS) == 0:
                print(f"{number:,} bodies, {judged:,} judged: {_memory()}, {time.process_time():.0f} s", flush=True)
            route, content = body()
            reply = await client.post(route, content=content, headers={"content-type": "application/json"})
            judged += reply.status_code == httpx.codes.OK
    batches.close()


def _memory() -> str:
    gc.collect()
    libc = ctypes.CDLL("libc.so.6")
    libc.mallinfo2.restype = _Allocated
    allocated = libc.mallinfo2()
    libc.malloc_trim(0)
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1000
    in_use = (allocated.uordblks + allocated.hblkhd) / 1e6
    return f"{in_use:.1f} MB in use, {resident:.0f} MB resident, {len(gc.get_objects()):,} objects"


if __name__ == "__main__":
    main()
