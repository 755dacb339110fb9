"""Content hashes: ids that are the same wherever the text is the same, and choices that no neighbour disturbs."""

import hashlib
from collections.abc import Iterable


def content_id(*parts: object) -> str:
    """The first 16 hexadecimal digits of the SHA-256 over the parts, each ended by a separator that no text holds."""
    return digest(*parts)[:16]


def digest(*parts: object) -> str:
    """The SHA-256, in hexadecimal, over the parts."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def shuffled(items: Iterable[str], *salt: object) -> list[str]:
    """The items in a random order, in which the order of any two depends on the two and the salt alone.

    Ordering by a salted hash (rendezvous hashing, Thaler and Ravishankar 1998) shuffles like a seeded generator,
    but an added item moves none of the others past each other.
    """
    return sorted(items, key=lambda item: digest(*salt, item))


def unit_hash(*parts: object) -> float:
    """A number in [0, 1), uniform over texts, that depends on the parts alone."""
    return int(digest(*parts)[:13], 16) / 16**13
