"""A tree of texts in one row, against each of its paths in a row of its own."""

import pytest
import torch

from judge.models import pinned, prompt_tree
from judge.models.language_models import LanguageModel, ModelSettings, load
from judge.models.prompt_tree import Node

pytestmark = pytest.mark.skipif(not pinned.is_installed("smollm2-135m-instruct"), reason="the pinned model is not installed")

TEXTS = (
    (None, "The bridge was opened in 1877."),
    (0, " It carries cars"),
    (1, " and trains."),
    (1, " but no trains."),
    (0, " Queen Isabel came."),
)
LEAVES = (2, 3, 4)


@pytest.fixture(scope="module")
def loaded() -> LanguageModel:
    """In full precision, so that both ways can be compared closely."""
    return load(ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="float32"))


def _nodes(loaded: LanguageModel) -> list[Node]:
    return [Node(parent, loaded.tokenizer(text)["input_ids"]) for parent, text in TEXTS]


def _path(nodes: list[Node], index: int | None) -> list[int]:
    return [] if index is None else [*_path(nodes, nodes[index].parent), *nodes[index].ids]


def test_a_leaf_is_read_as_if_its_path_stood_in_a_row_of_its_own(loaded: LanguageModel) -> None:
    """What stands beside it in the row changes no probability, of any token, at any depth."""
    nodes = _nodes(loaded)
    head = loaded.model.get_output_embeddings().weight  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        row = prompt_tree.read(loaded, nodes)
        for leaf in LEAVES:
            path = torch.tensor([_path(nodes, leaf)])
            plain = loaded.model(path).logits[0].log_softmax(-1)
            first = path.shape[1] - len(nodes[leaf].ids)
            expected = [float(plain[at - 1, path[0, at]]) for at in range(first, path.shape[1])]
            own, best = prompt_tree.log_probabilities(row.states[row.predictors(leaf)], head, torch.tensor(nodes[leaf].ids))
            assert own == pytest.approx(expected, abs=1e-3)
            assert best == pytest.approx(plain[first - 1 : -1].amax(-1).tolist(), abs=1e-3)


def test_a_token_is_predicted_at_the_one_before_it(loaded: LanguageModel) -> None:
    """The first of a node at the end of what it follows, wherever in the row that stands."""
    nodes = [Node(None, [1, 2, 3]), Node(0, [4, 5]), Node(0, [6]), Node(1, [7, 8])]
    with torch.inference_mode():
        row = prompt_tree.read(loaded, nodes)
    assert [[2, 3], [2], [4, 6]] == [row.predictors(node) for node in (1, 2, 3)]
    assert [1, 2, 3, 4, 5, 6, 7, 8] == row.ids.tolist()
