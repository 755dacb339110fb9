"""The model card that is saved with a student: what it is, what it learnt from, how well, and what it cannot do."""

from judge.students.student import Student

_EVIDENCE = {
    "context": "the passage that the answer should rest on (`context`)",
    "reference": "a reference answer (`reference`)",
    "both": "the passage that the answer should rest on (`context`) and a reference answer (`reference`)",
}


def write(student: Student) -> str:
    """The text of the card, in Markdown; without times, hosts and paths, so that the same training writes the same card."""
    option, training, texts = student.option, student.training, student.card_texts()
    arguments = ", ".join(f"{name}=..." for name in ("context", "reference") if option.evidence in (name, "both"))
    return f"""# A student judge: {option.name}

It judges an answer to a question against {_EVIDENCE[option.evidence]}: {texts.method}.
{texts.model}
It was distilled from the teacher `{training["teacher"]}`, so it gives what that teacher would say, not what is true.

## Use

```python
import judge

student = judge.load("data/student")
student.score(question, answer, {arguments})       # the mean level, 0 to 1; acceptable is above {student.threshold}
student.acceptable(question, answer, {arguments})  # the probability of that, above 0.5 exactly where the score is above {student.threshold}
```

## Training

{training["rows"]} judged answers about {training["documents"]} documents; {training["rows_left_out"]} rows without a judgment or
without words were left out.
{_statements(student)}{texts.training}
{_validation(student)}
## Limits

It learnt from the generators, documents and language of its training rows, and nothing is known of others.
It repeats its teacher's mistakes, and can miss a name or number that stands in the wrong place.
Where a wrong verdict costs something, compare a sample with people first.
"""


def _statements(student: Student) -> str:
    """The sentence on the statements that were learnt from as well; empty where there were none."""
    count, constructed = (student.training.get(name, 0) for name in ("statement_rows", "constructed_rows"))
    return (
        f"With them it learnt from {count} statements of known truth about other documents, as the teacher judged them.\n" if count else ""
    ) + (
        f"It learnt the truth of {constructed} statements that were constructed from the training passages, each with the weight "
        f"{student.training['truth_weight']}.\n"
        if constructed
        else ""
    )


def _validation(student: Student) -> str:
    """The table of validation figures; empty where the training had none."""
    training, texts = student.training, student.card_texts()
    if "validation_ce" not in training:
        return ""
    pearson = training["validation_pearson"]
    return f"""
| on documents left out for validation | |
|---|---|
| rows | {training["validation_rows"]} |
| cross entropy of the {texts.target}, nats | {training["validation_ce"]:.4f} |
| {texts.divergence} from the teacher, nats | {training["validation_kl"]:.4f} |
| Pearson's r with the teacher's score | {"undefined" if pearson is None else f"{pearson:.3f}"} |

These figures also chose when to stop, so they flatter a little; those on test are in metrics/figures.csv.
"""
