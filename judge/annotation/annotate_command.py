"""The command `judge annotate`: the answers to label, and a page for them at an address of this machine."""

import argparse
import contextlib
import ipaddress
import secrets
import socket
import sys

from judge import tables
from judge.annotation import queues
from judge.errors import JudgeError
from judge.people import inclusion, labels
from judge.settings import Settings, check, read_params
from judge.tables.levels import LabelSettings
from judge.tables.schema import Row
from judge.web import addresses

UNCERTAIN = "uncertain"


class AnnotateError(JudgeError):
    """The page cannot be shown as it was asked for."""


class _Section(Settings):
    """The part of params.yaml that is read here; it gives a fault its full key."""

    seed: int
    label: LabelSettings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--annotator", metavar="NAME", help="who labels; without it the page asks, and several people can use it")
    parser.add_argument(
        "--rows", choices=[*queues.SPLITS], default="test", help="the answers to label: of test (default), of train, or all"
    )
    parser.add_argument(
        "--choose",
        choices=["random", UNCERTAIN],
        help="in a random order (default), or first where judges disagree or the student is unsure, mixed with a random share",
    )
    parser.add_argument(
        "--random-share", type=float, metavar="SHARE", help="with --choose uncertain: how much of the draw is uniform, above 0 to 1 (0.5)"
    )
    parser.add_argument(
        "--queue", metavar="NAME", help=f"a chosen queue, kept as data/labels/queues/NAME.jsonl; {UNCERTAIN} with --choose uncertain"
    )
    parser.add_argument("--levels", action="store_true", help="ask for one of the eleven levels 0.0 to 1.0 instead of acceptable or not")
    parser.add_argument("--host", default="127.0.0.1", help="the address to serve at; another than 127.0.0.1 lets other machines in")
    parser.add_argument("--port", type=int, default=0, help="the port to serve at; 0 (default) takes a free one")


def command(given: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C; exit code 0.

    Raises:
        AnnotateError: the arguments contradict each other, or there is nothing to label.
        AddressError: nobody can listen at the address.
        TableError: a table, the queue or a file of labels is missing or broken, or a name is none.
        SettingsError: `seed` or `label` of params.yaml cannot be used.
    """
    from judge.annotation.server import Asked, application, serve

    params = read_params()
    settings = check(_Section, {key: params[key] for key in ("seed", "label") if key in params})
    if given.annotator is not None:
        labels.path_of(given.annotator)
    # A line that is broken is said now, before anybody has labelled in vain.
    labels.read()
    by_id = {row["answer_id"]: row for row in tables.read(queues.SPLITS[given.rows])}
    name, order = _queue(given, by_id, settings)
    if not order and by_id:
        raise AnnotateError(
            f"No answer of {given.rows} is in the queue {name}, which was drawn for others.\n"
            "Next: `--choose uncertain --queue NAME` draws one for them."
        )
    if not order:
        raise AnnotateError(f"There is no answer to label in {queues.SPLITS[given.rows].path}.\nNext: `dvc repro` makes answers.")
    asked = Asked({item: by_id[item] for item in order}, name, settings.label.threshold, given.levels, given.annotator)
    token = secrets.token_urlsafe(24)
    with addresses.listen(given.host, given.port, waiting=socket.SOMAXCONN) as listening:
        host, port = listening.getsockname()[:2]

        def announce() -> None:
            _say(f"{len(order)} answers of {given.rows} in the queue {name}. Labels are written to {labels.FOLDER}/, each as it is given.")
            _say(f"Open {_address(host, port, token)} and stop with Ctrl-C.")
            if not ipaddress.ip_address(host).is_loopback:
                sys.stderr.write(
                    f"warning: whoever reaches port {port} of this machine and knows the address can label; it travels unencrypted. "
                    "Keep to 127.0.0.1 and an SSH tunnel in a network that is not yours.\n"
                )

        # uvicorn stops in order, and says again what stopped it.
        with contextlib.suppress(KeyboardInterrupt):
            serve(application(asked, token, given.host), listening, announce)
    _say(f"\nStopped. Every label that was given is in {labels.FOLDER}/; the same command goes on where it was.")
    return 0


def _queue(given: argparse.Namespace, by_id: dict[str, Row], settings: _Section) -> tuple[str, list[str]]:
    """The name of the queue and its answers in order; a chosen queue is drawn and written where it is new."""
    if given.choose is None and given.queue is None:
        _refuse_share(given, "it belongs to --choose uncertain")
        return given.rows, inclusion.random_order(list(by_id), settings.seed)
    if given.choose == "random":
        if given.queue is not None or given.random_share is not None:
            raise AnnotateError("--queue and --random-share belong to --choose uncertain, got random.\nNext: leave one of them out.")
        return given.rows, inclusion.random_order(list(by_id), settings.seed)
    name = given.queue or UNCERTAIN
    if queues.exists(name):
        _refuse_share(given, f"the queue {name} was drawn already, and stays as it is; --queue NAME draws another")
    elif given.choose is None:
        raise AnnotateError(f"There is no queue {name}.\nNext: add `--choose uncertain`, which draws it.")
    else:
        share = 0.5 if given.random_share is None else given.random_share
        if not 0.0 < share <= 1.0:
            raise AnnotateError(f"--random-share: got {share}, allowed is a number above 0 and at most 1.")
        if by_id:
            opinions = queues.opinions(list(by_id.values()))
            learnt = {item: queues.informative(opinion, settings.label.threshold) for item, opinion in opinions.items()}
            queues.write(name, queues.chances(learnt, share), settings.seed)
    written = queues.read(name) if by_id else []
    order = [item for item in written if item in by_id]
    _say_difference(name, len(written) - len(order), len(by_id) - len(order), given.rows)
    return name, order


def _refuse_share(given: argparse.Namespace, why: str) -> None:
    if given.random_share is not None:
        raise AnnotateError(f"--random-share cannot be used here: {why}.\nNext: leave it out.")


def _say_difference(name: str, gone: int, new: int, rows: str) -> None:
    """Say on stderr what became of the answers since a queue was drawn."""
    if gone:
        sys.stderr.write(f"note: {gone} answers of the queue {name} are not among those of {rows} and are not shown.\n")
    if new:
        sys.stderr.write(
            f"note: {new} answers of {rows} are not in the queue {name}; `--choose uncertain --queue NAME` draws one with them.\n"
        )


def _address(host: str, port: int, token: str) -> str:
    """The address to open: of a server that listens everywhere, by the machine's own name."""
    if ipaddress.ip_address(host).is_unspecified:
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{token}/"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    # The address is wanted now, also by who reads it through a pipe.
    sys.stdout.flush()
