"""Palettes: the colours of a set and of the light on it."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.media import Rgba8

MIN_LABEL_CONTRAST = 7.0
"""Contrast that label copy needs against the paper: WCAG 2.2 success criterion 1.4.6 (enhanced), read November 2026."""

BLACK = "#14110F"
WHITE = "#FBF8F2"


@dataclass(frozen=True, slots=True, eq=False)
class House:
    """What a brand prints on its labels."""

    typeface: int | None
    """Index of the typeface; None lets the seed choose."""
    mark: Rgba8 | None
    """At the top of the label, shape (h, w, 4); the mark of the house when there is none."""
    clear_space: float
    """Space around the mark that nothing enters, in heights of the mark."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one mood, as `#RRGGBB` in sRGB."""

    name: str
    backdrop: str
    """Wall and floor, which are one sweep."""
    stone: str
    """Body of the plinth."""
    vein: str
    """Veins in the plinth."""
    lacquer: str
    """Body of the bottle."""
    paper: str
    """Label."""
    ink: str
    """Wanted colour of the copy; `label_ink` corrects it when it cannot be read."""
    metal: str
    """Cap and foil: a name of Mitsuba's table of conductors, `Au`, `Cu` or `Ag`."""
    foil: str
    """Colour of the foil on the label."""
    props: tuple[str, str, str]
    """Spheres, blocks and arches."""
    leaf: str
    """Sprig in front of the camera."""
    sun: str
    """Tint of the key light."""
    sky: str
    """Tint of the fill."""
    key: float
    """Encoded mean brightness that the exposure gives to the backdrop, 0 to 1."""
    fill: float
    """Strength of the fill against the key; low is dramatic."""
    wood: tuple[str, str] = ("#C49A66", "#8A6038")
    """Early wood and late wood."""
    cloth: str = "#E6E0D2"
    """Linen."""
    sand: str = "#D8C09C"
    """Dunes."""
    house: House | None = None
    """Whose labels they are; ours when there is none."""


PALETTES: dict[str, Palette] = {
    palette.name: palette
    for palette in (
        Palette(
            name="amber-dusk",
            backdrop="#D9AE88",
            stone="#DCCBB4",
            vein="#B98E62",
            lacquer="#7A2F12",
            paper="#F5EBDC",
            ink="#2B1710",
            metal="Au",
            foil="#C98F3C",
            props=("#9C4A2A", "#C98F45", "#D8BC98"),
            leaf="#C99A62",
            wood=("#B87C48", "#6E3F20"),
            cloth="#E9DCC6",
            sand="#D9A46C",
            sun="#FFD9B0",
            sky="#FFE6D8",
            key=0.56,
            fill=0.30,
        ),
        Palette(
            name="blush-dawn",
            backdrop="#E2BEB6",
            stone="#E6DAD5",
            vein="#C79D97",
            lacquer="#9C3B52",
            paper="#FCF4F0",
            ink="#4A1A2A",
            metal="Cu",
            foil="#C27C62",
            props=("#C27470", "#DDB5A8", "#D3A49A"),
            leaf="#C9948A",
            wood=("#D9B08C", "#A87452"),
            cloth="#F0E0D8",
            sand="#E0B5A4",
            sun="#FFE4D6",
            sky="#FBE3EA",
            key=0.64,
            fill=0.42,
        ),
        Palette(
            name="sage-noon",
            backdrop="#B4BFA4",
            stone="#DAD7C8",
            vein="#A9AD92",
            lacquer="#1F4D39",
            paper="#F5F3E7",
            ink="#18301F",
            metal="Au",
            foil="#B48C3E",
            props=("#7C8F70", "#C7BC94", "#C9C4A6"),
            leaf="#7E9B70",
            wood=("#C49A66", "#8A6038"),
            cloth="#E6E4D2",
            sand="#D8C69C",
            sun="#FFF0D2",
            sky="#E4EEF2",
            key=0.58,
            fill=0.36,
        ),
        Palette(
            name="ink-night",
            backdrop="#3A4A6B",
            stone="#4A5470",
            vein="#C0A468",
            lacquer="#0E1930",
            paper="#E9E3D3",
            ink="#121B30",
            metal="Au",
            foil="#B8914A",
            props=("#3C5685", "#B08B49", "#34466C"),
            leaf="#5F7FB0",
            wood=("#6B5240", "#32251E"),
            cloth="#8C94A8",
            sand="#8890A4",
            sun="#FFDDB0",
            sky="#9FB6E6",
            key=0.27,
            fill=0.30,
        ),
    )
}
"""Every palette, by name."""


def encoded(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of `#RRGGBB`, 0 to 1, sRGB transfer."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def linear(colour: str) -> tuple[float, float, float]:
    """Linear light of `#RRGGBB`, 0 to 1, by the transfer function of IEC 61966-2-1."""
    red, green, blue = (_to_linear(value) for value in encoded(colour))
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, with the weights of ITU-R BT.709."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it (read November 2026)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def label_ink(palette: Palette) -> str:
    """The palette's ink when it can be read on its paper, else black or white, whichever reads better.

    A brand's ink was corrected in its own hue before (`firstframe.sets.brands.readable`).
    """
    if palette.house is not None or contrast(palette.ink, palette.paper) >= MIN_LABEL_CONTRAST:
        return palette.ink
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, palette.paper))


def _to_linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
