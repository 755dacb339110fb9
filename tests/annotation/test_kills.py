"""No label that was confirmed is lost, whenever the server dies."""

import os
import re
import subprocess
import sys

from tests.conftest import ROOT


def test_five_kills_lose_no_label() -> None:
    """What the server confirmed is in the file, which can be read after each kill; without arguments the script kills it fifty times."""
    command = [sys.executable, "bench/annotate.py", "--kills", "5", "--longest", "0.5"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    counted = re.match(r"5 kills, (\d+) labels confirmed, (\d+) in the file, 0 labels lost, 0 refused\n", result.stdout)
    assert counted, result.stdout + result.stderr
    confirmed, there = map(int, counted.groups())
    # A kill may take away a confirmation whose label was written, one a kill.
    assert 0 < confirmed <= there <= confirmed + 5
    assert ("", 0) == (result.stderr, result.returncode)
