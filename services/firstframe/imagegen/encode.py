"""Heroes as messages, their pictures as PNG in the store; the same for generated sets and photographs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firstframe.api.media.v1 import artifact_pb2, check_pb2, picture_pb2
from firstframe.core.errors import Internal
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect
from firstframe.imagegen.checks import JPEG_TYPE, Checked
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.check_messages import check_message
from firstframe.runtime.clip_messages import artifact_message, size_message
from firstframe.runtime.finding_messages import finding_message

PNG_TYPE = "image/png"

_ROLES = {
    LayerRole.BACKGROUND: picture_pb2.LAYER_ROLE_BACKGROUND,
    LayerRole.MIDGROUND: picture_pb2.LAYER_ROLE_MIDGROUND,
    LayerRole.SUBJECT: picture_pb2.LAYER_ROLE_SUBJECT,
    LayerRole.FOREGROUND: picture_pb2.LAYER_ROLE_FOREGROUND,
}
# Dithered pictures hardly shrink further at higher levels, which take several times as long.
_COMPRESSION = 3

_Put = Callable[[NDArray[Any]], artifact_pb2.ArtifactRef]


def png(picture: NDArray[Any]) -> bytes:
    """A picture as PNG without metadata: grey (8 or 16 bits), RGB or RGBA by its shape and type.

    Raises:
        Internal: The encoder refused it.
    """
    import cv2

    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    good, data = cv2.imencode(".png", np.ascontiguousarray(picture), [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION])
    if not good:
        raise Internal(f"no PNG could be made of an array of shape {picture.shape}, type {picture.dtype}")
    return bytes(data)


def store_hero(hero: HeroPicture, store: BlobStore, check: Callable[[], None]) -> picture_pb2.Hero:
    """Stores all pictures of a hero and gives its message.

    Args:
        hero: What the engine made.
        store: Where the pictures go.
        check: Called before each picture; raises to stop.
    """

    def put(picture: NDArray[Any]) -> artifact_pb2.ArtifactRef:
        check()
        return artifact_message(store.put_bytes(png(picture), PNG_TYPE))

    return picture_pb2.Hero(
        image=put(hero.image),
        size=size_message(hero.size),
        layers=_layers(hero.layers, put),
        inverse_depth=None if hero.inverse_depth is None else put(hero.inverse_depth),
        matte=None if hero.matte is None else put(hero.matte),
        subject=None if hero.subject is None else _rect(hero.subject),
        findings=[finding_message(item) for item in hero.findings],
        object_ids=None if hero.objects is None else put(hero.objects),
        object_names=hero.object_names,
        regions=[picture_pb2.Region(name=name, mask=put(mask)) for name, mask in hero.regions.items()],
    )


def _layers(layers: LayerPictures, put: _Put) -> picture_pb2.LayerStack:
    return picture_pb2.LayerStack(
        layers=[_layer(layer, put) for layer in layers.layers],
        bleed_px=layers.bleed_px,
        horizontal_fov_deg=layers.horizontal_fov_deg,
        confidence=layers.confidence,
    )


def _layer(layer: LayerImage, put: _Put) -> picture_pb2.Layer:
    return picture_pb2.Layer(role=_ROLES[layer.role], image=put(layer.rgba), depth_m=layer.depth_m)


def _rect(rect: PixelRect) -> picture_pb2.PixelRect:
    return picture_pb2.PixelRect(x_px=rect.x, y_px=rect.y, width_px=rect.width, height_px=rect.height)


def store_check(item: Checked, store: BlobStore) -> check_pb2.Check:
    """Stores the picture of a check and gives its message."""
    message = check_message(item.check)
    if item.overlay is not None:
        message.overlay.CopyFrom(artifact_message(store.put_bytes(item.overlay, JPEG_TYPE)))
    return message
