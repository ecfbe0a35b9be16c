"""Exact layers of a set: what each layer looks like where nearer layers would hide it, with all shadows in place.

Camera rays walk through the shapes of nearer layers; from the first surface that counts on, a path tracer sees the
whole scene. The samples of a pixel lie side by side and are summed by blocks, so that no sum depends on the order of
threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from firstframe.render.kinds import Plugin, Renderer, Values
from firstframe.render.passes import Coverage, Floats, Geometry, Pass, Samples
from firstframe.render.scene import LAYER_ORDER, LoadedSet, with_bitmaps
from firstframe.sets.design import Pad, SetDesign
from firstframe.sets.framing import Camera

MAX_PADS = 12
LANES = 1 << 20
"""Camera samples in one launch of the kernel."""

_NOBODY = 99
_STEPS = 12
"""Surfaces of nearer layers that a ray can walk through."""

_WALK_EPSILON_M = 2e-5
"""Small, or rays that enter a stone just above the water come out below it."""

_LOWEST_SKY = -0.05
"""A ray that goes down more steeply than this and meets nothing slipped through where a thing touches the floor."""

_FIREFLY = 40.0
"""Radiance at which single samples are cut, so that no bright dot survives the denoiser."""

_Kernel = Callable[[Values, Pass, int, int], list[Values]]
"""Ray, pass, seed and number of lanes to one array for each plane."""


class Tracer:
    """Renders passes of one set with a vectorised variant of Mitsuba."""

    def __init__(self, mi: Renderer, loaded: LoadedSet, design: SetDesign) -> None:
        self._mi = mi
        self._scene = loaded.scene
        self._design = design
        self._layer_of, self._product_of, self._floor_of, self._object_of = _tables(mi, loaded)
        self._card = _card_cover(mi, design)
        self._integrators: dict[int, Plugin] = {}

    def render(
        self, work: Pass, camera: Camera, *, check: Callable[[], None], done: Callable[[float], None]
    ) -> Samples:
        """Renders one pass in strips.

        Args:
            work: What to render.
            camera: Camera whose frame is the picture of `work.width`×`work.height`.
            check: Called between strips; raises to stop.
            done: Told the share that is done, 0 to 1.
        """
        planes = self._strips(work, camera, self._shade, check, done)
        return Samples(_picture(planes[0:3]), _picture(planes[3:6]), _picture(planes[6:9]), Coverage(*planes[9:12]))

    def coverage(self, work: Pass, camera: Camera, *, check: Callable[[], None]) -> Coverage:
        """What `render` gives as coverage, without any light: cheap, so that it can have many samples."""
        return Coverage(*self._strips(work, camera, self._cover, check, lambda _: None))

    def whole(self, work: Pass, camera: Camera, *, check: Callable[[], None]) -> Samples:
        """The whole scene at once, as a plain camera sees it."""
        planes = self._strips(work, camera, self._expose, check, lambda _: None)
        ones = np.ones(planes.shape[1:], np.float32)
        cover = Coverage(ones, np.zeros_like(ones), np.zeros_like(ones))
        return Samples(_picture(planes[0:3]), _picture(planes[3:6]), _picture(planes[6:9]), cover)

    def filmed(self, work: Pass, camera: Camera, *, check: Callable[[], None]) -> tuple[Samples, Floats]:
        """As `whole`, and what each layer hides.

        Returns:
            The samples; and for each layer of `LAYER_ORDER` but the farthest, which share of a pixel's samples saw that layer
            or a nearer one first, 0 to 1, shape (3, height, width).
        """
        planes = self._strips(work, camera, self._film, check, lambda _: None)
        ones = np.ones(planes.shape[1:], np.float32)
        cover = Coverage(ones, np.zeros_like(ones), np.zeros_like(ones))
        samples = Samples(_picture(planes[0:3]), _picture(planes[3:6]), _picture(planes[6:9]), cover)
        return samples, planes[9:]

    def geometry(self, camera: Camera, width: int, height: int) -> Geometry:
        """What the centre of each pixel shows through a pinhole."""
        import drjit as dr

        mi = self._mi
        index = dr.arange(mi.UInt32, width * height)
        x = (mi.Float(index % width) + 0.5) / width
        y = (mi.Float(index // width) + 0.5) / height
        si, _ = self._walk(self._ray(camera, x, y, mi.Point2f(0.0, 0.0)), self._unseen)
        inverse = dr.select(si.is_valid(), dr.rcp(camera.position[2] - si.p.z), 0.0)
        objects = dr.gather(mi.UInt32, self._object_of, self._number(si), si.is_valid())
        dr.eval(inverse, objects)
        return Geometry(
            np.asarray(inverse.numpy(), np.float32).reshape(height, width),
            np.asarray(objects.numpy(), np.uint8).reshape(height, width),
        )

    def _strips(
        self, work: Pass, camera: Camera, kernel: _Kernel, check: Callable[[], None], done: Callable[[float], None]
    ) -> Floats:
        strips = []
        for top, rows in _strips(work):
            check()
            strips.append(self._strip(work, camera, kernel, top, rows))
            done((top + rows) / work.region.height)
        return np.concatenate(strips, axis=1)

    def _strip(self, work: Pass, camera: Camera, kernel: _Kernel, top: int, rows: int) -> Floats:
        import drjit as dr

        mi = self._mi
        columns, spp = work.region.width, work.spp
        index = dr.arange(mi.UInt32, rows * columns * spp)
        spp_, columns_ = dr.opaque(mi.UInt32, spp), dr.opaque(mi.UInt32, columns)
        pixel, sample = index // spp_, index % spp_
        column = pixel % columns_ + dr.opaque(mi.UInt32, work.region.x)
        row = pixel // columns_ + dr.opaque(mi.UInt32, work.region.y + top)
        jitter, lens = self._jitter(row * 65536 + column, sample, work.seed)
        x = (mi.Float(column) + jitter.x) / dr.opaque(mi.Float, work.width)
        y = (mi.Float(row) + jitter.y) / dr.opaque(mi.Float, work.height)
        ray = self._ray(camera, x, y, mi.warp.square_to_uniform_disk_concentric(lens))
        planes = kernel(ray, work, (work.seed * 8191 + top) & 0xFFFFFFFF, dr.width(index))
        dr.eval(
            planes
        )  # all in one kernel: left to themselves, the sums below would trace the rays once for each plane
        means = [dr.block_sum(plane, spp) / spp for plane in planes]
        return np.stack([mean.numpy() for mean in means]).reshape(len(means), rows, columns)

    def _jitter(self, pixel: Values, sample: Values, seed: int) -> tuple[Values, Values]:
        """Well spread points within the pixel and on the lens: the R2 and its sister sequence, shifted per pixel.

        Source: M. Roberts, "The Unreasonable Effectiveness of Quasirandom Sequences", 2018, in four dimensions.
        """
        import drjit as dr

        mi = self._mi
        one, two = mi.sample_tea_32(pixel, dr.opaque(mi.UInt32, seed))
        three, four = mi.sample_tea_32(one, two)
        n = mi.Float(sample)
        parts = []
        for shift, step in zip((one, two, three, four), (0.85667488, 0.73389185, 0.62870672, 0.53859725), strict=True):
            value = mi.Float(shift >> 8) * (1 / 16777216) + n * step
            parts.append(value - dr.floor(value))
        return mi.Point2f(parts[0], parts[1]), mi.Point2f(parts[2], parts[3])

    def _ray(self, camera: Camera, x: Values, y: Values, lens: Values) -> Values:
        import drjit as dr

        mi = self._mi
        o = [dr.opaque(mi.Float, value) for value in camera.position]
        radius, focus = dr.opaque(mi.Float, camera.aperture_m), dr.opaque(mi.Float, camera.focus_m)
        left, top = dr.opaque(mi.Float, camera.left), dr.opaque(mi.Float, camera.top)
        u = left + x * dr.opaque(mi.Float, camera.right - camera.left)
        v = top - y * dr.opaque(mi.Float, camera.top - camera.bottom)
        origin = mi.Point3f(o[0] + lens.x * radius, o[1] + lens.y * radius, o[2])
        target = mi.Point3f(o[0] + u * focus, o[1] + v * focus, o[2] - focus)
        return mi.Ray3f(origin, dr.normalize(target - origin))

    def _shade(self, ray: Values, work: Pass, seed: int, lanes: int) -> list[Values]:
        si, ray, (weight, product, footprint) = self._first(ray, work)
        return [*self._light(si, ray, work, seed, lanes, weight), weight, product, footprint]

    def _light(self, si: Values, ray: Values, work: Pass, seed: int, lanes: int, weight: Values) -> list[Values]:
        """Colour, albedo and normal of what a ray sees first, times its weight."""
        import drjit as dr

        mi = self._mi
        hit, solid = weight > 0, (weight > 0) & si.is_valid()
        sampler = mi.load_dict({"type": "independent"})
        sampler.seed(seed, lanes)
        colour, _, _ = self._integrator(work.max_depth).sample(
            self._scene, sampler, mi.RayDifferential3f(ray), None, hit
        )
        colour = dr.select(hit & dr.all(dr.isfinite(colour)), dr.minimum(colour, _FIREFLY), 0.0) * weight
        albedo = dr.select(solid, si.bsdf().eval_diffuse_reflectance(si, solid), dr.select(hit, 1.0, 0.0)) * weight
        normal = dr.select(solid, si.sh_frame.n, 0.0) * weight
        return [*colour, *albedo, *normal]

    def _expose(self, ray: Values, work: Pass, seed: int, lanes: int) -> list[Values]:
        si, ray = self._walk(ray, self._unseen)
        return self._light(si, ray, work, seed, lanes, self._mi.Float(1.0))

    def _film(self, ray: Values, work: Pass, seed: int, lanes: int) -> list[Values]:
        import drjit as dr

        mi = self._mi
        si, ray = self._walk(ray, self._unseen)
        valid = si.is_valid()
        layer = dr.select(valid, dr.gather(mi.UInt32, self._layer_of, self._number(si), valid), 0)
        nearer = [dr.select(layer >= at, mi.Float(1.0), mi.Float(0.0)) for at in range(1, len(LAYER_ORDER))]
        return [*self._light(si, ray, work, seed, lanes, mi.Float(1.0)), *nearer]

    def _cover(self, ray: Values, work: Pass, _seed: int, _lanes: int) -> list[Values]:
        return list(self._first(ray, work)[2])

    def _first(self, ray: Values, work: Pass) -> tuple[Values, Values, tuple[Values, Values, Values]]:
        """The first surface that counts, the ray that sees it, and how far it is layer, product and footprint."""
        import drjit as dr

        mi = self._mi
        limit = dr.opaque(mi.UInt32, work.layer)
        si, ray = self._walk(ray, self._nearer(limit, without_product=work.without_product))
        valid = si.is_valid()
        number = self._number(si)
        own = valid & (dr.gather(mi.UInt32, self._layer_of, number, valid) == limit)
        floor = valid & (dr.gather(mi.UInt32, self._floor_of, number, valid) == 1)
        patch, foot = self._pads(si, work.layer)
        sky = ~valid & (limit == 0) & (ray.d.y > _LOWEST_SKY)
        weight = dr.select(own | sky, 1.0, dr.select(floor, patch, 0.0))
        is_product = own & (dr.gather(mi.UInt32, self._product_of, number, own) == 1)
        product = dr.select(is_product, self._card_alpha(si, is_product), 0.0)
        return si, ray, (weight, product, dr.select(floor, foot, 0.0))

    def _card_alpha(self, si: Values, active: Values) -> Values:
        """Alpha of the card there; 1 where the product is a body."""
        return self._mi.Float(1.0) if self._card is None else self._card.eval_1(si, active)

    def _nearer(self, limit: Values, *, without_product: bool) -> Callable[[Values], Values]:
        """Whether a surface is of a nearer layer than `limit`, or of what the camera must not see."""
        import drjit as dr

        mi = self._mi

        def nearer(si: Values) -> Values:
            valid = si.is_valid()
            number = self._number(si)
            found = valid & (dr.gather(mi.UInt32, self._layer_of, number, valid) > limit)
            if without_product:
                found |= valid & (dr.gather(mi.UInt32, self._product_of, number, valid) == 1)
            return found

        return nearer

    def _unseen(self, si: Values) -> Values:
        """Whether the camera looks through a surface: the body of a card, or where the card is transparent."""
        import drjit as dr

        mi = self._mi
        valid = si.is_valid()
        number = self._number(si)
        unseen = valid & (dr.gather(mi.UInt32, self._layer_of, number, valid) == _NOBODY)
        if self._card is not None:
            card = valid & (dr.gather(mi.UInt32, self._product_of, number, valid) == 1)
            unseen |= card & (self._card.eval_1(si, card) < 0.5)
        return unseen

    def _walk(self, ray: Values, beyond: Callable[[Values], Values]) -> tuple[Values, Values]:
        """The first surface that the camera is to see, and the ray that sees it first."""
        import drjit as dr

        mi = self._mi

        def onward(ray: Values, active: Values, step: Values) -> tuple[Values, Values, Values]:
            si = self._scene.ray_intersect(ray, active)
            again = active & beyond(si)
            moved = mi.Ray3f(ray.o + ray.d * dr.select(again, si.t + _WALK_EPSILON_M, 0.0), ray.d)
            return moved, again, step + 1

        ray, _, _ = dr.while_loop(
            state=(ray, dr.full(mi.Bool, True, dr.width(ray.o)), mi.UInt32(0)),
            cond=lambda _ray, active, step: active & (step < _STEPS),
            body=onward,
        )
        return self._scene.ray_intersect(ray), ray

    def _number(self, si: Values) -> Values:
        import drjit as dr

        return dr.reinterpret_array(self._mi.UInt32, si.shape)

    def _pads(self, si: Values, layer: int) -> tuple[Values, Values]:
        """How much of a floor point belongs to this layer's patches, and how much lies under things of nearer layers."""
        own, *nearer = (self._design.pads.get(role, ()) for role in LAYER_ORDER[layer:])
        mine = self._pad_weight(si, own, 0.4, 1.0)
        foot = self._pad_weight(si, tuple(pad for pads in nearer for pad in pads), 0.0, 0.4)
        return mine, foot

    def _pad_weight(self, si: Values, pads: tuple[Pad, ...], start: float, end: float) -> Values:
        import drjit as dr

        mi = self._mi
        rows = np.zeros((MAX_PADS, 8), np.float32)
        rows[:, 6] = -1.0
        rows[:, 7] = 1.0
        for at, pad in enumerate(pads):
            turn = np.radians(pad.turn_deg)
            rows[at] = (
                pad.x,
                pad.z,
                np.cos(turn),
                np.sin(turn),
                pad.half_width,
                pad.half_depth,
                pad.radius,
                pad.feather,
            )
        table = mi.Float(rows.ravel())
        weight = mi.Float(0.0)
        for at in range(MAX_PADS):
            x0, z0, cos, sin, half_x, half_z, radius, feather = (
                dr.gather(mi.Float, table, mi.UInt32(at * 8 + column)) for column in range(8)
            )
            dx, dz = si.p.x - x0, si.p.z - z0
            x, z = dr.abs(cos * dx - sin * dz) - half_x, dr.abs(sin * dx + cos * dz) - half_z
            distance = dr.sqrt(dr.square(dr.maximum(x, 0)) + dr.square(dr.maximum(z, 0))) - radius
            t = dr.clip((distance / feather - start) / (end - start), 0, 1)
            inside = dr.select(radius < 0, 0.0, 1 - t * t * (3 - 2 * t))
            weight = dr.maximum(weight, inside)
        return weight

    def _integrator(self, max_depth: int) -> Plugin:
        if max_depth not in self._integrators:
            plugin = {"type": "path", "max_depth": max_depth, "rr_depth": 5}
            self._integrators[max_depth] = self._mi.load_dict(plugin)
        return self._integrators[max_depth]


def _card_cover(mi: Renderer, design: SetDesign) -> Plugin | None:
    return None if design.card is None else mi.load_dict(with_bitmaps(mi, design.card.cover()))


def _tables(mi: Renderer, loaded: LoadedSet) -> tuple[Values, Values, Values, Values]:
    """By the renderer's shape number: layer, whether it is the product, whether it is the floor, number of the object."""
    import drjit as dr

    def number_of(shape: Plugin) -> int:
        numbers: Values = dr.reinterpret_array(mi.UInt32, mi.ShapePtr(shape))
        return int(numbers[0])

    shapes = {shape.id(): number_of(shape) for shape in loaded.scene.shapes()}
    size = max(shapes.values()) + 1
    layers, products, floors, objects = np.full(size, _NOBODY), np.zeros(size), np.zeros(size), np.zeros(size)
    for name, number in shapes.items():
        layers[number] = loaded.shape_layers.get(name, _NOBODY)
        products[number] = name in loaded.products
        floors[number] = loaded.shape_layers.get(name) == 0
        objects[number] = loaded.objects.get(name, 0)
    one, two, three, four = (mi.UInt32(table.astype(np.uint32)) for table in (layers, products, floors, objects))
    return one, two, three, four


def _strips(work: Pass) -> Iterator[tuple[int, int]]:
    rows = max(LANES // (work.region.width * work.spp), 1)
    for top in range(0, work.region.height, rows):
        yield top, min(rows, work.region.height - top)


def _picture(planes: Floats) -> Floats:
    return np.ascontiguousarray(np.moveaxis(planes, 0, -1))
