"""Products rounded to 8 bits: near what they were where one channel is far larger than the others, and the same bytes anywhere."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from judge.models import int8_graph

VOCABULARY, WIDTH, OUT = 50, 16, 8
SEQUENCES = [list(range(VOCABULARY))]


@pytest.fixture
def embeddings() -> npt.NDArray[np.float32]:
    """Word embeddings that bfloat16 holds, of which one channel is a hundred times as large as the others."""
    drawn = np.random.default_rng(3).normal(size=(VOCABULARY, WIDTH)).astype(np.float32)
    drawn[:, 5] *= 100
    return (drawn.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


@pytest.fixture
def matrix() -> npt.NDArray[np.float32]:
    """Weights that have the same size in all channels."""
    return np.random.default_rng(4).normal(size=(WIDTH, OUT)).astype(np.float32)


@pytest.fixture
def path(embeddings: npt.NDArray[np.float32], matrix: npt.NDArray[np.float32], tmp_path: Path) -> Path:
    """A graph that looks tokens up and multiplies them with the matrix twice."""
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["state"]),
        helper.make_node("MatMul", ["state", "first"], ["one"]),
        helper.make_node("MatMul", ["state", "second"], ["other"]),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", "tokens", OUT]) for name in ("one", "other")]
    tensors = [numpy_helper.from_array(values, name) for name, values in (("words", embeddings), ("first", matrix), ("second", matrix * 2))]
    made = helper.make_model(
        helper.make_graph(nodes, "two products", inputs, outputs, tensors), opset_imports=[helper.make_opsetid("", 20)]
    )
    # The newest that OpenVINO reads.
    made.ir_version = 10
    onnx.save(made, tmp_path / "graph.onnx")
    return tmp_path / "graph.onnx"


def _computed(path: Path) -> list[npt.NDArray[np.float32]]:
    import openvino

    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    ids = np.array(SEQUENCES, dtype=np.int64)
    return [np.array(each[0]) for each in compiled({0: ids, 1: np.ones_like(ids)}).values()]


def test_products_stay_near_what_they_were(
    path: Path, embeddings: npt.NDArray[np.float32], matrix: npt.NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the small channels add is kept, of which one scale for all of them would lose twice as much."""
    plain = path.with_name("plain.onnx")
    plain.write_bytes(path.read_bytes())
    exact = _computed(path)
    int8_graph.quantise(path, SEQUENCES)
    monkeypatch.setattr(int8_graph, "_MOVED", 0.0)
    int8_graph.quantise(plain, SEQUENCES)
    small = np.abs(exact[0] - embeddings[:, 5:6] * matrix[5:6]).max()
    error, without = (np.abs(_computed(each)[0] - exact[0]).max() / small for each in (path, plain))
    assert 0 < error < 0.2
    assert without > 2 * error


def test_what_it_holds(path: Path, embeddings: npt.NDArray[np.float32]) -> None:
    """Weights in bytes, the words in bfloat16 without a loss, and one rounding of a state that two products read."""
    int8_graph.quantise(path, SEQUENCES)
    model = onnx.load(path)
    onnx.checker.check_model(model)
    held = {each.name: each for each in model.graph.initializer}
    assert {name for name, each in held.items() if len(each.dims) == 2} == {"first.int8", "second.int8", "words.bfloat16"}
    words = np.frombuffer(held["words.bfloat16"].raw_data, dtype=np.uint16).astype(np.uint32) << 16
    assert (words.view(np.float32).reshape(embeddings.shape) == embeddings).all()
    assert [node.op_type for node in model.graph.node].count("QuantizeLinear") == 1
    # Powers of two, so that moving a channel's size rounds nothing.
    assert (np.frexp(numpy_helper.to_array(held["state.smoothing"]))[0] == 0.5).all()


def test_the_last_digits_of_what_is_measured_change_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other machines sum in another order; the graph they write is the same."""
    again = path.with_name("again.onnx")
    again.write_bytes(path.read_bytes())
    int8_graph.quantise(path, SEQUENCES)
    measured = int8_graph._reaches
    monkeypatch.setattr(
        int8_graph, "_reaches", lambda *given: {name: each * np.float32(1 - 1e-6) for name, each in measured(*given).items()}
    )
    int8_graph.quantise(again, SEQUENCES)
    assert again.read_bytes() == path.read_bytes()
