"""Refuse a bad value anywhere in params.yaml or in the option files that it names, before any work is done."""

from pathlib import Path

from pydantic import Field

from judge import tables
from judge.dataset import answers, chunks, questions, splits
from judge.dataset.corpora import Corpus
from judge.dataset.generators import Generator
from judge.dataset.questioners import Questioner
from judge.dataset.recorded import Recorded
from judge.distillation.settings import DistilSettings
from judge.errors import SettingsError
from judge.evaluation.evaluation import EvaluateSettings
from judge.models.cluster import RaySettings, Runtime
from judge.probes.perturbed import PerturbSettings
from judge.probes.rows import ComposeSettings, ProbeSettings
from judge.report.gate_settings import GateSettings
from judge.settings import Budget, Settings
from judge.students.options import StudentOption
from judge.tables import atomic
from judge.tables.levels import LabelSettings
from judge.teachers.recorded import RecordedTeacher
from judge.teachers.registry import Teacher
from judge.teachers.teacher import ScoreSettings
from stages import options, run, settings

VALIDATED = Path("data/validated.json")


class Config(Settings):
    """All of params.yaml."""

    seed: int = Field(ge=0, description="of every choice that is left to chance")
    corpus: Corpus
    questioner: Questioner
    generators: tables.Generators
    teacher: Teacher
    student: StudentOption
    chunk: chunks.ChunkSettings
    question: questions.QuestionSettings
    answer: answers.AnswerSettings
    score: ScoreSettings
    label: LabelSettings
    split: splits.SplitSettings
    distil: DistilSettings
    compose: ComposeSettings
    probe: ProbeSettings
    perturb: PerturbSettings
    evaluate: EvaluateSettings
    budget_usd: Budget
    runtime: Runtime
    ray: RaySettings
    gate: GateSettings


class _Generator(Settings):
    """One generator's option file."""

    generator: Generator


def main(config: Config) -> None:
    """Write data/validated.json, which never changes."""
    if isinstance(config.teacher, RecordedTeacher) and not isinstance(config.corpus, Recorded):
        raise SettingsError(
            f"teacher: got {config.teacher.name}, which has only judgments made before; corpus={config.corpus.name} brings none.\n"
            "Next: choose a recorded corpus with it, such as corpus=recorded, or another teacher.",
        )
    for name in config.generators:
        settings(_Generator, [f"generator={name}"])
    atomic.write_text(VALIDATED, '{"settings": "valid"}\n')
    print(f"settings are valid; {len(config.generators)} of {len(options('generator'))} generators chosen")


if __name__ == "__main__":
    run(main, Config, whole=True)
