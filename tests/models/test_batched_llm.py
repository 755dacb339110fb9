"""A batch of prompts through llama-index's HuggingFaceLLM."""

import pytest

from judge.dataset.local_generator import HuggingFace
from judge.models.local_llm import DecodingSettings, LocalLLM
from tests.conftest import option


@pytest.mark.usefixtures("workspace")
def test_a_batched_completion_is_the_one_that_the_parent_class_gives() -> None:
    """Padding and batching change nothing: each prompt alone through llama-index's own `complete` gives the same text."""
    generator = option("generator", "smollm2-passage", HuggingFace)
    settings = generator.model.model_copy(update={"dtype": "float32"})
    decoding = DecodingSettings(max_new_tokens=12, temperature=0.0, top_p=1.0, stop=[], batch_size=8)
    llm = LocalLLM(settings, decoding, is_chat=False, seed=1).llm()
    prompts = ["The capital of Peru is", "In 1535, Francisco Pizarro founded the city of", "Water boils at"]
    alone = [llm.complete(prompt, formatted=True).text.lstrip() for prompt in prompts]
    assert alone == llm.complete_batch(prompts)


def test_a_completion_is_cut_at_the_first_stop_text() -> None:
    """Whichever comes first in the text, and it goes as well; space at the beginning never counts."""
    from judge.models.batched_llm import _until

    assert _until("\n Lima.\nQuestion: x\n\n", ["Question:", "\n"]) == "Lima."
    assert _until(" Lima", ["\n"]) == "Lima"
