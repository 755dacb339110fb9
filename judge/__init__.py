"""Distil a strong LLM judge into a small one that you own, and measure how close it came."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from judge.serving.sources import load as load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    """`judge.load`, imported when it is first asked for: importing the package costs nothing, and no stage depends on it for that."""
    if name == "load":
        return import_module("judge.serving.sources").load
    raise AttributeError(f"module 'judge' has no attribute {name!r}")
