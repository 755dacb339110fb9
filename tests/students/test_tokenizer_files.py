"""A tokenizer's files, which tell nothing of the machine that wrote them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_the_files_are_the_same_offline_and_online(tmp_path: Path) -> None:
    """Whether HF_HUB_OFFLINE was set while the tokenizer was loaded is in no file, though transformers notes it."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom judge.models import folders\nfrom judge.students import tokenizer_files\n"
        "from transformers import AutoTokenizer\n"
        "tokenizer = AutoTokenizer.from_pretrained(str(folders.folder('all-minilm-l6-v2')))\n"
        "print(tokenizer.init_kwargs['local_files_only'])\n"
        "tokenizer_files.write(tokenizer, Path(sys.argv[1]))\n"
    )
    noted = []
    for offline in ("1", "0"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": offline}
        command = [sys.executable, "-c", code, str(tmp_path / offline)]
        noted.append(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip())
    online, offline_files = ({path.name: path.read_text("utf-8") for path in (tmp_path / name).iterdir()} for name in ("0", "1"))
    assert ["True", "False"] == noted
    assert online == offline_files
    assert json.loads(online["tokenizer_config.json"])["local_files_only"] is False
