"""How people say what is in the air, what moves by itself, and what an old portrait does."""

from __future__ import annotations

from firstframe.core.motion import Atmosphere, EffectKind
from firstframe.direction.lexicon.entries import Entry, Tag

_SWAY = (
    "(?:sway|rustle|move|flutter|wave|swing|quiver|tremble|blow|dance|bend|shiver|stir|ripple|billow|flow|waft"
    "|drift|shake|flap|whip"
    "|breathe|swish|lift|nod)"
)
_PLANT = (
    "(?:leaf|leafs|grass|tree|branch|plant|foliage|palm|fern|flower|petal|wheat|reed|bush|frond|vine"
    "|dandelion|meadow|greenery|blossom|stem|twig|ivy)"
)
_CLOTH = (
    "(?:curtain|fabric|cloth|silk|dress|skirt|scarf|veil|flag|linen|drape|sheet|satin|tablecloth|banner|cape"
    "|shirt|ribbon|robe|gown|sail"
    "|chiffon|textile|towel|canopy|tent|coat|hem)"
)
_LIGHT = (
    "(?:light|sunlight|sun|sunray|sunshine|ray|beam|sunbeam|glow|highlight|reflection|lighting|shine|shadow"
    "|spotlight|moonlight|daylight|god ray)"
)
_SHIFT = (
    "(?:sweep|shift|move|change|travel|pass|glide|slide|drift|dance|play|crawl|roll|run|glisten|wash|wander|sway"
    "|trace|creep|stream|pour|spill"
    "|fade|rise|turn|pan|ripple|go|come|rotate|shimmer|evolve|fall|filter|flow|flash|scan|graze|rake|pulse|glint"
    "|sparkle|gleam|twinkle|glimmer|glisten)"
)
_FIRE = (
    "(?:candle|flame|fire|neon|lamp|bulb|sign|torch|lightbulb|lantern|fireplace|candlelight|firelight"
    "|campfire|ember glow|screen|tv|led|lightbar|headlight)"
)
_BURN = "(?:flicker|buzz|crackle|burn|blink|flutter|dance|pulse|glow|sputter|waver|flash|strobe)"
_GAP = "(?: (?:{adv}|and|be|the|in|of|with|its|through|wind|breeze|behind)){0,4}"


def _air(kind: Atmosphere, *patterns: str) -> list[Entry]:
    return [Entry(pattern, Tag.AIR, kind) for pattern in patterns]


_DRIFT = (
    "(?:fall|drift|float|roll|swirl|drip|rise|hang|linger|blow|pour|run|whirl|dance|move|creep|billow|curl|flow"
    "|come|hover|drop|waft|stream"
    "|dissipate|trickle|tumble|glide|lift|pass|spiral|sweep|catch the light)"
)


def _drifting(kind: Atmosphere, noun: str) -> list[Entry]:
    """A thing in the air, with what it does."""
    way = "(?: (?:down|by|past|off|upward|upwards|up|in(?! (?:{the}|front)))){0,1}"
    return _air(kind, f"(?:{_DRIFT} )?(?:{noun})(?:(?: (?:{{adv}}|that|be|and)){{0,3}} {_DRIFT}{way})?")


AIRS: tuple[Entry, ...] = (
    *_drifting(
        Atmosphere.DUST,
        "(?:(?:cloud|swirl|trail|puff) of )?"
        "(?:dust|mote|particle|particulate|pollen|spore|ember|glitter|fairy"
        " dust|speck|ash|spark|sparkles)"
        "(?: (?:mote|particle|speck|cloud|in the air))?",
    ),
    *_drifting(
        Atmosphere.MIST,
        "(?:mist|fog|haze|smoke|steam|vapour|vapor|foggy|misty|hazy|smoky|steamy|dry ice|fogbank|smog)(?:"
        " (?:bank|cloud|wisp))?"
        "|(?:wisp|cloud|plume|puff|curl|trail|bank|veil|blanket)(?: of)"
        "(?: \\w+)? (?:smoke|fog|mist|steam|haze"
        "|vapour|vapor)|wisp",
    ),
    *_drifting(
        Atmosphere.RAIN,
        "(?:rain|raindrop|drizzle|downpour|rainfall|rainy|rainstorm|thunderstorm|monsoon)(?: (?:drop|fall|shower))?",
    ),
    *_drifting(
        Atmosphere.SNOW,
        "(?:snow|snowfall|snowflake|flurry|blizzard|snowstorm|snowy|sleet)(?: (?:flake|fall|storm|flurry))?",
    ),
    *_air(
        Atmosphere.LIGHT_SWEEP,
        f"{_LIGHT}{_GAP} {_SHIFT}(?: (?:across|over|along|through|past))?",
        f"(?:moving|shifting|shift|sweeping|sweep|changing|change|passing|travelling|traveling|wandering|move"
        f"|pass|dance|play|dynamic|animated"
        f"|evolving|roam|travel) {_LIGHT}(?: (?:shift|change|sweep|move|movement|effect))?",
        "catch {the} (?:light|sun|sunlight)",
        "(?:light|lighting) (?:sweep|shift|change|play|leak|streak|pass|movement|transition|ripple|wipe)",
        "dynamic (?:light|lighting|illumination)(?: (?:shift|change|effect))?",
        "(?:glint|glimmer|gleam|glisten|sparkle|shimmer|twinkle)(?: of (?:light|sun))?",
        "(?:sea|water|ocean|river|lake|surf|sand|dew|frost|ice|glass|crystal|diamond|jewel|gem|stone|ring|watch|bottle"
        "|metal|chrome|gold|silver|surface|eye|sequin|city|skyline|light|champagne|it|that|which|pool) sparkles",
        "sweep(?: \\w+){0,2} of light",
        "(?:change|shift|play|sweep|streak|ray|beam|band|strip) (?:in |of )(?:the )?light(?:ing)?(?: (?:sweep"
        "|move|pass|travel|cross))?",
    ),
    *_air(
        Atmosphere.CAUSTICS,
        "(?:caustic|water reflection|underwater light|ripple of light|wet reflection)(?: (?:light|pattern|ripple"
        "|effect|dance))?",
        "(?:pool|water|underwater|ocean|sea) (?:reflection|light|shimmer|glow|caustic)"
        + _GAP
        + "(?: (?:dance|move|play|ripple|shimmer))?",
        "(?:reflection|light)" + _GAP + " (?:from|of|off|through) (?:the )?(?:water|pool|sea)",
        "light refract(?: \\w+){0,2} water",
        "light ripple",
    ),
    *_air(
        Atmosphere.WATER,
        "(?:flow|run|ripple|move|lap|trickle|cascade|rush|stream|shimmer|roll|gentle|calm|babble) (?:of"
        " )?(?:water|river|stream|ocean|sea|wave|lake|brook|tide|surf|creek)"
        "(?: (?:flow|surface|ripple|movement))?",
        "(?:water|river|stream|ocean|sea|wave|lake|brook|tide|surf|creek|fountain)"
        + _GAP
        + " (?:flow|run|ripple|move|lap|trickle|cascade|rush|roll|wash|shimmer|stream|movement|motion|swell)",
        "(?:waterfall|water flow|water ripple|ripple in (?:the )?(?:water|pool|lake)|ripple|flow stream|surf)",
        "wave (?:come in|roll in|in the (?:background|ocean|sea|distance))",
    ),
    *_air(
        Atmosphere.FOLIAGE,
        f"{_PLANT}(?: \\w+)?{_GAP} {_SWAY}",
        f"{_SWAY} (?:{{the}} )?{_PLANT}",
        f"(?:wind|breeze){_GAP} (?:through|in|across|over|on|stir|move|rustle) (?:{{the}} )?{_PLANT}",
        f"{_PLANT} in (?:{{the}} )?(?:\\w+ )?(?:wind|breeze)",
    ),
    *_air(
        Atmosphere.CLOTH,
        f"{_CLOTH}(?: \\w+)?{_GAP} {_SWAY}",
        f"{_SWAY} (?:{{the}} )?{_CLOTH}",
        f"(?:wind|breeze){_GAP} (?:through|in|across|over|on|stir|move|catch|lift) (?:{{the}} )?{_CLOTH}",
        f"{_CLOTH} in (?:{{the}} )?(?:\\w+ )?(?:wind|breeze)",
        f"(?:billowy|flowy|windblown|wind blown) {_CLOTH}",
    ),
    *_air(
        Atmosphere.FLICKER,
        f"{_FIRE}(?: (?:flame|light|sign|glow|lamp|wick|tube))?{_GAP} {_BURN}",
        f"{_BURN} (?:{{the}} )?(?:\\w+ )?{_FIRE}(?: (?:light|flame|sign|glow))?",
        "flicker(?: (?:light|effect|glow))?",
        f"(?:light|lighting){_GAP} (?:flicker|strobe|blink)",
        "(?:candle|fire) (?:light|flame|glow)|candlelight|firelight|campfire",
    ),
    *_air(
        Atmosphere.CLOUDS,
        "cloud(?: (?:roll|drift|move|pass|float|race|scud|rush|by|across|over|cover|movement)){0,3}",
        "(?:cloudscape|cloudy|sky (?:move|shift|change)|timelapse sky)",
    ),
)
"""What is in the air, or moves by itself."""

PORTRAIT: tuple[Entry, ...] = tuple(
    Entry(pattern, Tag.EFFECT, EffectKind.HERITAGE)
    for pattern in (
        "blink(?: (?:once|twice|of (?:the|an) eye|{the} eye))?",
        "(?:breathe|inhale|exhale|breath)(?: (?:in|out|softly))?",
        "(?:tilt|turn|nod|move|incline)(?:{g})(?: of)? (?:{the} )?head(?:{g})",
        "head (?:tilt|turn|nod|move|movement)",
        "heritage(?: effect| motion)?",
        "bring(?: \\w+){1,3} (?:to life|alive)",
        "rise and fall of (?:{the} )?chest",
        "chest (?:rise|move)(?: and fall)?",
    )
)
"""What the module for old portraits does; nothing else moves a face."""

LEARNED: tuple[Entry, ...] = tuple(
    Entry(pattern, Tag.LEARNED, what)
    for what, patterns in {
        "a change of focus": (
            "rack(?: focus)?(?: (?:from|to|onto|on|between))?",
            "(?:pull|shift|change|snap|move|throw) (?:{the} )?focus(?: (?:from|to|onto|on|between))?",
            "focus (?:pull|shift|rack|change|move|transition|fall|drift|slide|breathe)(?: (?:from|to|onto|on))?",
            "(?:defocus|refocus|come into focus|go out of focus|blur to sharp|bokeh (?:shift|move))",
        ),
        "hair that moves": (
            "hair(?: \\w+)? " + _SWAY,
            _SWAY + " (?:{the} )?hair",
            "hair (?:in (?:{the} )?(?:\\w+ )?(?:wind|breeze)|flip|toss)",
            "(?:wind|breeze)" + _GAP + " (?:{the} )?hair",
            "(?:fur|feather|mane|beard|whisker)" + _GAP + " " + _SWAY,
        ),
        "a face that changes": (
            "(?:smile|grin|smirk|frown|laugh|giggle|cry|raise (?:{the} )?eyebrow)",
            "(?:eye|gaze)" + _GAP + " (?:move|glance|look|shift|widen|open|close|follow|dart|light up)",
            "glance",
            "(?:facial|face) (?:expression|animation|movement)",
            "look(?:{g})? (?:at|into|to|toward|towards) (?:{the} )?(?:camera|lens|viewer|us)",
        ),
        "a change of time": (
            "(?:slow motion|slow mo|slomo|slo mo|slowmo|super slow mo|bullet time|high speed camera)",
            "(?:speed ramp|time remap|time ramp|hyper speed|fast forward|reverse motion|freeze frame|time"
            " freeze)(?: (?:up|effect))?",
        ),
        "a thing of the lens": ("(?:lens flare|flare|motion blur|chromatic aberration|film grain|light leak effect)",),
        "small things that fall or rise": (
            "(?:petal|leaf|feather|confetti|flower|blossom|autumn leaf|paper)(?: \\w+)? (?:fall|drift down|float"
            " down|float by|rain down|tumble|drop|float|swirl)",
            "(?:fall|drift|float|swirl|tumble|rain) (?:petal|leaf|feather|confetti|flower|blossom)",
            "confetti",
            "bubble(?: \\w+)?(?: (?:rise|float|fizz|up|everywhere|pop))?",
            "(?:fizz|fizzy|effervescence|carbonation)",
            "(?:droplet|drop|bead|condensation|water drop)(?: of \\w+)?"
            + _GAP
            + " (?:run|roll|slide|drip|trickle|fall|form)",
        ),
        "weather that strikes": ("(?:lightning|thunder)(?: (?:strike|flash|bolt))?",),
    }.items()
    for pattern in patterns
)
"""Motion that no engine but a learned one makes."""
