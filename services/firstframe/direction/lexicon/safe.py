"""Verbs that a still can show, and what moves by itself: where an action is none."""

from __future__ import annotations

from firstframe.direction.lexicon.entries import word_set

SAFE = word_set(
    "be have do stay remain keep show reveal feature highlight focus feel look seem want need like love use add "
    "include sit stand rest lie wait hold wear hang face gaze watch smile shine glow gleam glint sparkle light "
    "frame fill surround cover fit match see think imagine start begin end finish stop continue happen let create "
    "render generate animate reflect lead follow settle lock linger pause aim target center centre pan tilt zoom "
    "dolly truck track orbit arc crane read display present introduce suggest convey capture blink breathe shoot "
    "film shot work sound blur sharpen stabilise stabilize support pose lit mean loop repeat emphasise emphasize "
    "evoke catch drop pass ease inch float drift glide creep spread scatter set leave avoid maintain ensure "
    "preserve establish enhance improve reduce prevent protect increase decrease adjust deliver achieve build "
    "produce provide offer accept elevate encourage engage inspire invite welcome celebrate complete complement "
    "combine balance perfect warm cool brighten darken soften slow narrow expand alter correct approach circle "
    "advance enter reach cross travel transition extend return drive rise lift lower descend ascend sink climb "
    "swing shift sweep roll fly swoop soar race hover fade dim dip dive boost restore remove exclude allow retain "
    "restrict minimise minimize maximise maximize ground anchor position place crop tighten widen open scale "
    "tease grow develop unveil explore discover swirl whip snap crash scan graze pulse flash flicker trend"
)
"""Verbs that say how a picture is, what the camera does, or nothing of motion, where nobody in particular does them."""
OF_PERSONS = word_set(
    "sleep doze nap snooze recline lounge relax be have stay remain keep feel look seem want need like love sit "
    "stand rest lie wait hold wear hang face gaze watch smile see think read breathe blink pose listen lead mean "
    "enjoy"
)
"""Verbs that a still can show, of a person."""
OF_THINGS = OF_PERSONS | word_set(
    "sway rustle flutter billow waft illuminate adorn grace decorate bear harmonize harmonise beckon showcase "
    "stretch nestle line dot fringe hug embrace cast boast add create give make bring offer evoke contrast "
    "complement accent enhance shape invite carry deliver catch throw do show reveal feature shine glow gleam "
    "glint sparkle light frame fill surround cover fit match display work sound lit reflect let help use include "
    "flash flicker pulse twinkle scatter loom tower dominate overlook slow dial"
)
"""The same, of a thing."""
LIGHT_VERBS = word_set("give take make put come go get bring turn move play run draw cut throw push pull work")
"""Verbs that say little alone, and are said of many things: an action only where somebody does them."""
SEEN_BY_CAMERA = word_set(
    "reveal move drift glide push sweep take drone image picture scene perspective angle pov viewpoint framing "
    "focus tracking footage video clip camera cam lens shot view frame gimbal we viewer nothing movement motion "
    "zoom crane jib slider dolly pan tilt"
)
CROWDS = word_set(
    "tourist crowd audience everyone everybody spectator shopper commuter pedestrian bystander mob parade peloton"
)
"""Whatever they do, that they are many is what is told."""
AIRY = word_set(
    "spray shaving crumb lavender light sunlight ray beam shadow reflection highlight glow sun sunshine moonlight "
    "dust mote particle mist fog haze smoke steam rain drizzle snow cloud leaf leave foliage tree grass branch "
    "palm curtain fabric cloth flame candle fire ripple wave water caustic breeze wind hair focus glint shimmer "
    "bokeh flare atmosphere air background motion movement sparkle spark ember confetti petal depth parallax "
    "colour color tone mood music sound condensation bubble firelight lamplight daylight candlelight firefly star "
    "sky weather storm skirt dress scarf flag silk chiffon linen wisp led lightbar headlight streetlight lantern "
    "lamp neon stubble dandelion fern reed sea ocean river tide surf waterfall stream lake brook"
)
"""What moves by itself in the air, or is light: an air or nothing, whatever it is said to do."""
LIQUIDS = word_set(
    "water milk honey cream syrup chocolate paint ink oil liquid juice coffee tea wine beer champagne sauce "
    "caramel lava soda cola foam froth gravy broth soup drink cocktail serum lotion gel yoghurt yogurt ketchup "
    "mustard drop droplet butter cheese espresso latte lemonade whisky whiskey rum gin vodka"
)
OF_LIGHT = word_set("catch hit throw cast scatter bounce reflect take play meet block break filter bend")
"""What things and people do to light without moving."""
GAMES = word_set("football soccer tennis golf basketball hockey rugby cricket baseball volleyball polo badminton ball")
HANDS = frozenset({"hand", "finger", "thumb", "fist", "palm", "fingertip", "nail"})
FACES = frozenset({"eye", "eyelid", "face", "brow", "eyebrow", "hair", "skin", "lash"})
HANDLED = word_set(
    "slide roll spin swing drop lift carry toss throw shift shake turn flip rock bounce twist crack press"
)
"""Work of hands where a person does it to a thing; without one a body moves."""
