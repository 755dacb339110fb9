"""How long `chat.ask` takes for many judgments, beside the tutorial's loop, which asks one at a time.

`python bench/hosted.py` starts a loopback server in a process of its own and prints a Markdown table, in about two minutes.
The ideal is the time with `concurrency` requests under way all the time: ceil(requests / concurrency) x latency.
The packages are imported and one reply has come before each clock starts.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

from judge.models import chat
from judge.models.chat import ChatModel
from judge.models.endpoints import Endpoint
from judge.models.wires import Body, Failure

ROOT = Path(__file__).resolve().parent.parent
FAULTS = "429=0.1,500=0.05,cut=0.02,malformed=0.01"
PASSAGE = "The town lies on the river and has 3,200 inhabitants, a mill of 1782 and a railway station. " * 12


class Row(NamedTuple):
    """A line of the table."""

    what: str
    seconds: float
    ideal_s: float | None
    outcome: str


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, metavar="N")
    parser.add_argument("--concurrency", type=int, default=64, metavar="N")
    parser.add_argument("--latency", type=float, default=1.0, metavar="S", help="seconds that every answer of the server takes")
    parser.add_argument("--loop", type=int, default=20, metavar="N", help="requests of the loop that asks one at a time")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of `chat.ask` without faults")
    parser.add_argument("--retry-after", type=float, default=1.0, metavar="S", help="seconds that a 429 of the fault mix names")
    options = parser.parse_args()
    ideal_s = math.ceil(options.requests / options.concurrency) * options.latency
    rows = []
    with serve(options.latency) as url:
        rows.append(time_loop(url, options.loop, options.requests))
    for number in range(options.repeat):
        with serve(options.latency) as url:
            rows.append(time_ask(url, options.requests, options.concurrency, f"chat.ask, no faults, run {number + 1}", ideal_s))
    with serve(options.latency, "--mix", FAULTS, "--retry-after", str(options.retry_after)) as url:
        rows.append(time_ask(url, options.requests, options.concurrency, f"chat.ask, faults {FAULTS}", ideal_s))
    load = os.getloadavg()[0]
    print(
        f"{options.requests} judgments, {options.latency:g} s latency, concurrency {options.concurrency}; load of the machine {load:.1f}\n"
    )
    print("| what | time | of the ideal | outcome |\n|---|---|---|---|")
    for row in rows:
        ratio = "" if row.ideal_s is None else f"{row.seconds / row.ideal_s:.2f} x {row.ideal_s:g} s"
        print(f"| {row.what} | {row.seconds:.1f} s | {ratio} | {row.outcome} |")


@contextmanager
def serve(latency_s: float, *more: str) -> Iterator[str]:
    """A server of its own process, which does not share this one's interpreter; its base URL."""
    command = [sys.executable, "-m", "tests.openai_server", "--latency", str(latency_s), *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield "" if process.stdout is None else process.stdout.readline().strip()
        finally:
            process.terminate()


def judge_of(url: str, concurrency: int) -> ChatModel:
    """A judge of the size that conf/teacher has."""
    endpoint = Endpoint(
        base_url=url,
        api_key_env=None,
        concurrency=concurrency,
        requests_per_minute=None,
        tokens_per_minute=None,
        retries=8,
        timeout_s=60.0,
        usd_per_million_prompt_tokens=2.0,
        usd_per_million_completion_tokens=8.0,
    )
    return ChatModel(model="gpt-4.1", temperature=0.0, max_tokens=300, max_tokens_name="max_tokens", extra={}, endpoint=endpoint)


def bodies_of(model: ChatModel, requests: int) -> list[Body]:
    """Requests of a judge's length, each for another answer."""
    texts = [f"Passage: {PASSAGE}\nQuestion: How many live there?\nAnswer {number}: {number} people." for number in range(requests)]
    system = {"role": "system", "content": "Grade the answer from 0.0 to 1.0; end with `Score: ` and the grade."}
    return [chat.body_of(model, [system, {"role": "user", "content": text}], logprobs=True, top_logprobs=20) for text in texts]


def time_loop(url: str, requests: int, of: int) -> Row:
    """The tutorial's way: llama-index, one request after the other; measured on a few and extrapolated."""
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    model = judge_of(url, 1)
    llm = OpenAILike(model=model.model, api_key="none", api_base=url, is_chat_model=True, temperature=0.0, max_tokens=model.max_tokens)
    conversations = [
        [ChatMessage(role=message["role"], content=message["content"]) for message in body["messages"]]
        for body in bodies_of(model, requests + 1)
    ]
    llm.chat(conversations[-1])
    begun = time.perf_counter()
    for conversation in conversations[:-1]:
        llm.chat(conversation)
    seconds = (time.perf_counter() - begun) * of / requests
    return Row("one at a time, as the tutorial does", seconds, None, f"extrapolated from {requests} requests")


def time_ask(url: str, requests: int, concurrency: int, what: str, ideal_s: float) -> Row:
    """All requests through `chat.ask`, with an empty cache and a budget to keep."""
    model = judge_of(url, concurrency)
    bodies = bodies_of(model, requests + 1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUDGE_CACHE"] = folder
        chat.ask(model, bodies[-1:], budget_usd=1000.0, what="request")
        begun = time.perf_counter()
        replies = chat.ask(model, bodies[:-1], budget_usd=1000.0, what="request")
        seconds = time.perf_counter() - begun
    with urlopen(f"http://{urlsplit(url).netloc}/state") as reply:
        state = json.load(reply)
    missing = sum(isinstance(one, Failure) for one in replies)
    faults = ", ".join(f"{count} of {name}" for name, count in sorted(state["faults"].items())) or "none"
    twice = sum(count > 1 for count in state["paid"].values())
    return Row(what, seconds, ideal_s, f"{len(replies)} rows, {missing} of them null, {twice} paid for twice; faults met: {faults}")


if __name__ == "__main__":
    main()
