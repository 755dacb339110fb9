"""Low-rank adapters (LoRA, Hu et al. 2021) on a language model, by peft.

Import this module only where such a model is trained or loaded: it loads torch and peft.
"""

import warnings
from typing import Any

from torch import Tensor

from judge.errors import StudentError
from judge.models.language_models import LanguageModel
from judge.students.options import CausalLM

try:
    from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
except ImportError as error:
    raise StudentError(
        f"A causal language model as student needs a package that is not installed or does not load: {error}\n"
        "Next: pip install -e '.[causal-lm]' (peft), or choose another student.",
    ) from error


def add(loaded: LanguageModel, option: CausalLM) -> Any:
    """The model with a new adapter, which changes nothing yet; its matrices are float32, whatever the model's are.

    Raises:
        StudentError: the model has no layers of the names that the option gives.
    """
    try:
        with warnings.catch_warnings():
            # peft asks transformers for things by the names that they had before.
            warnings.simplefilter("ignore", FutureWarning)
            return get_peft_model(loaded.model, settings(option))
    except ValueError as error:
        raise StudentError(
            f"No adapter can be put on {option.model.hub or option.model.embedded}: {error}\n"
            "Next: correct lora.target_modules in the option file of conf/student."
        ) from None


def tensors_of(model: Any) -> dict[str, Tensor]:
    """A copy of the adapter's tensors by name."""
    return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in get_peft_model_state_dict(model).items()}


def put(model: Any, tensors: dict[str, Tensor]) -> None:
    """Give the adapter other tensors."""
    set_peft_model_state_dict(model, tensors)


def settings(option: CausalLM) -> Any:
    """The option's settings as peft has them."""
    lora = option.lora
    return LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=list(lora.target_modules), task_type="CAUSAL_LM"
    )
