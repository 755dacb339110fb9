"""OpenAI's Batch API: many chat requests as files, answered within a day at half the price.

The replies go into the cache in the form that `chat.ask` keeps, so whoever asks next finds them there.
https://platform.openai.com/docs/guides/batch
"""

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from judge.errors import ModelError
from judge.models import hosted, hosted_requests, retries
from judge.models.budget import Budget
from judge.models.chat_wire import WIRE, essence
from judge.models.endpoints import Endpoint
from judge.models.hosted import BATCH_PRICE_FACTOR
from judge.models.replies import ReplyStore
from judge.models.wires import Body, blocking_openai_client
from judge.tables.dry_run import DRY_RUN

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Batch


T = TypeVar("T")

POLL_S = 30.0
"""Seconds between two looks at a batch."""

# OpenAI's limits of one input file.
_MOST_REQUESTS = 50_000
_MOST_BYTES = 200_000_000
_URL: Final = "/v1/chat/completions"
_MARK = "judge_requests"
# The number of latest batches that are searched for one that a killed run had begun.
_SEARCHED = 500


def fill(endpoint: Endpoint, bodies: Sequence[Body], *, budget_usd: float | None, what: str) -> None:
    """Have the requests that the cache does not know answered by batches, and put their replies into the cache.

    A batch that an earlier run had begun is picked up. What a batch does not answer (a failed request, one that is missing
    or refused, a batch that failed or expired) is left to `hosted.ask`, which asks for it singly at the full price.

    Args:
        endpoint: where to, and at what price.
        bodies: JSON bodies of chat completions.
        budget_usd: dollars that all runs with this cache may pay together; None is no limit.
        what: the unit, shown by the progress.

    Raises:
        BudgetError: the batches could pass the budget; nothing is uploaded.
        ModelError: the key is missing or refused, the server has no batches, or it cannot be reached.
        Planned: in a dry run, with what would be asked, at half the price.
    """
    unique = {hosted.key_of(WIRE, endpoint, body): body for body in bodies}
    store = ReplyStore()
    try:
        waiting = {key: body for key, body in unique.items() if store.get(key) is None}
        if DRY_RUN.get():
            cached = len(unique) - len(waiting)
            raise hosted.plan(waiting.values(), WIRE, endpoint, what=what, cached=cached, price_factor=BATCH_PRICE_FACTOR)
        if waiting:
            _Batches(endpoint, store, what).fill(waiting, budget_usd)
    finally:
        store.close()


class _Batches:
    def __init__(self, endpoint: Endpoint, store: ReplyStore, what: str) -> None:
        self._endpoint = endpoint
        self._store = store
        self._what = what

    def fill(self, waiting: dict[str, Body], budget_usd: float | None) -> None:
        import openai

        try:
            with blocking_openai_client(self._endpoint) as client:
                begun = self._begun(client, waiting)
                fresh = {key: body for key, body in waiting.items() if key not in begun}
                if fresh:
                    Budget(self._store, budget_usd).require(
                        BATCH_PRICE_FACTOR * sum(self._endpoint.price(*WIRE.most_tokens(body)) for body in waiting.values()),
                        what=f"A batch of these {len(waiting)} requests",
                        state="Nothing was uploaded, and all that was paid for is kept.",
                        advice="raise budget_usd in params.yaml, or set batch: false to go as far as the budget allows.",
                    )
                for part in parts(fresh):
                    begun |= dict.fromkeys(part, self._begin(client, part))
                for batch_id in dict.fromkeys(begun.values()):
                    self._collect(client, batch_id, {key for key, its_batch in begun.items() if its_batch == batch_id})
        except openai.NotFoundError as error:
            raise ModelError(
                f"{self._endpoint.url} has no batches ({error.status_code}): {self._say(error)}\n"
                "Next: set batch: false in the option file; only OpenAI's own address is sure to have them.",
            ) from None
        except openai.OpenAIError as error:
            raise ModelError(
                f"The batches at {self._endpoint.url} cannot be used: {self._say(error)}\n"
                "Next: mend that and run the same command again; a batch that was begun is picked up.",
            ) from None

    def _begun(self, client: "OpenAI", waiting: dict[str, Body]) -> dict[str, str]:
        """The requests that a batch has already, by key, each with the id of its batch."""
        begun = {key: batch_id for key in waiting if (batch_id := self._store.job(_job(key))) is not None}
        for batch_id in set(begun.values()):
            if not self._is_known(client, batch_id):
                # Deleted, or of another account: these requests begin anew.
                gone = [key for key, its_batch in begun.items() if its_batch == batch_id]
                self._store.record({}, [], ended=map(_job, gone))
                begun = {key: its_batch for key, its_batch in begun.items() if its_batch != batch_id}
        return begun

    def _is_known(self, client: "OpenAI", batch_id: str) -> bool:
        import openai

        try:
            self._asked(lambda: client.batches.retrieve(batch_id))
        except openai.NotFoundError:
            return False
        return True

    def _begin(self, client: "OpenAI", part: dict[str, bytes]) -> str:
        """Upload a batch, or find the one that a run had begun when it was killed before it could take a note."""
        mark = hashlib.sha256("\n".join(part).encode()).hexdigest()
        upload = cache(lambda: client.files.create(file=("requests.jsonl", b"".join(part.values())), purpose="batch").id)

        def begin() -> str:
            # Looking comes first at every attempt: a batch may have been made although the reply was lost.
            for batch in islice(client.batches.list(limit=100), _SEARCHED):
                if self._is_of_use(client, batch, mark):
                    return batch.id
            return client.batches.create(input_file_id=upload(), endpoint=_URL, completion_window="24h", metadata={_MARK: mark}).id

        batch_id = self._asked(begin)
        self._store.record({}, [], begun=dict.fromkeys(map(_job, part), batch_id))
        return batch_id

    def _is_of_use(self, client: "OpenAI", batch: "Batch", mark: str) -> bool:
        import openai

        if (batch.metadata or {}).get(_MARK) != mark or batch.status not in ("validating", "in_progress", "finalizing", "completed"):
            return False
        if self._store.job(_collected(batch.id)) is not None:
            return False
        try:
            return batch.output_file_id is None or client.files.retrieve(batch.output_file_id).id == batch.output_file_id
        except openai.NotFoundError:
            return False

    def _collect(self, client: "OpenAI", batch_id: str, keys: set[str]) -> None:
        """Wait until a batch has ended, and keep what it brought."""
        batch = self._wait(client, batch_id, len(keys))
        output_id = batch.output_file_id
        text = "" if output_id is None else self._asked(lambda: client.files.content(output_id).text)
        replies: dict[str, Any] = {}
        payments: list[float] = []
        # Only \n ends a line: models write other line ends inside a text.
        for line in text.split("\n"):
            # A line that is no reply which can be read is treated like one that is missing.
            with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
                key, body = _reply_of(line)
                prompt, completion = WIRE.tokens(body)
                refused = WIRE.refusal(body) is not None
                if key in keys and key not in replies:
                    usd = BATCH_PRICE_FACTOR * self._endpoint.price(prompt, completion)
                    payments.append(usd)
                    if not refused:
                        replies[key] = hosted_requests.stored(body, (prompt, completion), batch=True)
        self._store.record(replies, payments, begun={_collected(batch_id): batch_id}, ended=map(_job, keys))
        faults = "; ".join(str(fault.message) for fault in (batch.errors and batch.errors.data) or [])
        left = f", {len(keys) - len(replies)} are left to be asked singly" if len(replies) < len(keys) else ""
        self._tell(f"{batch.id} {batch.status}: {len(replies)} of {len(keys)} requests answered{left}. {faults}".rstrip())

    def _wait(self, client: "OpenAI", batch_id: str, requests: int) -> "Batch":
        from tqdm import tqdm

        self._tell(f"{batch_id} has {requests} requests under way, for up to 24 hours; a run that is stopped picks it up again.")
        with tqdm(total=requests, unit=self._what, desc=self._what, disable=None, file=sys.stderr) as bar:
            while True:
                batch = self._asked(lambda: client.batches.retrieve(batch_id))
                counts = batch.request_counts
                if counts is not None:
                    bar.update(counts.completed + counts.failed - bar.n)
                if batch.status in ("completed", "failed", "expired", "cancelled"):
                    return batch
                time.sleep(POLL_S)

    def _asked(self, work: Callable[[], T]) -> T:
        """What the server says, asked again where a fault passes."""
        return retries.call(work, self._endpoint.retries)

    def _tell(self, message: str) -> None:
        sys.stderr.write(f"{self._what}: batch {self._endpoint.redact(message)}\n")

    def _say(self, error: Exception) -> str:
        return self._endpoint.redact(" ".join(str(error.__cause__ or error).split()))[:500]


def parts(bodies: dict[str, Body]) -> Iterator[dict[str, bytes]]:
    """Requests by key as lines of input files, as many to a file as OpenAI takes."""
    part: dict[str, bytes] = {}
    size = 0
    for key, body in bodies.items():
        line = json.dumps({"custom_id": key, "method": "POST", "url": _URL, "body": body}).encode() + b"\n"
        if part and (len(part) == _MOST_REQUESTS or size + len(line) > _MOST_BYTES):
            yield part
            part, size = {}, 0
        part[key] = line
        size += len(line)
    if part:
        yield part


def _job(key: str) -> str:
    return f"batch {key}"


def _collected(batch_id: str) -> str:
    return f"collected {batch_id}"


def _reply_of(line: str) -> tuple[str, Body]:
    """The key and the reply of a line of an output file; raises as `chat_wire.essence` does where it has none."""
    from openai.types.chat import ChatCompletion

    row = json.loads(line)
    if row["response"]["status_code"] != 200:
        message = "the request failed"
        raise ValueError(message)
    return str(row["custom_id"]), hosted_requests.with_valid_text(essence(ChatCompletion.construct(**row["response"]["body"])))
