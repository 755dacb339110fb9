"""What the machine is, and how fast its matrix products are: the limit of whatever computes on it."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import torch

Dtype = Literal["float32", "bfloat16", "int8"]
DTYPES: tuple[Dtype, ...] = ("float32", "bfloat16", "int8")
# Of a square product: one of them fits a processor's cache best.
_SIDES = (512, 1024, 2048)
_SECONDS = 1.0
# What products of matrices are made of, newest first, as /proc/cpuinfo spells it.
_INSTRUCTIONS = ("amx_int8", "amx_bf16", "avx512_bf16", "avx512_vnni", "avx_vnni", "avx512f", "avx2", "asimddp", "bf16")


class Machine(NamedTuple):
    """A machine in words, and operations a second of its products by dtype: a multiplication and its addition are two."""

    words: str
    rates: dict[str, float]


def measure(sides: tuple[int, ...] = _SIDES, seconds: float = _SECONDS) -> Machine:
    """Describe this machine, without its name, and measure its products; the side that is fastest counts."""
    import torch

    rates: dict[str, float] = {dtype: max(_rate(_product(dtype, side), side, seconds) for side in sides) for dtype in DTYPES}
    threads = torch.get_num_threads()
    words = f"{os.cpu_count()} cores, {threads} threads, {_processor()}, {' '.join(_instructions()) or 'no vector instructions known'}"
    return Machine(words, rates)


def _product(dtype: Dtype, side: int) -> "Callable[[], torch.Tensor]":
    """A product of two matrices as the models here compute it; that of bytes is a linear layer's."""
    import torch

    drawn = torch.randn(side, side, generator=torch.Generator().manual_seed(17))
    if dtype == "int8":
        return _product_of_bytes(drawn)
    left = drawn.to(getattr(torch, dtype))
    return lambda: left @ left


def _product_of_bytes(drawn: "torch.Tensor") -> "Callable[[], torch.Tensor]":
    import torch

    side = len(drawn)
    packed = torch.ops.onednn.qlinear_prepack((drawn * 30).round().clamp(-127, 127).to(torch.int8), None)
    values, scales, zeros = (drawn * 30 + 128).clamp(0, 255).to(torch.uint8), torch.ones(side), torch.zeros(side, dtype=torch.int64)

    def product() -> "torch.Tensor":
        found: torch.Tensor = torch.ops.onednn.qlinear_pointwise(
            values, 1.0, 128, packed, scales, zeros, None, 1.0, 0, torch.float32, "none", [], ""
        )
        return found

    return product


def _rate(product: "Callable[[], torch.Tensor]", side: int, seconds: float) -> float:
    """Operations a second of the fastest tenth of the products that fit into the time: a limit is what nothing else slows down."""
    product()
    taken: list[float] = []
    while sum(taken) < seconds or len(taken) < 2:
        start = time.perf_counter()
        product()
        taken.append(time.perf_counter() - start)
    return 2 * side**3 / statistics.quantiles(taken, n=10)[0]


def _processor() -> str:
    """The maker's name of the processor, where the system tells it."""
    return _cpuinfo().get("model name") or platform.machine()


def _instructions() -> list[str]:
    known = set((_cpuinfo().get("flags") or _cpuinfo().get("Features") or "").split())
    return [name for name in _INSTRUCTIONS if name in known]


def _cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo; empty where there is no such file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
