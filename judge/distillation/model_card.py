"""The model card that is saved with a student: what it is, what it learnt from, how well, and what it cannot do."""

from typing import Any

from judge.students.options import CausalLM, CrossEncoder, LateInteraction, OpenAI
from judge.students.student import AnyStudent

_KINDS = {
    "late-interaction": "each token of the answer is held against its best match in the evidence, and {heads} small networks turn "
    "the pooled matches into a distribution over the levels 0.0, 0.1, … 1.0",
    "cross-encoder": "a fine-tuned encoder reads question, answer and evidence together, and gives a distribution over the levels "
    "0.0, 0.1, … 1.0",
    "openai": "a fine-tuned chat model is asked for a verdict from 0 to 10, and the probabilities of the verdict's token are those of "
    "the levels 0.0, 0.1, … 1.0",
    "causal-lm": "a language model with a trained low-rank adapter is asked for a verdict from 0 to 10, and the probabilities of the "
    "11 verdicts are those of the levels 0.0, 0.1, … 1.0",
}
_EVIDENCE = {
    "context": "the passage that the answer should rest on (`context`)",
    "reference": "a reference answer (`reference`)",
    "both": "the passage that the answer should rest on (`context`) and a reference answer (`reference`)",
}
# Figures of the validation, by the name that they have in the training figures.
_FIGURES = {
    "validation_rows": "rows",
    "validation_ce": "cross entropy of the {target}, nats",
    "validation_kl": "{factor}divergence from the teacher, nats",
    "validation_pearson": "Pearson's r with the teacher's score",
}


def write(student: AnyStudent) -> str:
    """The text of the card, in Markdown; without times, hosts and paths, so that the same training writes the same card."""
    option, figures = student.option, student.training
    kind = _KINDS[option.kind].format(heads=option.heads if isinstance(option, LateInteraction) else 1)
    arguments = ", ".join(f"{name}=..." for name in ("context", "reference") if option.evidence in (name, "both"))
    return f"""# A student judge: {option.name}

It judges an answer to a question against {_EVIDENCE[option.evidence]}: {kind}.
{_model(student)}
It was distilled from the teacher `{figures["teacher"]}`, so it gives what that teacher would say, not what is true.

## Use

```python
import judge

student = judge.load("data/student")
student.score(question, answer, {arguments})       # the mean level, 0 to 1
student.acceptable(question, answer, {arguments})  # the probability of a level above {student.threshold}
```

## Training

{figures["rows"]} judged answers about {figures["documents"]} documents; {figures["rows_left_out"]} rows without a judgment or
without words were left out.
{_training(option, figures)}
{_validation(option, figures)}
## Limits

It learnt from the generators, documents and language of its training rows, and nothing is known of others.
It repeats its teacher's mistakes, and can miss a name or number that stands in the wrong place.
Where a wrong verdict costs something, compare a sample with people first.
"""


def _model(student: AnyStudent) -> str:
    option = student.option
    if isinstance(option, LateInteraction | CrossEncoder):
        return f"The encoder is {option.encoder.hub or option.encoder.embedded}."
    if isinstance(option, CausalLM):
        return (
            f"The base model is {option.model.hub or option.model.embedded}; this folder holds the adapter alone, "
            f"and loads with {student.describe()['base']}."
        )
    return (
        f"The model is `{student.describe()['fine_tuned_model']}`, fine-tuned from `{option.chat.model}`. It stays at its server: this "
        "folder holds\nits name and its training file, and judging needs the server, a key, and a price a token. "
        "OpenAI ends its fine-tuned models on 2027-01-14."
    )


def _training(option: LateInteraction | CrossEncoder | OpenAI | CausalLM, figures: dict[str, Any]) -> str:
    if isinstance(option, LateInteraction | CrossEncoder):
        return (
            f"The objective is α·CE + (1 - α)·T²·KL with α = {figures['alpha']} and T = {figures['temperature']}.\n{_best_epoch(figures)}"
        )
    text = (
        f"The objective is α·CE + (1 - α)·KL with α = {figures['alpha']}, reached through the data: of each row's {option.copies} copies a "
        "share α carries the\nlevel that the teacher reported, the others carry levels drawn from its distribution. "
        f"`train.jsonl` holds them, {figures['examples']} examples.\n"
    )
    if isinstance(option, CausalLM):
        return f"{text}{figures['trained_parameters']:,} parameters were trained.\n{_best_epoch(figures)}"
    return (
        f"{text}The job `{figures['job']}` went over them {figures['epochs']} times: {figures['trained_tokens']} trained tokens, "
        f"{figures['usd']:.2f} dollars."
    )


def _best_epoch(figures: dict[str, Any]) -> str:
    return f"The weights are those of epoch {figures['epoch']}, after which the validation loss fell no more."


def _validation(option: LateInteraction | CrossEncoder | OpenAI | CausalLM, figures: dict[str, Any]) -> str:
    """The table of validation figures, as far as there are any."""
    if "validation_ce" not in figures:
        return ""
    is_encoder = isinstance(option, LateInteraction | CrossEncoder)
    words = {"target": "class" if is_encoder else "reported level", "factor": "T² times the " if is_encoder else ""}
    lines = ["", "| on documents left out for validation | |", "|---|---|"]
    for name, label in _FIGURES.items():
        value = figures[name]
        shown = "undefined" if value is None else str(value) if isinstance(value, int) else f"{value:.{3 if 'pearson' in name else 4}f}"
        lines.append(f"| {label.format(**words)} | {shown} |")
    lines += ["", "These figures also chose when to stop, so they flatter a little; those on test are in metrics/evaluation.json.", ""]
    return "\n".join(lines)
