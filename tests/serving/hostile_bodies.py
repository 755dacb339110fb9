"""Bodies that no request should have."""

import json
import random
from typing import Any


def body(generator: random.Random, good: bytes) -> bytes:
    """A body that somebody sends who means no good, or whose program is broken."""
    kind = generator.randrange(6)
    if kind == 0:
        return generator.randbytes(generator.randrange(2000))
    if kind == 1:
        return good[: generator.randrange(len(good))]
    if kind == 2:
        return generator.choice([b"[", b'{"rows":', b'{"rows":[{"question":']) * generator.randrange(1, 3000)
    if kind == 3:
        changed = bytearray(good)
        for _ in range(generator.randrange(1, 9)):
            changed[generator.randrange(len(changed))] = generator.randrange(256)
        return bytes(changed)
    values: list[Any] = [None, True, -1, 1e400, "\ud800", "\x00", [], {}, [[]], {"a": []}, "9" * 5000, float("nan")]
    row = {name: generator.choice(values) for name in ("question", "answer", "context", "reference", "id")}
    bodies: list[Any] = [{"rows": [row]}, {"rows": row}, {"model": "m", "state": row, "questions": generator.choice(values)}, values]
    return json.dumps(generator.choice(bodies)).encode() if kind == 4 else b'{"rows": [{"id": ' + b"9" * generator.randrange(9000) + b"}]}"
