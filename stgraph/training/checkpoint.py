"""Checkpoints of a training: one safetensors file whose header holds, as JSON, all that is not a tensor; no pickle."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import CheckpointIO
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stgraph.errors import RunError
from stgraph.files import written_whole

FORMAT = "stgraph checkpoint 1"


def write_checkpoint(state: Mapping[Any, Any], path: str | Path) -> None:
    """Write nested dicts, lists and tuples of tensors and plain data to one file, whole or not at all.

    Args:
        state: keys are int or str; leaves are dense tensors, numbers (infinite and NaN too), str, bool or None.
        path: the file.

    Raises:
        RunError: a leaf or a key of another kind; names its place.
        DataError: the file cannot be written, or the disk is full; what was there before still is.
    """
    tensors: dict[str, Tensor] = {}
    try:
        text = json.dumps(_packed(state, "", tensors))
    except RunError as error:
        message = f"{path}: {error}"
        raise RunError(message) from error
    with written_whole(path) as temporary:
        save_file(tensors, temporary, {"format": FORMAT, "state": text, "sha256": _digest(text, tensors)})


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read back what `write_checkpoint` wrote, bit for bit, on the CPU.

    Raises:
        RunError: the file is missing, truncated, altered or foreign; names the file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError) as error:
        message = f"{path}: not readable as a checkpoint ({error}); delete it to begin again"
        raise RunError(message) from error
    if header.get("format") != FORMAT:
        message = f"{path}: expected a {FORMAT!r}, found {header.get('format')!r}: the file is foreign"
        raise RunError(message)
    text = header.get("state", "")
    if header.get("sha256") != _digest(text, tensors):
        message = f"{path}: the content has not the SHA-256 it was written with: altered; delete it to begin again"
        raise RunError(message)
    state: dict[str, Any] = _unpacked(json.loads(text), tensors)
    return state


def _packed(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:  # noqa: ANN401 - any leaf, and JSON of it
    """Return what JSON can say of a value; its tensors go into `tensors` under their paths."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Tensor) and value.layout == torch.strided:
        name = path
        while name in tensors:  # the keys 1 and "1" have one path
            name += "'"
        tensors[name] = value.detach().cpu().clone(memory_format=torch.contiguous_format)  # tied ones share memory
        return {"tensor": name}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_packed(item, f"{path}/{k}", tensors) for k, item in enumerate(value)]}
    if isinstance(value, Mapping) and all(isinstance(key, int | str) for key in value):
        return {"dict": [[key, _packed(item, f"{path}/{key}", tensors)] for key, item in value.items()]}
    message = (
        f"{path or '/'}: expected dense tensors, numbers, text, bool, None, or lists, tuples and dicts (keys int or "
        f"str) of them, found {type(value).__name__} {value!r:.60}"
    )
    raise RunError(message)


def _unpacked(packed: Any, tensors: Mapping[str, Tensor]) -> Any:  # noqa: ANN401 - the inverse of `_packed`
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: _unpacked(item, tensors) for key, item in content}
    items = [_unpacked(item, tensors) for item in content]
    return items if kind == "list" else tuple(items)


def _digest(text: str, tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of the header's text and of names, types, shapes and bytes of the tensors."""
    sha = hashlib.sha256(text.encode())
    for name, x in sorted(tensors.items()):
        sha.update(f"\n{name} {x.dtype} {tuple(x.shape)}\n".encode())
        sha.update(x.reshape(-1).view(torch.uint8).numpy().data)
    return sha.hexdigest()


class SafetensorsIO(CheckpointIO):
    """What Lightning reads and writes checkpoints with: `read_checkpoint` and `write_checkpoint`."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: object = None) -> None:  # noqa: ARG002 - Lightning's signature
        """Write."""
        write_checkpoint(checkpoint, path)

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: object = None,  # noqa: ARG002 - Lightning's signature
        weights_only: bool | None = None,  # noqa: ARG002 - there is nothing but plain data
    ) -> dict[str, Any]:
        """Read."""
        return read_checkpoint(path)

    def remove_checkpoint(self, path: str | Path) -> None:
        """Delete."""
        Path(path).unlink(missing_ok=True)
