"""The kinds of students: for each `kind` of an option file of conf/student the trainer."""

from judge.distillation.trainer import Trainer
from judge.errors import StudentError


def trainer(kind: str) -> Trainer:
    """The trainer of a kind; the packages that it needs load with it, and no other kind's.

    Raises:
        StudentError: a package that the kind needs is not installed.
    """
    match kind:
        case "late-interaction" | "cross-encoder":
            from judge.distillation import encoder_training

            return encoder_training.distil
        case "openai":
            from judge.distillation import finetune_job

            return finetune_job.distil
        case "causal-lm":
            from judge.distillation import causal_lm_training

            return causal_lm_training.distil
        case _:
            raise StudentError(f"Nothing trains a student of the kind {kind!r}.\nNext: add its trainer to judge/distillation/registry.py.")
