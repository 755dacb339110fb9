"""Linear layers in 8-bit integers: twice as fast as bfloat16 where the processor multiplies bytes (AVX-512 VNNI, AMX).

Weights are scaled for each output, activations for each token, both symmetrically around 0 (Dettmers et al. 2022, without their
outlier columns). Sums of integers are exact, so a token's result does not depend on what shares its batch.
"""

import weakref
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# Tokens that a feed-forward block reads at once: its middle is several times as wide as the rest, and what outgrows the processor's
# cache, or is so large that the system maps and unmaps it each time, halves the speed.
_TOKENS = 512
_LARGEST = 127.0
# Activations are bytes without a sign whose zero is here: products of unsigned and signed bytes are what processors have.
_ZERO = 128
_SMALLEST_SCALE = 1e-8


def is_supported(device: torch.device) -> bool:
    """Whether 8-bit layers run on this device and gain something: on processors that multiply bytes without overflow."""
    return device.type == "cpu" and bool(torch.cpu._is_vnni_supported())  # noqa: SLF001 - torch says it nowhere else


def quantise(model: "PreTrainedModel") -> None:
    """Put 8-bit layers in the place of every linear layer of the decoder's blocks; embeddings and output head stay as they are."""
    # transformers types the decoder as any module.
    for layer in model.get_decoder().layers:  # type: ignore[no-untyped-call]
        for module in [each for each in layer.modules() if not isinstance(each, torch.nn.Linear)]:
            shared = _Input()
            # A file of weights stays mapped, and counts as memory, while any of them is in use: the few small ones that stay are copied.
            for weight in module.parameters(recurse=False):
                weight.data = weight.data.clone()
            for name, child in list(module.named_children()):
                if isinstance(child, torch.nn.Linear):
                    setattr(module, name, Int8Linear(child, shared))
                elif name == "mlp":
                    setattr(module, name, _InPieces(child))


class _Input:
    """The last input of layers that read the same one, as bytes: query, key and value do, and the two halves of a gate."""

    def __init__(self) -> None:
        self._of: weakref.ref[torch.Tensor] | None = None
        self._bytes = torch.empty(0)
        self._scales = torch.empty(0)

    def quantised(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Bytes without sign (tokens, width), and scales (tokens, 1), of states of any leading shape."""
        if self._of is None or self._of() is not states:
            flat = states.reshape(-1, states.shape[-1])
            # The largest magnitude; torch's aminmax finds the same ten times as slowly.
            scales = flat.abs().amax(dim=1, keepdim=True).float().clamp_(min=_SMALLEST_SCALE).div_(_LARGEST)
            self._bytes = torch.div(flat, scales).round_().add_(_ZERO).to(torch.uint8)
            self._scales = scales
            self._of = weakref.ref(states)
        return self._bytes, self._scales


class _InPieces(torch.nn.Module):
    """A block in which no token sees another, a few tokens at a time."""

    def __init__(self, block: torch.nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """What the block makes of states of shape (..., width), in that shape."""
        flat = states.reshape(-1, states.shape[-1])
        return torch.cat([self.block(piece) for piece in torch.split(flat, _TOKENS)]).reshape(states.shape)


class Int8Linear(torch.nn.Module):
    """A linear layer whose product is one of bytes."""

    def __init__(self, linear: torch.nn.Linear, shared: _Input) -> None:
        super().__init__()
        weight = linear.weight.detach()
        self.scales = weight.abs().amax(dim=1).float().clamp_(min=_SMALLEST_SCALE).div_(_LARGEST)
        # A few rows at a time, as with the tokens of a block: the whole as floats takes four times as long.
        pieces = zip(torch.split(weight, _TOKENS), torch.split(self.scales[:, None], _TOKENS), strict=True)
        rounded = torch.cat([torch.div(part, scales).round_().to(torch.int8) for part, scales in pieces])
        self.packed = torch.ops.onednn.qlinear_prepack(rounded, None)
        self.zeros = torch.zeros(len(self.scales), dtype=torch.int64)
        self.offsets = None if linear.bias is None else linear.bias.detach().float()
        self.dtype = weight.dtype
        self._shared = shared

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """The layer's output for states of shape (..., inputs): (..., outputs), in the dtype that its weights had."""
        values, scales = self._shared.quantised(states)
        outputs: torch.Tensor = torch.ops.onednn.qlinear_pointwise(
            values, 1.0, _ZERO, self.packed, self.scales, self.zeros, None, 1.0, 0, torch.float32, "none", [], ""
        ).mul_(scales)
        if self.offsets is not None:
            outputs.add_(self.offsets)
        return outputs.to(self.dtype).reshape(*states.shape[:-1], -1)
