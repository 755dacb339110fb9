"""Cores that a computation takes."""

import pytest
import torch

from judge.models.threads import one_thread


def test_one_core_is_taken_only_while_the_block_runs() -> None:
    """Afterwards it is as before, after an error as well."""
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert before == torch.get_num_threads()
    with pytest.raises(ValueError, match="inside"), one_thread():
        raise ValueError("inside")
    assert before == torch.get_num_threads()
