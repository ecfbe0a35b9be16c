"""How people say what the camera does."""

from __future__ import annotations

from firstframe.core.motion import CameraMove, Ease, Repeat
from firstframe.direction.lexicon.entries import Entry, Tag

_TO_THE_RIGHT = "to the right, since no side was said"
_ROUND = "(?:orbit|arc|circle|revolve|rotate|spin|swing|turn|swirl)"


def _move(move: CameraMove, *patterns: str, generic: bool = False, note: str = "") -> list[Entry]:
    return [Entry(pattern, Tag.MOVE, move, generic, note) for pattern in patterns]


def _say(tag: Tag, value: object, *patterns: str, generic: bool = False) -> list[Entry]:
    return [Entry(pattern, tag, value, generic) for pattern in patterns]


CAMERA: tuple[Entry, ...] = (
    *_say(Tag.EASE, Ease.IN, "ease in", "(?:accelerate|gain speed|pick up (?:speed|pace)|speed up|ramp up)"),
    *_say(Tag.EASE, Ease.OUT, "ease out", "(?:decelerate|slow down|lose speed|ease off|slow to)"),
    *_say(Tag.EASE, Ease.SMOOTH, "ease in (?:and )?(?:ease )?out", "(?:easy|ease) ease"),
    *_say(
        Tag.EASE,
        Ease.LINEAR,
        "(?:linear|(?:constant|even|uniform)(?: (?:speed|pace|motion|rate))?)",
        "at (?:a|one) (?:steady|constant|even) (?:pace|speed|rate)",
        "steady (?:pace|speed|rate)",
    ),
    *_move(
        CameraMove.PUSH,
        "push(?:{g} (?:{in}|on|up on))?",
        "(?:dolly|track|truck|zoom|cam|camera){g} {in}",
        "(?:zoomie|zoomy|zoomin)",
        "zoom(?:{g} on| shot| effect)?",
        "dolly(?: shot| move)?",
        "close in(?: on)?",
        "tighten(?: up| in)?(?: on)?",
        "(?:forward|inward) (?:movement|motion|move|dolly|push|drift|track)",
        "(?:picture|image|frame|shot|view|it)(?: \\w+)? (?:become|get|grow){g} (?:big|bigger|large|larger|closer)",
        "ken burn(?: effect| style| move)?",
    ),
    *_move(
        CameraMove.PUSH,
        "{go}{g} {in}",
        "move in on",
        "get{g} closer",
        "punch in",
        "(?:dive|plunge|soar|race|swoop|{go}){g} (?:in|into|through|toward|towards)",
        "(?:approach|lean in|home in|zero in)",
        generic=True,
    ),
    *_move(
        CameraMove.PULL,
        "pull(?:{g} {out})?(?: {out})?",
        "(?:dolly|track|truck|zoom|back){g} {out}(?: {out})?",
        "(?:picture|image|frame|shot|view|it)(?: \\w+)? (?:become|get|grow){g} (?:small|smaller|wider)",
        "(?:retreat|widen(?: out)?|zoomout)",
        "(?:backward|outward|reverse) (?:movement|motion|move|dolly|zoom|track|drift)",
    ),
    *_move(CameraMove.PULL, "{go}{g} {out}", generic=True),
    *_move(
        CameraMove.PAN_LEFT,
        "{side}(?: shot| move)?{g} {left}",
        "{left}(?:ward)? {side}",
        "{side}{g} (?:from )?(?:{the} )?right to (?:{the} )?left",
        "right to left {side}",
        "{side} (?:shot )?from (?:{the} )?right",
    ),
    *_move(
        CameraMove.PAN_RIGHT,
        "{side}(?: shot| move)?{g} {right}",
        "{right} {side}",
        "{side}{g} (?:from )?(?:{the} )?left to (?:{the} )?right",
        "left to right {side}",
        "{side} (?:shot )?from (?:{the} )?left",
    ),
    *_move(
        CameraMove.PAN_RIGHT,
        "pan(?: shot| move| across)?",
        "(?:tracking|track|slider|lateral|sideways|truck|trucking) (?:shot|move|movement|motion|slide|dolly"
        "|drift|glide)",
        "(?:sideways|truck|lateral|crab)",
        note=_TO_THE_RIGHT,
    ),
    *_move(
        CameraMove.PAN_RIGHT,
        "(?:{go}|sweep|track|dolly){g} (?:past|across|along|sideways|by)",
        generic=True,
        note=_TO_THE_RIGHT,
    ),
    *_move(
        CameraMove.PAN_LEFT,
        "{go}{g} {left}",
        "{go}{g} (?:from )?(?:{the} )?right to (?:{the} )?left",
        "from (?:{the} )?right to (?:{the} )?left",
        generic=True,
    ),
    *_move(
        CameraMove.PAN_RIGHT,
        "{go}{g} {right}",
        "{go}{g} (?:from )?(?:{the} )?left to (?:{the} )?right",
        "from (?:{the} )?left to (?:{the} )?right",
        generic=True,
    ),
    *_move(CameraMove.TILT_UP, "tilt{g} (?:up|upward|upwards)", "(?:up|upward) tilt"),
    *_move(CameraMove.TILT_UP, "tilt(?: shot)?", note="upwards, since no way was said"),
    *_move(CameraMove.TILT_DOWN, "tilt{g} (?:down|downward|downwards)", "(?:down|downward) tilt"),
    *_move(CameraMove.TILT_UP, "look{g} (?:up|upward)", generic=True),
    *_move(CameraMove.TILT_DOWN, "look{g} (?:down|downward)", generic=True),
    *_move(
        CameraMove.CRANE_UP,
        "(?:crane|jib|pedestal|ped|elevator)(?: shot| move)?(?:{g} (?:up|upward|upwards|rise))?",
        "drone(?: shot| move)|drone{g} (?:up|upward|upwards|rise)",
        "boom{g} (?:up|upward|upwards|shot)",
        "(?:ascending|rising|upward|ascend|rise) (?:crane|jib|boom|pedestal|drone)(?: shot| move)?",
    ),
    *_move(
        CameraMove.CRANE_UP,
        "(?:rise|ascend|lift|raise|elevate|climb){g}(?: (?:up|upward|upwards|above))?",
        "{go}{g} (?:up|upward|upwards|overhead)",
        "upward (?:movement|motion|move|drift|glide)",
        "ascent",
        generic=True,
    ),
    *_move(
        CameraMove.CRANE_DOWN,
        "(?:crane|jib|boom|pedestal|ped|drone|elevator)(?: shot| move)?{g} (?:down|downward|downwards|descend|lower)",
        "(?:descending|descend|downward|lower|fall) (?:crane|jib|boom|pedestal|drone)(?: shot| move)?",
    ),
    *_move(
        CameraMove.CRANE_DOWN,
        "(?:descend|lower|sink){g}(?: (?:down|downward|downwards))?",
        "{go}{g} (?:down|downward|downwards)",
        "downward (?:movement|motion|move|drift|glide)",
        "descent",
        generic=True,
    ),
    *_move(
        CameraMove.ORBIT,
        "(?:orbit|arc|orbital|semi circle|half circle|circular)(?: shot| move| movement| motion)?(?: (?:around"
        "|round))?",
        "(?:counter|anti) ?clockwise (?:orbit|arc|rotation|circle|move|spin)",
        "(?:orbit|arc|circle|rotate|rotation)(?: \\w+){0,4} (?:counter|anti) ?(?:clockwise)?",
        "anticlockwise orbit",
        "{right} (?:orbit|arc)",
        "parallax(?: effect| move| movement| motion| shot)?",
        "(?:orbit|arc|circle)(?: (?:around|round|{the}|product|bottle|subject|it|shot|slow|gentle|slight"
        "|\\w+)){0,3} {right}",
    ),
    *_move(
        CameraMove.ORBIT,
        "(?:" + _ROUND + "|{go}|travel|sweep|track|dolly|wrap){g} (?:around|round|about)",
        "circle",
        generic=True,
    ),
    *_move(
        CameraMove.ORBIT,
        "(?:camera|cam|lens|shot|view|gimbal)(?: {adv}| do a| make a| full| complete){0,3}"
        " (?:spin|rotate|revolve|swirl|twirl|whirl|turn"
        "|360)"
        "(?: {adv})?(?: 360(?: ?(?:°|degree|deg))?)?(?: (?:around|round|about|in a circle))?",
        "(?:spin|rotate|revolve|turn) {the} (?:camera|cam|view)(?: {adv})?(?: 360(?: ?(?:°|degree|deg))?)?"
        "(?: (?:around|round))?",
        "360(?: ?(?:°|degree|deg))? (?:camera|view|shot|pan|orbit|move|arc|video)(?: (?:around|round|of))?",
        note="to the right, since no side was said",
    ),
    *_move(
        CameraMove.ORBIT_LEFT,
        "(?:orbit|arc|circle)(?: (?:around|round|{the}|product|bottle|subject|it|shot|slow|gentle|slight"
        "|\\w+)){0,3} {left}",
        "{left} (?:orbit|arc)",
        "clockwise (?:orbit|arc|rotation|circle|move|spin)",
        "(?:orbit|arc|circle|rotate|rotation)(?: \\w+){0,4} clockwise",
    ),
    *_move(
        CameraMove.DOLLY_ZOOM,
        "dolly zoom(?: in| shot| effect)?",
        "(?:zolly|vertigo|hitchcock|contra zoom|trombone)(?: zoom| effect| shot| style)?",
        "jaw (?:shot|zoom|effect)",
    ),
    *_move(
        CameraMove.DOLLY_ZOOM_OUT,
        "(?:reverse|inverse|backward) (?:dolly zoom|zolly|vertigo|hitchcock)(?: effect| shot)?",
        "(?:dolly zoom|zolly|vertigo)(?: effect| shot)? (?:out|back|backward|reverse)",
    ),
    *_move(
        CameraMove.HANDHELD,
        "(?:hand held|handheld|hand hold)(?: camera| cam| shot| look| feel| shake| style| camerawork| move| movement)?",
        "(?:shaky|wobbly)(?: cam| camera)?",
        "(?:camera|cam) (?:shake|wobble|sway)",
        "(?:ugc|documentary|run and gun|phone) (?:style|feel|look|camera|vibe)",
    ),
    *_say(
        Tag.LOCKED,
        None,
        "(?:static|stationary|fixed|immobile|unmoving|motionless)(?: on)?(?: {the})?(?: tripod)?(?: (?:camera"
        "|cam|shot|frame|view))?",
        "(?:locked|lock)(?: off| down)?(?: on)?(?: {the})?(?: tripod)?(?: (?:camera|cam|shot|frame|view))?",
        "tripod(?: shot)?",
        "still (?:camera|cam|shot|frame)",
        "(?:dead|perfectly|completely|absolutely|totally|rock) (?:still|steady)",
        "(?:camera|cam|frame|shot|everything|it|view)(?: (?:stay|remain|be|is|keep|hold|stand|completely"
        "|perfectly|totally|absolutely|should"
        "|must|just|will)){0,4} (?:still|put|steady|fixed|locked|static)",
        "keep {the} (?:camera|cam|frame|shot)(?: \\w+)? (?:still|put|steady|fixed|locked|static)",
        "hold {the} (?:camera|cam|frame|shot) (?:still|steady)",
        "(?:no|zero|without|not|without any|no any) (?:camera|cam)(?: (?:movement|motion|move|shake))",
        "(?:camera|cam) (?:do |should |must |to |will )?not(?: to)? move",
        "not(?: to)? move {the} (?:camera|cam)",
        "(?:no|zero) (?:movement|motion) (?:of|from|in|by) (?:{the} )?(?:camera|cam)",
    ),
    *_say(
        Tag.HOLD,
        None,
        "(?:hold|settle|pause|linger|rest|halt)(?: (?:still|in|into|on|there|down|at))?",
        "(?:end|finish|land|stop|ease|come|slow|glide|settle)(?: \\w+)? (?:to|on|in|into) (?:a )?(?:full |gentle"
        " |soft |slow |complete )?"
        "(?:hold|rest|stop|halt|standstill|pause|still)",
        "(?:end|finish|land|stop)(?: (?:on|there|at))",
        "stop",
        "(?:freeze|stay) (?:there|still|on)",
        generic=True,
    ),
    *_say(
        Tag.REPEAT,
        Repeat.LOOP,
        "(?:seamless |perfect |infinite |endless |continuous )?(?:loop|loopable|looping)(?: (?:seamless|perfect"
        "|endless|forever|video|clip|gif))?",
        "(?:cinemagraph|gif|endless|on repeat|infinite)",
    ),
    *_say(
        Tag.REPEAT,
        Repeat.PING_PONG,
        "(?:boomerang|ping pong|pingpong|yo yo|back and forth|to and fro|there and back)(?: (?:style|loop|effect"
        "|motion|movement))?"
        "(?: (?:back and forth|loop))?",
        "(?:come|go|return|and) back (?:again|to (?:{the} )?(?:start|begin|beginning|where it start|first frame))",
        "(?:return|come back|go back) to (?:{the} )?(?:start|beginning|first frame|origin|original(?: position)?)",
    ),
    *_say(
        Tag.CAMERA,
        None,
        "(?:camera|cam|fpv|lens|shot|viewpoint|perspective|drone|gimbal|steadicam|slider|viewfinder|framing|pov)",
    ),
)
"""What the camera does, and how often."""
