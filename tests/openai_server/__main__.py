"""Serve as a process of its own: `python -m tests.openai_server --port 8080 --latency 1`."""

import argparse
import signal
import threading
from collections.abc import Sequence

from tests.openai_server.server import OpenAIServer
from tests.openai_server.state import Model


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is told to stop; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description="A loopback server that speaks OpenAI's wire.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
    parser.add_argument("--key", help="the API key to demand")
    parser.add_argument("--rpm", type=int, help="requests a minute, enforced")
    parser.add_argument("--mix", default="", help="faults and their shares, such as 429=0.1,500=0.05")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the mix")
    parser.add_argument("--retry-after", type=float, default=1.0, help="seconds that the fault 429 names")
    parser.add_argument("--model", action="append", default=[], help="one more model to know; may be repeated")
    options = parser.parse_args(arguments)
    with OpenAIServer(port=options.port, latency_s=options.latency) as server:
        server.key, server.retry_after_s = options.key, options.retry_after
        server.models |= {name: Model() for name in options.model}
        server.mix({name: float(share) for name, share in (one.split("=") for one in options.mix.split(",") if one)}, seed=options.seed)
        if options.rpm is not None:
            server.requests_per_minute, server.enforce_rate = options.rpm, True
        told = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: told.set())
        print(server.base_url, flush=True)  # noqa: T201 - whoever started the process reads it
        told.wait()


if __name__ == "__main__":
    main()
