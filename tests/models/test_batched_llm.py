"""A batch of prompts through llama-index's HuggingFaceLLM."""

import pytest

from judge.dataset.local_generator import HuggingFace
from judge.models.batched_llm import BatchedHuggingFaceLLM, _ids, padded_length
from judge.models.local_llm import DecodingSettings, LocalLLM
from tests.conftest import option

PROMPTS = [
    "The capital of Peru is",
    "In 1535, Francisco Pizarro founded the city of",
    "Water boils at",
    "The Danube rises in the Black Forest of Germany and flows 2,850 km to the Black Sea. How long is the Danube?",
]


def _llm(**changes: object) -> BatchedHuggingFaceLLM:
    generator = option("generator", "smollm2-passage", HuggingFace)
    decoding = DecodingSettings.model_validate(
        {"max_new_tokens": 12, "temperature": 0.0, "top_p": 1.0, "stop": [], "batch_size": 4} | changes
    )
    return LocalLLM(generator.model, decoding, is_chat=False, seed=1).llm()


@pytest.fixture(scope="module", params=[0.0, 0.8])
def llm(request: pytest.FixtureRequest) -> BatchedHuggingFaceLLM:
    """The small model, which takes the likeliest token or draws one."""
    return _llm(temperature=request.param, top_p=0.95)


@pytest.mark.usefixtures("workspace")
def test_a_batched_completion_is_the_one_that_the_parent_class_gives() -> None:
    """Padding and batching change nothing: each prompt alone through llama-index's own `complete` gives the same text."""
    generator = option("generator", "smollm2-passage", HuggingFace)
    settings = generator.model.model_copy(update={"dtype": "float32"})
    decoding = DecodingSettings(max_new_tokens=12, temperature=0.0, top_p=1.0, stop=[], batch_size=8)
    llm = LocalLLM(settings, decoding, is_chat=False, seed=1).llm()
    alone = [llm.complete(prompt, formatted=True).text.lstrip() for prompt in PROMPTS]
    assert alone == llm.complete_batch(PROMPTS)


def test_a_completion_is_the_same_whatever_shares_its_batch(llm: BatchedHuggingFaceLLM) -> None:
    """In bfloat16, the likeliest or drawn: in another order, and in a batch of copies of itself."""
    seeds = {prompt: number for number, prompt in enumerate(PROMPTS)}

    def complete(prompts: list[str]) -> list[str]:
        return llm.complete_batch(prompts, seeds=[seeds[prompt] for prompt in prompts])

    together = complete(PROMPTS)
    assert together == complete(PROMPTS[::-1])[::-1]
    assert together == [complete([prompt] * len(PROMPTS))[0] for prompt in PROMPTS]


def test_the_scores_of_a_row_are_the_same_to_the_last_bit_whatever_shares_its_batch(llm: BatchedHuggingFaceLLM) -> None:
    """The text could hide a difference in the last digits, so the keys and values of the prompt and the first scores are compared."""
    import torch

    from judge.models import prompt_cache

    model = llm._model
    rows = [_ids(llm.tokenizer, prompt) for prompt in PROMPTS]

    def scores(order: list[int]) -> torch.Tensor:
        chosen = [rows[index] for index in order]
        with torch.inference_mode():
            cache = prompt_cache.read(model, chosen, 64)
            mask = torch.tensor([[0] * (64 - len(ids)) + [1] * len(ids) for ids in chosen])
            last = torch.tensor([[ids[-1]] for ids in chosen])
            logits: torch.Tensor = model(last, attention_mask=mask, past_key_values=cache).logits[:, -1]
        return logits

    together = scores([0, 1, 2, 3])
    assert torch.equal(together[[2, 0, 3, 1]], scores([2, 0, 3, 1]))
    assert torch.equal(together[1], scores([1, 1, 1, 1])[0])


def test_a_prompt_is_padded_to_a_length_of_its_own(llm: BatchedHuggingFaceLLM) -> None:
    """A multiple of 256 tokens."""
    assert [256, 256, 512] == [padded_length(llm.tokenizer, text) for text in ("Lima", "Lima " * 100, "Lima " * 300)]


def test_a_prompt_of_one_token_is_completed(llm: BatchedHuggingFaceLLM) -> None:
    """Nothing stands before its last token."""
    one, other = llm.complete_batch(["Lima", PROMPTS[0]])
    assert one
    assert other


def test_what_is_drawn_comes_with_its_probability() -> None:
    """Of 20,000 draws of one of three tokens the shares are their probabilities, within four standard errors."""
    import torch

    from judge.models.batched_llm import _Drawn

    probabilities = torch.tensor([0.7, 0.25, 0.05])
    rows = 20_000
    drawn = _Drawn(range(rows))(torch.empty(0), probabilities.log().expand(rows, 3)).argmax(dim=1)
    shares = drawn.bincount(minlength=3) / rows
    assert bool(((shares - probabilities).abs() < 4 * (probabilities * (1 - probabilities) / rows).sqrt()).all())


def test_a_completion_is_cut_at_the_first_stop_text() -> None:
    """Whichever comes first in the text, and it goes as well; space at the beginning never counts."""
    from judge.models.batched_llm import _until

    assert _until("\n Lima.\nQuestion: x\n\n", ["Question:", "\n"]) == "Lima."
    assert _until(" Lima", ["\n"]) == "Lima"
