"""A student is exported with its encoder as an ONNX graph, and judges as before."""

import shutil
import sys
from pathlib import Path

import pytest

import judge
from judge.__main__ import main
from judge.errors import StudentError
from judge.serving import onnx_export, sources
from judge.serving.errors import ExportError
from judge.students import onnx_encoder
from judge.students.student import Student
from judge.tables.items import Item
from judge.tables.levels import mean
from tests.serving.fakes import write_jsonl
from tests.students.examples import VIOLA, items

LONG = VIOLA._replace(context=f"{VIOLA.context} It has four strings, which are tuned in fifths." * 40)


@pytest.fixture(scope="module")
def exported(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small student, exported; not to be changed."""
    target = tmp_path_factory.mktemp("exported") / "student"
    onnx_export.export(folder, target, items())
    return target


def _scores(student: Student, asked: list[Item]) -> list[float]:
    return [mean(each.levels) for each in student.judge(asked) if each.levels]


def test_it_judges_as_before(folder: Path, exported: Path) -> None:
    """Within what bfloat16 rounds off: texts of any length, and any number of them."""
    before, after = judge.load(folder), judge.load(exported)
    for asked in (items(), [VIOLA], [LONG, VIOLA]):
        assert pytest.approx(_scores(before, asked), abs=0.03) == _scores(after, asked)


def test_it_explains_as_before(folder: Path, exported: Path) -> None:
    """The spans come from the same matches."""
    strengths = [[span.strength for span in judge.load(where).explain(VIOLA)] for where in (folder, exported)]
    assert pytest.approx(strengths[0], abs=0.03) == strengths[1]


def test_the_graph_is_what_reads(folder: Path, exported: Path) -> None:
    """No weights of PyTorch's encoder are left, but the word embeddings."""
    names = [list(judge.load(where).model.state_dict()) for where in (folder, exported)]  # type: ignore[attr-defined]
    assert (True, ["encoder.word_embeddings.weight"]) == (
        len(names[0]) > 100,
        [name for name in names[1] if name.startswith("encoder.")],
    )


def test_the_card_says_so(folder: Path, exported: Path) -> None:
    """Below what it said before, with how far the two agree."""
    before, after = ((where / "README.md").read_text(encoding="utf-8") for where in (folder, exported))
    assert after.startswith(f"{before}\n## The encoder\n\nIt was exported as ONNX, in single precision. On 32 answers its scores correlate")


def test_the_graph_says_nothing_of_the_machine(exported: Path) -> None:
    """The exporter's notes of files and lines are not in it."""
    graph = (exported / onnx_encoder.FILE).read_bytes()
    assert [] == [word for word in (b"site-packages", b".py", str(Path(__file__).parents[2]).encode()) if word in graph]


def test_another_graph_is_another_student(exported: Path, tmp_path: Path) -> None:
    """A file of rows is not gone on with by one whose encoder differs."""
    copied, student = Path(shutil.copytree(exported, tmp_path / "student")), judge.load(exported)
    same = sources.fingerprint(copied, student)
    with (copied / onnx_encoder.FILE).open("ab") as file:
        file.write(b" ")
    assert sources.fingerprint(exported, student) == same != sources.fingerprint(copied, student)


def test_integers_are_smaller(folder: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the graph; how far it agrees is measured in the same way."""
    monkeypatch.setattr(onnx_export, "LEAST_PEARSON", 0.9)

    found = onnx_export.export(folder, tmp_path / "int8", items(), int8=True)

    sizes = [(where / onnx_encoder.FILE).stat().st_size for where in (exported, tmp_path / "int8")]
    assert (32, True, True) == (found.rows, 0.9 <= found.pearson < 1, sizes[1] < 0.3 * sizes[0])


def test_below_the_least_agreement_nothing_is_left(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the figures."""
    monkeypatch.setattr(onnx_export, "LEAST_PEARSON", 1.1)
    with pytest.raises(ExportError, match=r"is not exported\. On 32 answers its scores correlate .* at least r = 1\.1 is asked for"):
        onnx_export.export(folder, tmp_path / "made/student", items())
    assert [] == list((tmp_path / "made").iterdir())


def test_scores_that_do_not_vary_show_nothing(folder: Path, tmp_path: Path) -> None:
    """One answer correlates with nothing, so its student is not exported."""
    with pytest.raises(ExportError, match=r"On 1 answers its scores correlate .* r = nan"):
        onnx_export.export(folder, tmp_path / "student", [VIOLA])


def test_a_file_of_rows_says_how_far_they_agree(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the command; a row that cannot be judged is named by its line."""
    rows = write_jsonl(tmp_path / "rows.jsonl", [each._asdict() for each in items()])
    bad = write_jsonl(tmp_path / "bad.jsonl", ["{"])
    command = ["export", "--student", str(folder), "--onnx", str(tmp_path / "made"), "--rows", str(rows)]

    codes = [main([*command, str(bad)]), main(command), main(command)]

    said = capsys.readouterr()
    assert [2, 0, 2] == codes
    assert f"{tmp_path / 'made'} holds the student. On 32 answers its scores correlate" in said.out
    assert f"{bad}, line 1: no JSON" in said.err
    assert f"{tmp_path / 'made'} is there already." in said.err


def test_what_was_exported_is_not_exported_again(exported: Path, tmp_path: Path) -> None:
    """Its encoder is no longer PyTorch's."""
    with pytest.raises(ExportError, match="was exported already"):
        onnx_export.export(exported, tmp_path / "again", items())


def test_a_missing_package_is_named(folder: Path, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what installs it, for writing and for reading."""
    monkeypatch.setattr(onnx_export, "_PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(ExportError, match=r"needs no_such_package, not installed here\.\nNext: pip install 'the-judge-you-own\[onnx\]'"):
        onnx_export.export(folder, tmp_path / "student", items())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(StudentError, match="needs the package onnxruntime, which is not installed"):
        judge.load(exported)


def test_a_graph_that_is_cut_off_is_refused(exported: Path, tmp_path: Path) -> None:
    """The message names the file."""
    copied = Path(shutil.copytree(exported, tmp_path / "student"))
    (copied / onnx_encoder.FILE).write_bytes((exported / onnx_encoder.FILE).read_bytes()[:1_000_000])
    with pytest.raises(StudentError, match=r"encoder\.onnx cannot be read by ONNX Runtime"):
        judge.load(copied)
