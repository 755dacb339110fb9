"""A Ray cluster on loopback: the node of whoever asks, which computes nothing, and two that compute, of which one can be killed.

`python -m tests.ray_nodes` is the process that holds it: Ray takes over the signals and streams of a process, and leaves files open.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from judge.models.cluster import RaySettings
from tests.conftest import ROOT

# A node that is silent for so long counts as lost; by default it is a quarter of a minute.
_LOST = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 4}
_NODE: dict[str, Any] = {"node_ip_address": "127.0.0.2", "num_gpus": 0, "object_store_memory": 100 << 20}


class Nodes(NamedTuple):
    """A cluster.

    Attributes:
        address: as `ray start` prints it.
        raylets: of each node that computes, the process that is the parent of all that runs there.
        environment: of whoever asks: the token, without which nobody on this machine is let in, and where our packages are.
    """

    address: str
    raylets: list[int]
    environment: dict[str, str]

    @property
    def settings(self) -> RaySettings:
        """Processes of one core on this cluster."""
        return RaySettings(address=self.address, workers=None, cpus=1, gpus=0.0)

    def kill(self, raylet: int) -> None:
        """End a node and all that runs on it, as a power cut would."""
        for pid in [raylet, *_children(raylet)]:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def nodes() -> Iterator[Nodes]:
    """The cluster while the block runs; no process of it is left after it."""
    command = [sys.executable, "-m", "tests.ray_nodes"]
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    environment = {**os.environ, **token, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address, raylets = json.loads(process.stdout.readline())
        yield Nodes(address, raylets, environment)
        # Its end of input is its end.
        process.communicate()


def hold() -> None:
    """Hold a cluster until the end of the standard input."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, "_system_config": _LOST, **_NODE})
    computing = [cluster.add_node(num_cpus=1, **_NODE) for _ in range(2)]
    sys.stdout.write(json.dumps([cluster.address, [node.all_processes["raylet"][0].process.pid for node in computing]]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.shutdown()  # type: ignore[no-untyped-call]  # Ray has types in parts only


def wait_for(file: Path, lines: int, process: subprocess.Popen[str]) -> list[str]:
    """The lines of a log, when there are so many; nothing is waited for that a process which has ended would have written."""
    while True:
        is_running = process.poll() is None
        found = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if len(found) >= lines or not is_running:
            return found
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    """The processes that have this one as their parent."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text(encoding="utf-8")
        except OSError:
            # It has ended meanwhile.
            continue
        if f"\nPPid:\t{pid}\n" in text:
            found.append(int(status.parent.name))
    return found


if __name__ == "__main__":
    hold()
