"""All packs of a folder."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from firstframe.core.errors import InvalidInput, NotFound
from firstframe.packs.spec import Pack

MAX_PACK_BYTES = 1 << 20
CHECKOUT = Path(__file__).parents[3] / "models" / "packs"
"""Where the packs are when this package runs from a checkout."""


class Catalogue:
    """Packs by name.

    Args:
        packs: The packs.
    """

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self._packs = dict(packs)

    def __iter__(self) -> Any:  # noqa: ANN401
        return iter(self._packs.values())

    def get(self, name: str) -> Pack:
        """A pack.

        Raises:
            NotFound: `PACK_NOT_FOUND`; the message names the nearest.
        """
        pack = self._packs.get(name)
        if pack is not None:
            return pack
        near = difflib.get_close_matches(name, self._packs, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(self._packs))}"
        raise NotFound(f"no pack is named {name}; {hint}", reason="PACK_NOT_FOUND", metadata={"pack": name})


def read_catalogue(folder: Path) -> Catalogue:
    """Reads all packs of a folder, in the order of their names.

    Raises:
        NotFound: `PACKS_NOT_FOUND`, there is no such folder.
        InvalidInput: A file is not a pack; the message names file, field and problem.
    """
    if not folder.is_dir():
        raise NotFound(f"there is no folder of packs at {folder}; name it in PACKS_DIR", reason="PACKS_NOT_FOUND")
    return Catalogue({path.stem: read_pack(path) for path in sorted(folder.glob("*.yaml"))})


def read_pack(path: Path) -> Pack:
    """Reads one pack.

    Raises:
        InvalidInput: The file is not a pack; the message names file, field and problem.
    """
    if path.stat().st_size > MAX_PACK_BYTES:
        raise InvalidInput.at(str(path), f"is larger than {MAX_PACK_BYTES} bytes", "a pack is a short text")
    try:
        pack = Pack.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput.at(str(path), "is not YAML", str(error).replace("\n", " ")) from error
    except ValidationError as error:
        raise _invalid(path, error) from error
    if pack.pack != path.stem:
        raise InvalidInput.at(f"{path}: pack", f"says {pack.pack}", f"name the file {pack.pack}.yaml")
    return pack


def _invalid(path: Path, error: ValidationError) -> InvalidInput:
    problems = [f"{'.'.join(map(str, one['loc'])) or 'pack'}: {one['msg']}" for one in error.errors()]
    return InvalidInput.at(str(path), "; ".join(problems))
