"""A set's camera on its way: the poses of `firstframe.imaging.camera` in the world of the set."""

from __future__ import annotations

from dataclasses import replace

from firstframe.imaging.camera import Pose
from firstframe.sets.framing import Camera


def posed(camera: Camera, pose: Pose, width_px: int) -> Camera:
    """The camera in a pose; a plane at any depth is then seen as `imaging.camera.similarity` says.

    The film of a set's camera is shifted, and poses are told from the middle of its frame: whoever goes forwards goes
    along the ray through that middle. What was in focus stays so.

    Args:
        camera: The hero's.
        pose: Where it goes.
        width_px: Width of the hero's frame, in which a pose has its shifts of the film.
    """
    px = (camera.right - camera.left) / width_px
    middle_x, middle_y = (camera.left + camera.right) / 2, (camera.bottom + camera.top) / 2
    half_x = (camera.right - camera.left) / 2 / pose.zoom
    half_y = (camera.top - camera.bottom) / 2 / pose.zoom
    x, y = middle_x - pose.film_x_px * px, middle_y + pose.film_y_px * px
    return replace(
        camera,
        position=(
            camera.position[0] + pose.x_m + middle_x * pose.z_m,
            camera.position[1] - pose.y_m + middle_y * pose.z_m,
            camera.position[2] - pose.z_m,
        ),
        left=x - half_x,
        right=x + half_x,
        bottom=y - half_y,
        top=y + half_y,
        focus_m=camera.focus_m - pose.z_m,
    )
