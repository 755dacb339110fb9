"""README.md, CONTRIBUTING.md and docs/: what they say of figures, options, files and commands is true."""

import re
from pathlib import Path

import pytest

from judge.__main__ import main
from judge.errors import JudgeError
from judge.evaluation import figures
from judge.report import readme
from judge.settings import PARAMS, flatten, read_params
from tests.conftest import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PAGES}
# A capital letter stands for a name that the reader chooses, as in conf/teacher/NAME.yaml.
PATH = re.compile(r"`((?:judge|stages|tests|conf|docs|bench|metrics|data/raw)/[\w./-]*|\w+\.(?:lock|toml|yaml))`")


def linked(page: Path) -> list[str]:
    """The relative links and pictures of a page."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [target for target in re.findall(r"\]\(([^)]+)\)", prose) if "://" not in target]


def anchors(page: Path) -> set[str]:
    """The anchors that a Markdown page has: its headings in small letters, without punctuation, joined by hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(pattern: str) -> list[str]:
    """What a pattern with one group finds in all pages, once each."""
    return sorted({name for text in TEXTS.values() for name in re.findall(pattern, text)})


def test_the_readme_is_short() -> None:
    """README.md has at most 220 lines; the rest is in docs/."""
    assert len(TEXTS["README.md"].splitlines()) <= 220


def test_what_code_makes_is_what_stands_in_the_files() -> None:
    """Results, options, tables, figures and the picture are those that `make readme` would write."""
    made = readme.made(ROOT)
    assert [] == [str(path) for path, text in made.items() if (ROOT / path).read_text(encoding="utf-8") != text]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "bench/README.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file that there is, and its anchor a heading of that file."""
    broken = []
    for target in linked(page):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.is_file() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert [] == broken


def test_every_page_can_be_reached_from_the_readme() -> None:
    """README.md links to each page of docs/ and to CONTRIBUTING.md and CHANGELOG.md."""
    wanted = {str(page.relative_to(ROOT)) for page in PAGES} - {"README.md"} | {"CHANGELOG.md"}
    assert set() == wanted - {target.partition("#")[0] for target in linked(ROOT / "README.md")}


def test_every_make_target_that_is_named_exists() -> None:
    """What follows `make` in code is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set() == set(named(r"(?:^|[`$&] ?)make ([a-z]+)") + named(r"\nmake ([a-z]+)")) - targets


@pytest.mark.parametrize("command", named(r"(?:^|[`\n] ?|- run: )judge ([a-z]+)"))
def test_every_command_that_is_named_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What follows `judge` in code is a command."""
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert (0, True) == (end.value.code, f"judge {command}" in capsys.readouterr().out)


def test_every_stage_that_is_named_exists() -> None:
    """What follows `python -m stages.` is a file of stages/."""
    assert [] == [name for name in named(r"python -m stages\.([a-z]+)") if not (ROOT / f"stages/{name}.py").is_file()]


def test_the_map_of_the_readme_has_every_stage() -> None:
    """README.md names each stage of dvc.yaml under the heading of the pipeline."""
    section = TEXTS["README.md"].partition("## The pipeline")[2].partition("\n## ")[0]
    assert [] == [stage for stage in read_params(ROOT / "dvc.yaml")["stages"] if not re.search(rf"\b{stage}\b", section)]


def test_every_path_that_is_named_exists() -> None:
    """A path in backticks is a file or a folder, unless a capital letter in it stands for a name of the reader's."""
    paths = [path for path in named(PATH.pattern) if not re.search(r"[A-Z]{2}", path) or path.endswith("README.md")]
    assert [] == [path for path in paths if not (ROOT / path).exists()]


def test_every_option_is_named_and_every_option_that_is_named_exists() -> None:
    """docs/choices.md names each file of conf/, and each NAME of a `teacher=NAME` and the like in the pages is one."""
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "conf").glob("*/*.yaml")}
    assert there == set(re.findall(r"\]\(\.\./(conf/[^)]+)\)", TEXTS["docs/choices.md"]))
    asked = {
        f"conf/{choice}/{name}.yaml"
        for text in TEXTS.values()
        for choice, names in re.findall(r"\b(corpus|questioner|generator|teacher|student)s?=\[?([a-z0-9](?:[\w,.-]*\w)?)", text)
        for name in names.split(",")
    }
    assert set() == asked - there


def test_every_key_that_is_set_exists() -> None:
    """Each key that a command of the pages sets with -S is a key of params.yaml, or of the option file before its colon."""
    unknown: list[str] = []
    for key in named(r"-S '?([\w./:-]+)="):
        path, _, inner = key.rpartition(":")
        if inner not in flatten(read_params(ROOT / (path or PARAMS))):
            unknown.append(key)
    assert [] == unknown


def test_every_column_of_the_figures_is_explained() -> None:
    """docs/tables.md has a row for each column of metrics/figures.csv."""
    explained = [
        name for line in re.findall(r"^\| (`.*?) \|", TEXTS["docs/tables.md"], flags=re.MULTILINE) for name in re.findall(r"`(\w+)`", line)
    ]
    assert [] == [column for column in figures.COLUMNS if column not in explained]


def test_every_rule_of_the_gate_is_about_a_figure_that_there_is() -> None:
    """The section `gate` of params.yaml names figures of metrics/figures.csv."""
    names = figures.named(figures.read(ROOT / figures.FIGURES_CSV))
    assert [] == [rule["figure"] for rule in read_params(ROOT / PARAMS)["gate"]["rules"] if rule["figure"] not in names]


def test_a_page_without_markers_is_refused() -> None:
    """Where a block's markers are missing, the message names page and markers."""
    with pytest.raises(JudgeError, match=r"docs/x\.md has no markers <!-- begin tables --> and <!-- end tables -->"):
        readme.with_blocks("<!-- begin tables -->\n", {"tables": "|"}, "docs/x.md")


def test_a_block_replaces_what_stood_between_its_markers() -> None:
    """What stands around the markers stays, and what stood between them goes."""
    text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n"
    assert readme.with_blocks(text, {"x": "new\n"}, "x.md") == text.replace("old", "new")


def test_an_option_file_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    """The first line of an option file has to be a sentence, since docs/choices.md shows it."""
    (tmp_path / "new.yaml").write_text("kind: chat\n", encoding="utf-8")
    with pytest.raises(JudgeError, match=r"new\.yaml has to begin with a comment line .* got 'kind: chat'"):
        readme.options(tmp_path, "new")


def test_the_chosen_option_is_set_in_bold(tmp_path: Path) -> None:
    """The table of options sets in bold what params.yaml chooses, and shows a file's kind and first line."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"# The option {name} | more.\nkind: chat\n", encoding="utf-8")
    folder = tmp_path.name
    assert readme.options(tmp_path, ["b"]).splitlines()[2:] == [
        f"| [`a`](../conf/{folder}/a.yaml) | chat | The option a \\| more. |",
        f"| **[`b`](../conf/{folder}/b.yaml)** | chat | The option b \\| more. |",
    ]


def test_what_a_model_wrote_is_shown_as_it_is(tmp_path: Path) -> None:
    """No mark of Markdown and no line break of a text does anything in the table of examples."""
    file = tmp_path / "examples.csv"
    file.write_text('question,answer,teacher_score,teacher_class\nWhy?,"a|b *c*\n<i>[d](e)`",0.816,acceptable\n', encoding="utf-8")
    shown = r"| Why? | a\|b \*c\* \<i\>\[d\](e)\` | 0.82 | acceptable |"
    assert [shown] == readme.examples(file).splitlines()[2:]
    with pytest.raises(JudgeError, match=r"examples\.csv is missing"):
        readme.examples(tmp_path / "none" / "examples.csv")


def test_the_picture_is_a_file_of_its_own() -> None:
    """The picture names its XML namespace and takes no colour from a page around it."""
    text = (ROOT / readme.PICTURE).read_text(encoding="utf-8")
    assert ('xmlns="http://www.w3.org/2000/svg"' in text[:600], "currentColor" in text) == (True, False)


def test_last_digits_change_no_byte_of_the_picture(tmp_path: Path) -> None:
    """Scores that differ in the seventh digit, as on another kind of CPU, give the same picture; others another one."""

    def drawn(score: float) -> str:
        columns = "answer_id,generator,teacher_score,student_score,baseline_score,teacher_class,student_class,baseline_class"
        path = tmp_path / "scores.csv"
        path.write_text(f"{columns}\na,one,0.25,{score},0.5,unacceptable,unacceptable,unacceptable\n", encoding="utf-8")
        return readme.picture(path, 0.8)

    assert drawn(0.4891122) == drawn(0.4891124)
    assert drawn(0.4891122) != drawn(0.4991122)
