"""100 million judgments on paper: time and money from the rates in metrics/bench.csv, prices in conf/, and assumptions that are named.

`python -m bench.scale` writes docs/scale.md from them in a few seconds; `--rows`, `--core-usd` and others put in what you know better.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import simulate, table
from bench.effort import option
from bench.page import fill, number
from bench.simulate import Interval, Server
from bench.table import Line
from judge.errors import JudgeError
from judge.models.endpoints import Endpoint

PAGE = Path("docs/scale.md")
SEEDS, HOSTED_SEEDS = 100, 10
HOSTED = ("openai", "openai-luna")
_DAY_H, _HOUR_S = 24.0, 3600.0
# Requests of a simulated run, and the tokens that conf/teacher lets a reply have at most.
_REQUESTS_SIMULATED, _LONGEST_REPLY = 20_000, 256
_BATCH_ROWS = 50_000
# Rows that a teacher is asked about so that a student can learn from them.
_TAUGHT = 10_000
_CALM, _STORMY = Server(1.5, 0.001, 0.002), Server(1.5, 0.05, 0.02)


class Assumed(NamedTuple):
    """What was not measured here."""

    rows: int = 100_000_000
    core_usd: float = 0.04
    gpu_usd: float = 3.0
    gpu_rate: float = 800e12
    gpu_share: float = 0.2
    reply_tokens: int = 60
    requests_per_minute: int = 10_000
    tokens_per_minute: int = 10_000_000
    batches_at_once: int = 40
    batch_h: float = 4.0
    nodes: int = 20
    cores: int = 16
    lifetime_h: float = 6.0
    absent_h: float = 0.1


_MEANINGS = {
    "rows": "judgments",
    "core_usd": "dollars for an hour of a core",
    "gpu_usd": "dollars for an hour of a GPU of the H100's class",
    "gpu_rate": "operations a second of its products in bfloat16",
    "gpu_share": "of which a transformer reaches this share",
    "reply_tokens": "tokens of a hosted teacher's reply: a sentence or two and the score",
    "requests_per_minute": "limit of the account at the hosted model",
    "tokens_per_minute": "limit of the account at the hosted model",
    "batches_at_once": f"batches of {_BATCH_ROWS:,} requests that the account may have at the server",
    "batch_h": "hours that a batch takes, in the median; a few expire after 24",
    "nodes": "nodes of a cluster",
    "cores": "cores of a node",
    "lifetime_h": "hours until a node of the cluster is lost, on average: cheap nodes that are taken back",
    "absent_h": "hours until another stands in its place",
}


def main() -> int:
    """Write the page; exit code 2 where a rate has not been measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    for name, default in Assumed()._asdict().items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default, metavar="N", help=_MEANINGS[name])
    assumed = Assumed(**vars(parser.parse_args()))
    try:
        lines = table.read()
        blocks = {"assumed": assumptions(lines, assumed), "costs": costs(lines, assumed), "simulated": simulated(lines, assumed)}
        fill(PAGE, blocks)
    except JudgeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def assumptions(lines: Sequence[Line], assumed: Assumed) -> str:
    """What is assumed, a line each, and how long a prompt was."""
    made = ["| assumed | value | option |", "|---|---|---|"]
    for name, value in assumed._asdict().items():
        shown = f"{value:,}" if value < 10**9 else f"{value:.0e}"
        made.append(f"| {_MEANINGS[name]} | {shown} | `--{name.replace('_', '-')}` |")
    made.append(f"| tokens of a hosted teacher's prompt | {number(_prompt_tokens(lines))} | counted |")
    return "\n".join(made) + "\n"


def costs(lines: Sequence[Line], assumed: Assumed) -> str:
    """Each way to judge all rows: its rate, how long it takes, what it costs, and where the figures are from."""
    made = ["| way | rows a second | takes | dollars | from |", "|---|---|---|---|---|"]
    tokens = _prompt_tokens(lines)
    for name in HOSTED:
        usd, endpoint = _usd(name, tokens, assumed), _endpoint(name, assumed)
        rate = hosted(endpoint, _CALM, tokens).mean
        half, days = usd / 2, batches(assumed).mean / _DAY_H
        made.append(_row(f"teacher={name}", rate, assumed, usd, "prices in conf/teacher; time simulated"))
        made.append(f"| teacher={name}, `batch: true` | – | {number(days)} days | {half:,.0f} | half the price; time simulated |")
    for peer in ("teacher=joined", "teacher=qwen2.5-1.5b-verdicts", "teacher=likelihood"):
        line = _found(lines, "teachers", peer)
        rate, cores = _measured(line.peer_median), _cores(line)
        made.append(_on_cores(f"{peer}, {cores} cores", rate, cores, assumed))
        if line.peer_limit and line.peer_dtype:
            made.append(_on_gpu(peer, line.peer_limit, line.peer_dtype, lines, assumed))
    student = _found(lines, "student", "CrossEncoder, float32")
    cores = _cores(student)
    made.append(_on_cores("the student, a core", student.ours_median / cores, 1, assumed))
    made.append(_on_cores(f"the student, {cores} cores", student.ours_median, cores, assumed))
    made.append(_distilled(student, hosted(_endpoint(HOSTED[0], assumed), _CALM, tokens).mean, tokens, assumed))
    if student.ours_limit and student.ours_dtype:
        made.append(_on_gpu("the student's encoder", student.ours_limit, student.ours_dtype, lines, assumed))
    hours, rate = clustered(lines, assumed).mean, student.ours_median / cores * assumed.cores
    usd = hours * assumed.nodes * assumed.cores * assumed.core_usd
    name = f"the student, a cluster of {assumed.nodes} nodes with {assumed.cores} cores"
    made.append(
        f"| {name} | {number(rate * assumed.nodes)} | {_long(hours)} | {usd:,.0f} | a core's rate, times the cores; losses simulated |"
    )
    return "\n".join(made) + "\n"


def simulated(lines: Sequence[Line], assumed: Assumed) -> str:
    """The simulations, each with its interval over seeds."""
    tokens = _prompt_tokens(lines)
    made = ["| simulated | mean | 95% interval of the mean | runs |", "|---|---|---|---|"]

    def add(what: str, found: Interval, unit: str) -> None:
        made.append(f"| {what} | {number(found.mean)} {unit} | {number(found.low)} to {number(found.high)} | {found.n} |")

    endpoint = _endpoint(HOSTED[0], assumed)
    plain = endpoint.model_copy(update={"requests_per_minute": None, "tokens_per_minute": None, "concurrency": 16})
    for name, server in (("calm", _CALM), ("stormy", _STORMY)):
        told = f"429 for {server.limited:.1%}, 5xx for {server.broken:.1%} of the attempts"
        add(f"hosted, 16 at a time, {name}: {told}", hosted(plain, server, tokens), "rows/s")
        at_once = f"{endpoint.concurrency} at a time, within the account's limits"
        add(f"hosted, {at_once}, {name}", hosted(endpoint, server, tokens), "rows/s")
    add("hosted by batch, all rows", batches(assumed), "hours")
    add("cluster, all rows", clustered(lines, assumed), "hours")
    add("cluster, no node lost", clustered(lines, assumed._replace(lifetime_h=1e9)), "hours")
    return "\n".join(made) + "\n"


def hosted(endpoint: Endpoint, server: Server, tokens: float) -> Interval:
    """Rows a second of a hosted teacher, over seeds; a row is one request, and counts with the longest reply that it may get."""
    weight = round(tokens) + _LONGEST_REPLY
    return simulate.runs(lambda seed: simulate.hosted(endpoint, server, _REQUESTS_SIMULATED, weight, seed).rate, HOSTED_SEEDS)


def batches(assumed: Assumed) -> Interval:
    """Hours of all rows by batch, over seeds."""
    count = max(1, -(-assumed.rows // _BATCH_ROWS))
    return simulate.runs(lambda seed: simulate.batched(count, assumed.batches_at_once, assumed.batch_h, seed), SEEDS)


def clustered(lines: Sequence[Line], assumed: Assumed) -> Interval:
    """Hours of all rows by the student on a cluster, over seeds; a node has as many rows in hand as a file's chunk has."""
    line = _found(lines, "student", "CrossEncoder, float32")
    rate = line.ours_median / _cores(line) * assumed.cores
    block = 128 * assumed.cores
    return simulate.runs(
        lambda seed: simulate.cluster(assumed.rows, assumed.nodes, rate, assumed.lifetime_h, assumed.absent_h, block, seed), SEEDS
    )


def _row(way: str, rate: float, assumed: Assumed, usd: float, origin: str) -> str:
    return f"| {way} | {number(rate)} | {_long(assumed.rows / rate / _HOUR_S)} | {usd:,.0f} | {origin} |"


def _on_cores(way: str, rate: float, cores: int, assumed: Assumed) -> str:
    return _row(way, rate, assumed, assumed.rows / rate / _HOUR_S * cores * assumed.core_usd, "measured")


def _distilled(student: Line, hosted_rate: float, tokens: float, assumed: Assumed) -> str:
    """A hosted teacher for the training rows, and the student for the others."""
    cores, others = _cores(student), assumed.rows - _TAUGHT
    hours = (_TAUGHT / hosted_rate + others / student.ours_median) / _HOUR_S
    usd = _usd(HOSTED[0], tokens, assumed) * _TAUGHT / assumed.rows + others / student.ours_median / _HOUR_S * cores * assumed.core_usd
    way = f"{_TAUGHT:,} rows by teacher={HOSTED[0]}, the others by the student, {cores} cores"
    return f"| {way} | {number(assumed.rows / hours / _HOUR_S)} | {_long(hours)} | {usd:,.0f} | as above |"


def _on_gpu(way: str, limit: float, dtype: str, lines: Sequence[Line], assumed: Assumed) -> str:
    """What a GPU would do: its rate, less what is not reached of it, over the operations of a row. None was there to measure on."""
    operations = _found(lines, "machine", dtype).ours_median * 1e9 / limit
    rate = assumed.gpu_rate * assumed.gpu_share / operations
    usd = assumed.rows / rate / _HOUR_S * assumed.gpu_usd
    return _row(f"{way}, a GPU", rate, assumed, usd, f"**not measured**: {number(operations / 1e9)}·10⁹ operations a row, scaled")


def _usd(name: str, tokens: float, assumed: Assumed) -> float:
    prices = option(f"teacher/{name}")["chat"]["endpoint"]
    asked, replied = tokens * prices["usd_per_million_prompt_tokens"], assumed.reply_tokens * prices["usd_per_million_completion_tokens"]
    return float(assumed.rows * (asked + replied) / 1e6)


def _endpoint(name: str, assumed: Assumed) -> Endpoint:
    """The option's own endpoint, within the account's limits, with as many requests under way as may be."""
    values: dict[str, Any] = option(f"teacher/{name}")["chat"]["endpoint"]
    limits = {"requests_per_minute": assumed.requests_per_minute, "tokens_per_minute": assumed.tokens_per_minute, "concurrency": 512}
    return Endpoint.model_validate({**values, **limits})


def _prompt_tokens(lines: Sequence[Line]) -> float:
    return _found(lines, "teachers", "tokens").ours_median


def _found(lines: Sequence[Line], work: str, name: str) -> Line:
    """The line of a work that has the name at the end of ours, of the peer, or of the unit.

    Raises:
        JudgeError: it was never measured.
    """
    for one in lines:
        if one.work == work and any((text or "").endswith(name) for text in (one.ours, one.peer, one.unit)):
            return one
    raise JudgeError(f"{table.BENCH_CSV} has nothing of {work}, {name}.\nNext: make bench WORK={work}.")


def _measured(value: float | None) -> float:
    if value is None:
        raise JudgeError(f"{table.BENCH_CSV} has an empty cell where a rate belongs.\nNext: make bench.")
    return value


def _cores(line: Line) -> int:
    """The threads that a line was measured with, as its machine's words have them."""
    words = line.machine.split(", ")[1].split()
    return int(words[0])


def _long(hours: float) -> str:
    return f"{number(hours)} hours" if hours < 2 * _DAY_H else f"{number(hours / _DAY_H)} days"


if __name__ == "__main__":
    sys.exit(main())
