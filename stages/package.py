"""Put the student and the evidence about it into one folder, which is what others are given."""

import shutil
from pathlib import Path

from pydantic import Field

from judge import tables
from judge.dataset import splits
from judge.report import card, card_command
from judge.settings import Settings
from judge.tables import atomic
from stages import run

STUDENT, JUDGE = Path("data/student"), Path("data/judge")


class Config(Settings):
    """What this stage reads: what was chosen, by name."""

    corpus: str = Field(description="the option chosen")
    questioner: str = Field(description="the option chosen")
    generators: tables.Generators
    teacher: str = Field(description="the option chosen")
    split: splits.SplitSettings


def main(config: Config) -> None:
    """Write data/judge/: the files of the student, with the card as its README.md and as card.html."""
    chosen = card_command.Chosen(config.corpus, config.questioner, list(config.generators), config.teacher, config.split.group_by)
    made = card.card(card_command.gather(chosen))
    with atomic.new_folder(JUDGE) as folder:
        shutil.copytree(STUDENT, folder, dirs_exist_ok=True)
        (folder / "README.md").write_text(card.render_markdown(made), encoding="utf-8")
        (folder / "card.html").write_text(card.render_html(made), encoding="utf-8")
    print(f"{JUDGE} is written: the student, with the card of this run")


if __name__ == "__main__":
    run(main, Config)
