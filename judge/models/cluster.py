"""Work on a Ray cluster, through Ray Data: the same function over many pieces of work, on processes that keep what they have loaded.

Ray Data starts the processes, feeds them, and gives the work of one that is lost to another.
Whatever is to last, such as the store of replies, stays with the process that asked: a piece is done when its result is here.
"""

import importlib.util
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from judge.errors import ClusterError, JudgeError
from judge.models.folders import models_folder
from judge.settings import Settings

W = TypeVar("W")
R = TypeVar("R")

Runtime = Annotated[
    Literal["local", "ray"], Field(description="where models that run here are asked: in this process, or on a Ray cluster")
]
"""The setting `runtime`: it changes no output, so no stage runs again for it."""

ADDRESS_PATIENCE_S = 5.0
"""How long an address may take to be reached, and again how long to answer."""

# How HTTP/2 begins (RFC 9113, 3.4), which a cluster speaks: each side sends its settings, a frame whose fourth byte is its type.
_HTTP2_SETTINGS = b"\x04"
_HTTP2_OPENING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00" + _HTTP2_SETTINGS + b"\x00\x00\x00\x00\x00"
# What torch and transformers read as they load, for the processes on the nodes as for this one.
_PASSED_ON = ("GOMP_SPINCOUNT", "LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY")


class RaySettings(Settings):
    """Which cluster, and what each process there takes."""

    address: str = Field(
        min_length=1,
        description="local starts Ray on this machine for the run; auto is the cluster that this machine is a node of; or HOST:PORT of it",
    )
    workers: int | None = Field(ge=1, description="processes that hold the model; null is as many as the nodes have room for now")
    cpus: int = Field(ge=1, description="cores of a process that takes no GPU")
    gpus: float = Field(ge=0.0, description="GPUs of a process; 0.5 lets two share one")


RUNTIME: ContextVar[RaySettings | None] = ContextVar("runtime", default=None)
"""The cluster on which models that run here are asked; None is this process."""


@contextmanager
def chosen(runtime: Runtime, settings: RaySettings) -> Iterator[None]:
    """Ask models where the settings say, while the block runs."""
    token = RUNTIME.set(settings if runtime == "ray" else None)
    try:
        yield
    finally:
        RUNTIME.reset(token)


@contextmanager
def connected(settings: RaySettings) -> Iterator[None]:
    """Be connected to the cluster while the block runs; a process that is already connected to one stays with that.

    What Ray prints about nodes goes to standard error, since a table may be on its way to standard output.

    Raises:
        ClusterError: the package is missing, nothing answers at the address in `ADDRESS_PATIENCE_S`, or it is no cluster of this version of
            Ray.
    """
    # Read as the package loads: nothing is reported to its makers, and its inner parts write no lines of their own between ours.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    if settings.address == "local" and "RAY_AUTH_MODE" not in os.environ:
        # Whoever may talk to a Ray can run code in it, and a part of it listens on every interface.
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    if importlib.util.find_spec("ray") is None:
        raise ClusterError("Ray is not installed.\nNext: pip install 'the-judge-you-own[ray]', or runtime local.")
    import ray
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    if ray.is_initialized():
        yield
        return
    if settings.address not in ("local", "auto"):
        _require_answer(settings.address)
    alone: dict[str, Any] = {"_node_ip_address": "127.0.0.1", "include_dashboard": False} if settings.address == "local" else {}
    with redirect_stdout(sys.stderr):
        try:
            ray.init(
                settings.address,
                **alone,
                log_to_driver=False,
                logging_level=logging.ERROR,
                runtime_env={"py_modules": [str(Path(__file__).parents[1])], "env_vars": _environment()},
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _unreachable(settings.address, str(error).strip().splitlines()[0]) from None
        try:
            yield
        finally:
            ray.shutdown()


def mapped(run: Callable[[W], R], pieces: Sequence[W], settings: RaySettings, *, in_order: bool = False) -> Iterator[tuple[int, R]]:
    """Let the cluster run a function over pieces of work; to be called while `connected`.

    Args:
        run: what each process gets a copy of, before it has loaded anything, and keeps.
        pieces: all that is to be done.
        settings: what a process takes.
        in_order: whether results come in the order of the pieces, or as they are ready.

    Returns:
        The index of each piece and its result. A piece that was under way on a node that is lost runs again on another.

    Raises:
        ClusterError: no node has room for a process, one lacks a package, or the cluster gave the work up.
        JudgeError: what the function raised.
    """
    from ray.data import ActorPoolStrategy, DataContext, from_items
    from ray.exceptions import RayError, RayTaskError

    if not pieces:
        return
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = in_order
    work = from_items([_Piece(index, piece) for index, piece in enumerate(pieces)], override_num_blocks=len(pieces))
    results = work.map(
        # Ray Data makes one of it in each process; its types speak of functions alone.
        _Process,  # type: ignore[arg-type]
        fn_constructor_args=(run,),
        compute=ActorPoolStrategy(size=min(workers(settings), len(pieces))),
        num_cpus=None if settings.gpus else settings.cpus,
        num_gpus=settings.gpus or None,
    )
    try:
        for row in results.iter_rows():
            outcome = row["outcome"]
            if outcome.fault is not None:
                raise outcome.fault
            yield outcome.index, outcome.result
    except RayTaskError:
        # A fault of ours: it is shown as it is.
        raise
    except RayError as error:
        raise ClusterError(
            f"The cluster gave the work up: {str(error).strip().splitlines()[0]}\n"
            "Next: see the logs of its nodes (memory?), lower `workers`; the same command goes on where it was."
        ) from None


def workers(settings: RaySettings) -> int:
    """How many processes take part.

    Raises:
        ClusterError: none is named, and no node has room for one.
    """
    import ray

    if settings.workers is not None:
        return settings.workers
    name, each = ("GPU", settings.gpus) if settings.gpus else ("CPU", float(settings.cpus))
    room = [int(node["Resources"].get(name, 0.0) / each) for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]  # Ray has types in parts only
    if not any(room):
        raise ClusterError(
            f"None of the {len(room)} nodes of the cluster has {each:g} {name} for a process.\n"
            f"Next: ask for less of it a process, or name `workers` for a cluster that grows by itself."
        )
    return sum(room)


@dataclass(frozen=True)
class _Piece:
    """A piece of work, as an object of its own: Ray Data would take a list for a column."""

    index: int
    work: Any


@dataclass(frozen=True)
class _Outcome:
    index: int
    result: Any = None
    fault: JudgeError | None = None


class _Process:
    """What Ray Data starts on the nodes."""

    def __init__(self, run: Callable[[Any], Any]) -> None:
        self._run = run

    def __call__(self, row: dict[str, Any]) -> dict[str, _Outcome]:
        piece: _Piece = row["item"]
        try:
            outcome = _Outcome(piece.index, self._run(piece.work))
        except JudgeError as error:
            # As a value: what is raised is printed by Ray with the trace of its own machinery.
            outcome = _Outcome(piece.index, fault=error)
        except ModuleNotFoundError as error:
            lacking = ClusterError(
                f"The node {socket.gethostname()} lacks the package {error.name}.\nNext: install there what is installed here."
            )
            outcome = _Outcome(piece.index, fault=lacking)
        return {"outcome": outcome}


def _environment() -> dict[str, str]:
    """What the processes on the nodes find in their environment: models lie in the same folder there as here."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"JUDGE_MODELS": str(models_folder().resolve()), **passed_on}


def _require_answer(address: str) -> None:
    """Ray itself would wait for long, and end this process rather than raise."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ClusterError(f"{address} is no address of a cluster.\nNext: local, auto, or HOST:PORT, as `ray start` printed it.")
    try:
        with socket.create_connection((host, int(port)), timeout=ADDRESS_PATIENCE_S) as connection:
            connection.sendall(_HTTP2_OPENING)
            answer = connection.recv(9)
    except (OSError, OverflowError) as error:
        raise _unreachable(address, str(error)) from None
    if answer[3:4] != _HTTP2_SETTINGS:
        raise _unreachable(address, "what answers there is something else")


def _unreachable(address: str, why: str) -> ClusterError:
    return ClusterError(
        f"There is no Ray cluster to be had at {address}: {why}\n"
        "Next: check the address and `ray status` there; `ray start --head` makes this machine a cluster, and local takes none."
    )
