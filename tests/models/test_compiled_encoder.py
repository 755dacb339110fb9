"""An encoder as a graph in 8-bit integers, computed by OpenVINO: nearly the encoder that it was, and each text by itself."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from judge.errors import ModelError
from judge.models import encoder_graph, encoders, pinned
from judge.models.compiled_encoder import CompiledEncoder
from judge.models.encoders import Encoder, EncoderSettings
from judge.models.kept_vectors import SHORTEST, KeptVectors
from judge.models.text_reader import States, TextReader, TokenVectors

pytestmark = pytest.mark.skipif(not pinned.is_installed("all-minilm-l6-v2"), reason="the pinned encoder is not installed")

TEXTS = [
    "Lima",
    "The viola is a string instrument, larger than the violin.",
    "Oxygen is a chemical element with the symbol O. Priestley described it in 1774 as dephlogisticated air. " * 8,
    "Who described oxygen?",
    "word " * 399 + "end",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The default encoder."""
    return encoders.load(EncoderSettings(embedded="all-minilm-l6-v2", hub=None, revision=None))


@pytest.fixture(scope="module")
def graph(encoder: Encoder) -> Path:
    """Its graph in the cache."""
    return encoder_graph.exported(encoder, activations=True)


@pytest.fixture(scope="module")
def exact_reader(encoder: Encoder) -> TextReader:
    """A reader whose texts the graph reads that has no scales for activations."""
    return TextReader(encoder, CompiledEncoder(encoder_graph.exported(encoder, activations=False)).read_pieces)


@pytest.fixture(scope="module")
def reader(encoder: Encoder, graph: Path) -> TextReader:
    """A reader whose texts the graph reads."""
    return TextReader(encoder, CompiledEncoder(graph).read_pieces)


def _bytes(tokens: TokenVectors) -> tuple[bytes, bytes, bytes]:
    return tokens.ids.tobytes(), tokens.vectors.tobytes(), tokens.mean.tobytes()


@pytest.mark.parametrize(("activations", "least", "mean"), [("fixed", 0.97, 0.99), ("grouped", 0.99, 0.998)])
def test_a_graph_reads_nearly_as_its_encoder_does(
    activations: str, least: float, mean: float, encoder: Encoder, reader: TextReader, exact_reader: TextReader
) -> None:
    """The same tokens; the cosine of each vector, and of their mean, with what the encoder gives."""
    read = (reader if activations == "fixed" else exact_reader).read
    for before, after in zip(TextReader(encoder).read(TEXTS), read(TEXTS), strict=True):
        cosines = (before.vectors * after.vectors).sum(axis=-1)
        assert before.ids.tolist() == after.ids.tolist()
        assert cosines.min() >= least
        assert cosines.mean() >= mean
        assert before.mean @ after.mean >= mean


@pytest.mark.parametrize("runtime", ["graph", "graph of weights", "encoder"])
def test_what_is_read_of_a_text_does_not_depend_on_its_neighbours(
    runtime: str, encoder: Encoder, reader: TextReader, exact_reader: TextReader
) -> None:
    """Alone, among others, and in another order: the same bytes."""
    read = {"graph": reader, "graph of weights": exact_reader, "encoder": TextReader(encoder)}[runtime].read
    alone = [_bytes(*read([text])) for text in TEXTS]
    assert alone == [_bytes(each) for each in read(TEXTS)]
    assert alone == [_bytes(each) for each in reversed(read(TEXTS[::-1]))]


@pytest.mark.parametrize("activations", ["fixed", "grouped"])
def test_a_text_that_is_computed_together_with_others_is_read_as_alone(
    activations: str, reader: TextReader, exact_reader: TextReader
) -> None:
    """Where so many are of one length that they share a batch, in short texts and in long ones: the same bytes, in order."""
    reader = reader if activations == "fixed" else exact_reader
    many = [f"{text} {word}" for word in ("one", "two", "six", "ten") for _ in range(9) for text in TEXTS]
    many = [f"{number} {text}" for number, text in enumerate(many, start=100)]
    read = [_bytes(each) for each in reader.read(many)]
    assert read[::13] == [_bytes(*reader.read([text])) for text in many[::13]]


def test_whoever_stops_reading_in_the_middle_can_read_on(reader: TextReader) -> None:
    """Texts that were under way are waited for, and what is read next is right."""
    many = [f"{text} {number}" for number in range(10) for text in TEXTS]
    wanted = [_bytes(each) for each in reader.read(many[:3])]
    assert wanted == [_bytes(each) for each in islice(reader.read_each(many), 3)]
    assert wanted == [_bytes(each) for each in reader.read(many[:3])]


def test_what_is_kept_of_a_text_is_what_was_read(encoder: Encoder, graph: Path, tmp_path: Path) -> None:
    """Of one that is read in pieces too, by another reader, which computes nothing; and of what stands twice among the texts."""

    def refuse(_pieces: object) -> Iterator[States]:
        yield from ()

    first, second = TextReader(encoder, CompiledEncoder(graph).read_pieces), TextReader(encoder, refuse)
    long = [text for text in TEXTS if len(text) >= SHORTEST]
    first.kept, second.kept = KeptVectors(tmp_path, "this one"), KeptVectors(tmp_path, "this one")

    read = [_bytes(each) for each in first.read([*long, *long])]

    assert len(long) == len(list(tmp_path.glob("*/*.npy")))
    assert read == [_bytes(each) for each in second.read([*long, *long])]
    assert read == [_bytes(each) for each in TextReader(encoder, CompiledEncoder(graph).read_pieces).read([*long, *long])]


def test_the_same_encoder_gives_the_same_graph(encoder: Encoder, graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, and nothing in it of the machine that made it; a quarter of the encoder in single precision, or little more."""
    monkeypatch.setenv("JUDGE_MODELS", str(tmp_path))
    again = encoder_graph.exported(encoder, activations=True)
    assert graph != again
    assert graph.read_bytes() == again.read_bytes()
    assert str(Path.home()).encode() not in again.read_bytes()
    assert b"site-packages" not in again.read_bytes()
    assert again.stat().st_size < 36e6


def test_a_piece_without_tokens_has_no_states(graph: Path) -> None:
    """As a tokenizer that adds none makes of an empty text; those beside it are read."""
    empty, other = CompiledEncoder(graph).read_pieces([[], [101, 7592, 102]])
    assert [(0, 384)] * 3 == [state.shape for state in empty]
    assert [(3, 384)] * 3 == [state.shape for state in other]


def test_a_graph_of_an_older_version_is_refused(tmp_path: Path) -> None:
    """It took one text, and no mask."""
    import onnx
    from onnx import TensorProto, helper

    one = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
    last = helper.make_tensor_value_info("last", TensorProto.FLOAT, [1, "tokens"])
    nodes = [helper.make_node("Cast", ["input_ids"], ["last"], to=TensorProto.FLOAT)]
    made = helper.make_model(helper.make_graph(nodes, "older", [one], [last]), opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(made, tmp_path / "graph.onnx")
    with pytest.raises(RuntimeError, match="its inputs are 1, and not two"):
        CompiledEncoder(tmp_path / "graph.onnx")


def test_a_package_that_is_missing_is_named(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that brings it, and the choice that needs none."""
    monkeypatch.setattr(encoder_graph, "_PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(ModelError, match=r"needs no_such_package, not installed here[\s\S]*encoder_runtime: pytorch"):
        encoder_graph.exported(encoder, activations=True)
