"""Adapters on a language model: what cannot be put on."""

import os
import subprocess
import sys

import pytest

from judge.errors import StudentError
from judge.models import language_models
from judge.students import adapters
from tests.conftest import ROOT
from tests.students.examples import LORA, causal_lm


def test_layers_that_the_model_lacks_are_refused() -> None:
    """The error names the key of the option."""
    loaded = language_models.load(causal_lm().model)
    with pytest.raises(StudentError, match=r"Target modules .*nonesuch(.|\n)*lora\.target_modules"):
        adapters.add(loaded, causal_lm(lora={**LORA, "target_modules": ["nonesuch"]}))


def test_without_its_package_the_error_says_what_to_install() -> None:
    """In an interpreter that cannot import peft."""
    code = (
        "import sys\n"
        "sys.modules['peft'] = None\n"
        "from judge.errors import StudentError\n"
        "try:\n"
        "    import judge.students.causal_lm\n"
        "except StudentError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "pip install -e '.[causal-lm]'" in done.stdout
