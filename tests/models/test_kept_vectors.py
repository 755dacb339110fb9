"""What is read of passages is kept, in memory and in a folder, and is what was read."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from judge.errors import JudgeError
from judge.models import kept_vectors
from judge.models.kept_vectors import SHORTEST, KeptVectors

PASSAGE, OTHER = "p" * SHORTEST, "q" * SHORTEST


def _vectors(value: float, tokens: int = 5) -> kept_vectors.Array:
    return np.full((4, tokens, 3), value, dtype=np.float32)


def test_a_folder_gives_another_run_the_same_bytes(tmp_path: Path) -> None:
    """For the same text and encoder; another encoder has not read it."""
    KeptVectors(tmp_path, "encoder").put(PASSAGE, _vectors(1 / 3))

    kept = KeptVectors(tmp_path, "encoder").get(PASSAGE)

    assert kept is not None
    assert (4, 5, 3) == kept.shape
    assert _vectors(1 / 3).tobytes() == kept.tobytes()
    assert KeptVectors(tmp_path, "encoder").get(OTHER) is None
    assert KeptVectors(tmp_path, "another").get(PASSAGE) is None


def test_short_texts_are_not_kept(tmp_path: Path) -> None:
    """Questions and most answers come once."""
    kept = KeptVectors(tmp_path)
    kept.put("short", _vectors(1.0))
    assert kept.get("short") is None
    assert [] == list(tmp_path.iterdir())


def test_memory_holds_the_most_recent_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many bytes, those that were asked for last."""
    monkeypatch.setattr(kept_vectors, "_MOST_BYTES", 2 * _vectors(0.0).nbytes)
    kept = KeptVectors()
    for number, text in enumerate((PASSAGE, OTHER, PASSAGE)):
        kept.put(text, _vectors(float(number)))
    assert kept.get(OTHER) is not None

    kept.put(f"{OTHER}!", _vectors(3.0))

    assert [True, False, False] == [kept.get(text) is None for text in (PASSAGE, OTHER, f"{OTHER}!")]


def test_a_file_that_is_cut_off_is_read_anew(tmp_path: Path) -> None:
    """A full disk or a killed copy leaves such; it is no error, and written over."""
    KeptVectors(tmp_path).put(PASSAGE, _vectors(1.0))
    (path,) = tmp_path.glob("*/*.npy")
    path.write_bytes(path.read_bytes()[:-8])
    kept = KeptVectors(tmp_path)
    assert kept.get(PASSAGE) is None

    kept.put(PASSAGE, _vectors(2.0))

    assert KeptVectors(tmp_path).get(PASSAGE) is not None


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    """What could not be kept, where, and what to do next."""
    (tmp_path / "file").write_text("")
    with pytest.raises(JudgeError, match=r"cannot be kept in .*file[\s\S]*Next:"):
        KeptVectors(tmp_path / "file")


def test_a_folder_that_goes_away_is_a_clear_error(tmp_path: Path) -> None:
    """As while a file is written."""
    kept = KeptVectors(tmp_path / "there")
    shutil.rmtree(tmp_path / "there")
    with pytest.raises(JudgeError, match=r"cannot be kept"):
        kept.put(PASSAGE, _vectors(1.0))
