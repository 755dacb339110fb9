"""The model card that is saved beside a student's weights: what it is, what it learnt from, how well, and what it cannot do."""

from judge.student import Student
from judge.student_settings import LateInteraction

_KINDS = {
    "late-interaction": "each token of the answer is held against its best match in the evidence, and {heads} small networks turn "
    "the pooled matches into a distribution over the levels 0.0, 0.1, … 1.0",
    "cross-encoder": "a fine-tuned encoder reads question, answer and evidence together, and gives a distribution over the levels "
    "0.0, 0.1, … 1.0",
}
_EVIDENCE = {
    "context": "the passage that the answer should rest on (`context`)",
    "reference": "a reference answer (`reference`)",
    "both": "the passage that the answer should rest on (`context`) and a reference answer (`reference`)",
}


def write(student: Student) -> str:
    """The text of the card, in Markdown; without times, hosts and paths, so that the same training writes the same card."""
    option, figures = student.option, student.training
    encoder = option.encoder.hub or option.encoder.embedded
    kind = _KINDS[option.kind].format(heads=option.heads if isinstance(option, LateInteraction) else 1)
    arguments = ", ".join(f"{name}=..." for name in ("context", "reference") if option.evidence in (name, "both"))
    agreement = figures["validation_pearson"]
    return f"""# A student judge: {option.name}

It judges an answer to a question against {_EVIDENCE[option.evidence]}: {kind}.
The encoder is {encoder}.
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
The objective is α·CE + (1 - α)·T²·KL with α = {figures["alpha"]} and T = {figures["temperature"]}.
The weights are those of epoch {figures["epoch"]}, after which the validation loss fell no more.

| on documents left out for validation | |
|---|---|
| rows | {figures["validation_rows"]} |
| cross entropy of the class, nats | {figures["validation_ce"]:.4f} |
| T² times the divergence from the teacher, nats | {figures["validation_kl"]:.4f} |
| Pearson's r with the teacher's score | {"undefined" if agreement is None else f"{agreement:.3f}"} |

These figures also chose when to stop, so they flatter a little; those on test are in metrics/evaluation.json.

## Limits

It learnt from the generators, documents and language of its training rows, and nothing is known of others.
It repeats its teacher's mistakes, and can miss a name or number that stands in the wrong place.
Where a wrong verdict costs something, compare a sample with people first.
"""
