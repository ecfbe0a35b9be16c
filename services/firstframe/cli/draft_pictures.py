"""Drafts in the store as pictures, read one at a time: fifty of them decoded would fill a laptop's memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import numpy as np
from PIL import Image

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.media import Rgb8
from firstframe.imaging.likeness import Signature, signature
from firstframe.ports.blobstore import BlobStore

MAX_STILL_BYTES = 64 * 1024 * 1024


class DraftPictures(Mapping[str, Rgb8]):
    """Stills of a campaign by the name of their hero; those of lanes that failed are missing. Each access reads the file anew.

    Args:
        campaign: Whose they are.
        store: Where they are.
    """

    def __init__(self, campaign: campaigns_pb2.Campaign, store: BlobStore) -> None:
        self._store = store
        self._digests = {lane.hero_name: lane.hero.image.digest for lane in campaign.lanes if lane.hero.image.digest}

    def __getitem__(self, name: str) -> Rgb8:
        with Image.open(io.BytesIO(self.file(name))) as picture:
            return np.asarray(picture.convert("RGB"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)

    def file(self, name: str) -> bytes:
        """The still as the stage made it, a PNG."""
        return self._store.get_bytes(self._digests[name], max_bytes=MAX_STILL_BYTES)

    def signatures(self, known: dict[str, Signature]) -> dict[str, Signature]:
        """What is compared of each still, by name.

        Args:
            known: By the still's digest; takes up those that are new, so that no still is decoded for it twice.
        """
        for name, digest in self._digests.items():
            if digest not in known:
                known[digest] = signature(self[name])
        return {name: known[digest] for name, digest in self._digests.items()}
