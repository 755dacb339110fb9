"""Where a model comes from: pinned files, or the hub."""

import pytest

from judge.models import pinned
from judge.models.encoders import EncoderSettings
from judge.models.language_models import ModelSettings


@pytest.mark.parametrize(
    ("embedded", "hub", "is_installed", "expected"),
    [
        ("all-minilm-l6-v2", "some/model", True, "all-minilm-l6-v2"),
        ("all-minilm-l6-v2", "some/model", False, None),
        ("all-minilm-l6-v2", None, False, "all-minilm-l6-v2"),
        (None, "some/model", True, None),
    ],
)
def test_pinned_files_come_first_where_they_are_installed(
    monkeypatch: pytest.MonkeyPatch, embedded: str | None, hub: str | None, is_installed: bool, expected: str | None
) -> None:
    """The hub stands in for packages that are missing; without it the missing packages are what is told."""
    monkeypatch.setattr(pinned, "is_installed", lambda _: is_installed)
    assert expected == EncoderSettings(embedded=embedded, hub=hub, revision=None).pinned_name


def test_the_identity_of_a_model_of_the_hub_is_its_id_and_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that of pinned files is their hash, whatever the hub says, so that their replies are kept apart."""
    settings = ModelSettings(embedded="gemma-3-270m", hub="google/gemma-3-270m", revision="main", dtype="bfloat16")
    monkeypatch.setattr(pinned, "is_installed", lambda _: False)
    assert settings.identity == "google/gemma-3-270m@main:bfloat16"
    monkeypatch.setattr(pinned, "is_installed", lambda _: True)
    assert settings.identity == f"sha256:{pinned.joint_hash('gemma-3-270m')}:bfloat16"
