"""The settings of a student: what is refused, and what reading them costs."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from tests.conftest import ROOT
from tests.students.examples import causal_lm, late_interaction, openai

HEAVY = {"torch", "transformers", "llama_index", "openai", "httpx", "sklearn", "pandas", "matplotlib", "scipy", "peft"}
NETWORK = {"asyncio", "ssl", "judge.models.hosted", "judge.models.chat_wire"}


@pytest.mark.parametrize("module", ["judge.students.options", "judge.distillation.settings"])
def test_reading_settings_loads_no_network_stack_and_no_heavy_package(module: str) -> None:
    """In a fresh interpreter neither a package that takes seconds is there, nor a module that sends requests."""
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split())
    assert module in loaded
    assert not loaded & (HEAVY | NETWORK)


def test_a_reference_supports_no_sentence() -> None:
    """A student that would read nothing of a reference is refused; beside other features the kind is no fault."""
    with pytest.raises(ValidationError, match="encoder or overlap among `features`"):
        late_interaction(evidence="reference", features=["support"])
    assert late_interaction(evidence="reference", features=["overlap", "support"])


@pytest.mark.parametrize("worded", [openai, causal_lm])
@pytest.mark.parametrize("prompt", ["{question} {answer}", "{question} {answer} {context} {reference}", "{context} {answer}", "Well?"])
def test_a_prompt_needs_the_placeholders_of_its_evidence_and_no_other(worded: Any, prompt: str) -> None:
    """The error names the key and the placeholders."""
    with pytest.raises(
        ValidationError, match=r"`prompt`, with evidence=context, a text with \{answer\}, \{context\}, \{question\} and no other"
    ):
        worded(prompt=prompt, evidence="context")


def test_a_prompt_for_both_kinds_of_evidence_has_both() -> None:
    """With evidence=both the passage and the reference have to be in it."""
    prompt = "{question} {answer} {context} {reference}"
    assert openai(prompt=prompt, evidence="both").prompt == prompt


def test_values_out_of_range_are_refused() -> None:
    """Each kind states its ranges."""
    with pytest.raises(ValidationError, match="less than or equal to 64"):
        late_interaction(heads=65)
