"""How people ask for what will distort."""

from __future__ import annotations

from collections.abc import Mapping

from firstframe.direction.codes import Code
from firstframe.direction.lexicon.entries import Entry, Tag
from firstframe.direction.lexicon.subject import PERSONS, PRONOUNS

_TEXT = (
    "(?:text|logo|letter|lettering|typography|headline|wordmark|slogan|tagline|caption|title|font|word|words"
    "|typo|copy|monogram|logotype|price|cta"
    "|label text|brand name|subtitle|number|numbers|sign text)"
)
_ANIMATED = (
    "(?:fly|appear|animate|animated|animation|spin|morph|move|moving|type|write|fade|slide|bounce|assemble"
    "|scroll|dance|pop|turn|change|form|grow|draw"
    "|zoom|rotate|swirl|dissolve|explode|unfold|reveal|emerge|float|drop|come|go|shake|wiggle|pulse|melt"
    "|transform|build|flip|light up|jump|drift|wave|glitch|scale"
    "|spell|disappear|vanish|shatter|rearrange|enter)"
)
_THING = (
    "(?:light|reflection|shadow|dust|flame|leaf|water|particle|curtain|ray|beam|mist|smoke|fog|snow|rain"
    "|cloud|highlight|sunlight|ripple|caustic|mote|glint|camera|fabric|steam)"
)
_NOT_THING = "".join(f"(?<!{word} )" for word in _THING[3:-1].split("|"))
_WHO = (
    f"(?:{PERSONS}|{PRONOUNS}|model|people|character|athlete|talent|kids|hero|dog|cat|puppy|horse|animal"
    f"|subject|crowd|team|figure)"
)
_FOOD = (
    "(?:onion|vegetable|tomato|bread|cake|fruit|lemon|lime|apple|avocado|meat|steak|pizza|cheese|carrot|herb"
    "|food|ingredient|paper|ribbon|fabric|wood|hair|cucumber)"
)
_OPEN = (
    "(?:box|bottle|jar|package|gift|present|can|parcel|lid|cap|bag|door|book|case|drawer|packaging|laptop"
    "|umbrella|pack|envelope|tin|tube|compact|lipstick|it)"
)

RISKY: Mapping[Code, tuple[str, ...]] = {
    Code.HAND_WORK: (
        "(?:hand|pass|give|offer)(?: over)? (?:{the} )?(?:\\w+ )?(?:\\w+ )?to (?:{the} )?(?:\\w+)",
        "(?:tie|tying|lace|untie|knot|button|unbutton|fasten|buckle|strap|zip|unzip)(?: up)?(?: (?:{the}|up|on"
        "|shoe|boot|\\w+)){0,2} (?:shoelace|lace|tie|knot|bow|button|shirt"
        "|shoe|sneaker|boot|jacket|ribbon|belt|watch|bracelet|necklace|dress|coat)",
        "(?:shoelace|shoe lace|lace) (?:be |get |being )?(?:tie|tying|tied)",
        "(?:card trick|shuffle|sleight of hand|magic trick|deal card|deal {the} card|cardistry|juggle|juggling"
        "|rubik)(?: (?:{the} )?(?:card|deck|cube))?",
        "(?:knit|sew|crochet|embroider|stitch|weave|origami|whittle|carve|solder|sculpt|calligraphy)",
        "(?:type|typing)(?: (?:{g}|away|on))?(?: (?:{the} )?(?:keyboard|laptop|phone|message|text|computer))",
        "(?:write|sign|draw|sketch|paint)(?: \\w+){0,2} (?:letter|note|contract|document|name|signature|picture"
        "|portrait|nail|canvas|card|pen|brush|page)",
        "(?:play|strum|playing)(?: (?:{the}))? (?:piano|guitar|violin|drum|chess|card|instrument|cello|harp)",
        f"(?:chop|slice|dice|peel|knead|grate|mince|carve|cut|trim|squeeze)(?: (?:up|open|into|{{the}}|fresh"
        f"|\\w+)){{0,2}} {_FOOD}",
        f"(?:open|unwrap|unbox|unscrew|untwist|uncork|uncap|twist off|pop open|pull off|lift off|take off"
        f"|remove)(?: (?:up|open|{{the}}|\\w+)){{0,2}} {_OPEN}",
        "(?:unwrap|unboxing|unbox)(?: \\w+)?",
        "(?:fold|wrap|assemble|dismantle|build|screw|stack|arrange|sort|peel|decorate|plate|garnish)(?: (?:{the}"
        "|up|\\w+)){0,2} (?:box|paper|shirt|gift|present|lego|block|cake"
        "|napkin|burger|product|part|piece|brick|card|towel|dish|bouquet|flower|sandwich)",
        "(?:apply|put on|rub|dab|massage|smear|spread|blend)(?: (?:{the}|on|some|\\w+)){0,2} (?:lipstick|makeup"
        "|make up|cream|lotion|serum|mascara|powder|foundation|oil"
        "|moisturizer|moisturiser|perfume|nail polish|blush|sunscreen|glove|ring|butter|jam)",
        "(?:finger|hand)(?: \\w+){0,2} (?:pick|grab|grip|twist|tie|open|pull|press|squeeze|tap|swipe|scroll|snap"
        "|hold|reach|take|lift|count|point|turn|place|put|stir|grind|type|pluck|braid|wash"
        "|touch|stroke|caress|gesture)",
        "(?:pick|grab|lift|take|reach|scoop|toss|throw|catch)(?: up)?(?: for)? (?:{the} )(?:bottle|can|cup"
        "|product|glass|phone|box|jar|shoe|mug|bag|burger|watch|ball|pack|spoon|hat)"
        "(?: up| out)?",
        "(?:drink|sip|bite|eat|chew|swallow|taste|lick|devour)(?: (?:from|into|out|of|{the}|\\w+)){0,3}",
        "(?:stir|whisk|mix|shake|spray|spritz)(?: (?:up|{the}|some|\\w+)){0,2} (?:coffee|tea|drink|cocktail"
        "|spoon|batter|sugar|milk|ingredient|perfume|bottle|dough|paint|hand|neck|wrist)",
        "(?:braid|comb|brush|style)(?: (?:{the}))? (?:hair|teeth|tooth)",
        "(?:solve|count|roll|flip|toss|throw|spin)(?: (?:{the}|a))? (?:cube|money|coin|dice|cash|bill|note|card"
        "|pancake|pen)",
        "(?:put|place|set)(?:ting)? (?:{the} )?\\w+ (?:down|on|in|into|onto) {the} \\w+",
        "(?:apply|applie)(?: (?:it|some|{the}))?",
        "(?:swipe|tap|scroll)(?: (?:on|through))? (?:{the} )?(?:phone|screen|app)",
        "snap (?:{the} )?finger",
        "(?:multi step|step by step|how to|tutorial)",
    ),
    Code.TEXT_MOVES: (
        "(?:screen|app|interface|ui|website|web page|dashboard|chart|graph)(?: \\w+){0,4}"
        " (?:scroll|swipe|change"
        "|animate|light up|load|play|switch|update|appear)",
        f"{_TEXT}(?: \\w+){{0,2}} (?:slam|smash|crash|pop|punch|zoom|swoosh)(?: (?:in|into))?",
        f"{_TEXT}(?: (?:{{adv}}|on|in|of|the|our|can|label|box|bottle|letter|and|to|will|should|be|screen|name"
        f"|pack|{_TEXT[3:-1]})){{0,4}} {_ANIMATED}",
        f"(?:animate|morph|spin|rotate|type|write|fade in|bounce|move|draw|fly in|wiggle|animated|kinetic|moving"
        f"|spinning|dancing|flying|change|transform|spell)(?: out)?"
        f" (?:{{the}} )?(?:brand )?{_TEXT}",
        "(?:text|logo|title|type|typography|letter) (?:animation|reveal|morph|intro|sting|effect|build)",
        "(?:kinetic typography|typewriter(?: effect)?|lower third|end card)",
    ),
    Code.CROWD: (
        "(?:crowd|audience|mob|parade|spectator|bystander|pedestrian|passersby|commuter|marching band|flash mob"
        "|shopper|peloton|throng|swarm|choir|orchestra|congregation|horde|stampede|everyone|everybody|tourist"
        "|passenger|protester|festivalgoer|partygoer)",
        "(?:dozen|hundred|thousand|lot|load|group|many|bunch|several|swarm|army|sea|full|line|queue|ton)(?: of)?"
        " (?:people|person|dancer|friend|guest|fan|customer|tourist|runner|worker|soldier|student)",
        "(?<!two )(?<!both )people(?: \\w+){0,3} (?:\\w+)",
        "(?:busy|crowded|packed|bustling)(?: \\w+)? (?:street|market|bar|club|stadium|station|restaurant|square"
        "|room|mall|store|party|city|dance floor)",
        "(?:team|players) (?:celebrate|run|cheer|play|jump)",
        "(?:party|rave|mosh pit)(?: (?:crowd|scene|people|goer))?",
    ),
    Code.TOUCHING: (
        "(?<!sun )(?<!chef )(?:kiss|make out|smooch)(?! of)",
        "hug(?! {the} (?:ground|floor|road|curve|corner|coast|wall|edge|shore|line))",
        "(?:embrace|cuddle|snuggle|spoon each other|caress|hold hand|holding hand|hand in hand|shake hand"
        "|handshake|high five|fist bump|piggyback|arm in arm|waltz|tango|slow dance|wrestle)",
        "(?:each other|one another)",
        "(?:couple|lover|bride and groom|two (?:people|friend|dancer|woman|man|kid|person))(?: \\w+){0,3}"
        " (?:dance|touch|hold|kiss|hug|fight|meet|lean)",
        "put (?:{the} )?arm around",
    ),
    Code.BODY_MOVES: (
        _NOT_THING + "(?:run|sprint|jog|jump|leap|hop|dance|climb|fight|kick|punch|gallop"
        "|somersault|cartwheel|twirl|backflip|breakdance|breakdancing|parkour"
        "|workout|squat|lunge|pirouette|twerk|bounce|wrestle|march|dive|dribble|do yoga|do push"
        "|stroll|stride|strut|crawl|skip|clap|wave)"
        "(?! (?:shoe|water|cut|floor|pool|time|out|low|come|roll|lap|in the|wash|crash|of |board|suit|tie|tap"
        "|stream|river|through|across|along|over the|around the))(?! (?:light|neon|flame|shadow|reflection))",
        f"{_WHO}(?: \\w+){{0,2}} (?:walk|run|dance|turn|jump|spin|move|wave|clap|stand up|get up|sit down"
        f"|swim|play|ride|fall|roll|kneel|bow|stretch|step|march|approach|work|train|exercise|twist"
        "|cheer|celebrate|gesture|point|nod|chase|bark|leap|flip|come(?! to life)|go|laugh)",
        _NOT_THING
        + "(?:walk|run|stroll|stride|strut|catwalk)(?: \\w+)? (?:towards|toward|past|through|away|along|down|into"
        "|by|in|to|on|across)(?: (?:us|camera|{the}))?",
        "(?:choreography|dance (?:move|routine|challenge)|tiktok dance|runway walk|catwalk|workout|yoga(?:"
        " pose)?|martial art|karate|boxing|sport action)",
        "(?:trade|throw|land) (?:{the} )?(?:punch|kick|blow)",
        "wave (?:at|to) (?:{the} )?(?:camera|us|viewer)|wave (?:{the} )?(?:hand|arm)",
        "(?:jump|throw|raise|swing|pump|flail|cross|open|spread) (?:{the} )?(?:arm|fist|leg|hand|body|hip)",
        "shake (?:{the} )?(?:arm|fist|leg|body|hip)",
        "(?:turn|look)(?: \\w+)? (?:around|back)(?: (?:at|to) (?:us|camera|{the} camera))(?: and smile)?",
    ),
    Code.SPEECH: (
        "(?:speak|talk|say|sing|lip sync|lipsync|lip synch|lipsynch|dialogue|dialog|monologue|narrate|shout"
        "|whisper to|rap|scream|announce|recite|pronounce|mouth (?:the )?word|tell (?:us|{the})"
        "|talking head|interview|chat|address {the} camera)",
        "(?:mouth|lip)(?: \\w+){0,2} (?:move|open|sync|say|form)",
    ),
    Code.FLUID: (
        "(?:pour|splash|spill|gush|slosh|squirt|splatter|spurt)(?! of light)",
        "(?:explode|explosion|shatter|burst|detonate|erupt|eruption|blast|smash(?! cut)|crumble|implode)",
        "(?:milk|honey|cream|syrup|chocolate|paint|ink|oil|liquid|juice|coffee|wine|beer|champagne|sauce|caramel"
        "|lava|water|drink|serum)(?: \\w+){0,2} (?:swirl|pour|drip|drizzle|splash|melt|ooze|explode"
        "|fill|overflow|spill|crash)",
        "(?:swirl|drip|melt|ooze)(?: (?:of|{the}))? (?:milk|honey|cream|syrup|chocolate|paint|ink|oil|liquid"
        "|juice|coffee|wine|sauce|caramel|ice cream|butter|cheese)",
        "(?:ice cream|ice cube|ice|chocolate|candle|wax|cheese|butter) melt",
        "wave(?: \\w+)? crash|crash(?:ing)? wave|tsunami|flood",
    ),
    Code.SCENE_CHANGE: (
        "(?:hard |smash |jump |match |quick |fast |then )?cut(?: back| away| in| over| out)? (?:to|from|between|into)",
        "(?:jump|smash|match|hard|quick|fast|multiple|several) cut",
        "(?:transition|dissolve|cross ?fade|crossfade|wipe|switch|change|jump|move on)(?: \\w+)? (?:to|into"
        "|between) (?:{the} )?(?:\\w+ )?(?:next|another|new|different|second|other|scene|shot|location|close up"
        "|wide|angle"
        "|background|city|beach|studio|product)",
        "(?:montage|split screen|intercut|multi shot|multishot|storyboard|scene \\d|shot \\d|next scene|new"
        " scene|second scene|scene change|change of scene|different angle|another angle|multiple angle"
        "|several angle|various angle|b roll|crossfade|cross fade|cross dissolve|flashback|time jump)",
        "(?:day|night|summer|winter|spring|morning|evening|dawn|dusk|sunrise|sunset|noon)(?: \\w+)? (?:to|into"
        "|become|turn into|change to|turn to|fade to) (?:day|night|summer|winter|autumn|spring|evening|dusk|dawn"
        "|sunset|noon|morning)",
        "(?:fade|cut|dip) (?:in |out )?(?:to|from) (?:black|white)",
        "(?:background|season|scene|location|environment|setting|scenery|backdrop|weather)(?: \\w+)? (?:change"
        "|switch|transform|morph|turn|swap|become)",
        "(?:dawn|day|night|darkness|dusk) (?:break|fall)",
        "(?:then|and) show (?:{the} )?(?:next|other|second|another)",
    ),
    Code.MORPH: (
        "(?:morph|transform|metamorphose|shapeshift|shape shift|transmute|transition into|evolve into|dissolve"
        " into|melt into|reshape|mutate|warp into)",
        "(?:turn|change|become|grow|develop|convert)(?: \\w+){0,4} (?:into|to be)(?: {the})?",
        "(?:become|turn into)(?: {the})? (?:\\w+)",
        "turn to (?:stone|gold|marble|ice|dust|ash|glass|wood|metal|water|sand|snow|silver|liquid)",
        "(?:change|shift|swap)(?:{g}) (?:colour|color|shape|form|face|outfit|size|flavor|flavour|label|material)",
        "(?:colour|color|shape|face|outfit|dress|product|bottle|label)(?: \\w+){0,3} (?:change|morph|transform|swap)",
        "(?:age|grow older|grow younger|aging|ageing|de age)",
        "(?:flower|bud|blossom|plant|tree)(?: \\w+)? (?:bloom|blossom|open|grow|sprout|wilt)",
        "(?:change|turn|fade|shift)(?: \\w+){0,2} from (?!(?:{the} )?(?:left|right|top|bottom|side|one))\\w+ to \\w+",
        "(?:inflate|shrink|grow bigger|get bigger|get smaller|expand|multiply|duplicate|split (?:in|into))",
    ),
    Code.NEW_OBJECT: (
        "(?:enter|fly|come|walk|run|jump|drop|slide|roll|step|drive|swim|burst|swoop|move|pop|hop|float|fall"
        "|race)(?: \\w+)? (?:into|in to|through|out of|from outside) (?:{the} )?(?:frame|view|shot|scene|picture"
        "|screen|sight)",
        "(?:slam|smash|crash|swoosh|zip|whoosh) into (?:{the} )?(?:frame|view|shot|scene|picture|screen)",
        "enter(?: \\w+)? (?:frame|the frame|from|the scene|the shot|shot|scene)",
        "(?:appear|disappear|vanish|materialise|materialize|spawn|teleport|manifest)(?! to)",
        "(?:pop|jump|fly|leap|burst|crawl|come|emerge|rise|spring|explode|swim|float)(?: \\w+)? (?:out of|up"
        " from|out from|from behind|from inside|from under|from off)",
        "(?:pop|jump|fly) (?:out|in|up)(?! of focus)",
        "(?:bird|butterfly|bee|dragon|drone|plane|airplane|ufo|car|dog|cat|puppy|fish|helicopter|unicorn|angel"
        "|fairy|superhero|balloon|dove|eagle)(?: \\w+){0,2} (?:fly|pass|drive|land|run|walk|swim|flutter|circle"
        "|appear|jump|float|arrive|cross)",
        "(?:emerge|arrive)(?: (?:from|out|on|in))?",
        "(?:ingredient|fruit|berry|ice cube|orange|lemon|coffee bean|strawberry|product|box|bottle|block|coin"
        "|gift)(?: \\w+)? (?:fly|fall|drop|rain|tumble|land|orbit|levitate|swirl|float)(?: \\w+)?",
        "(?:add|introduce|insert) (?:a|an|another|some|more) (?!little|bit|touch|hint|subtle|slight|slow|gentle"
        "|soft|light|dust|mist|fog|haze|rain|snow|smoke|steam|motion|movement|zoom|push|pan|tad|dash|flicker"
        "|glow|sense|feel|film|cinematic|loop|hold)\\w+",
        "(?:from|out of) nowhere",
        "firework|lightsaber|portal|magic spell",
    ),
    Code.SHOWS_HIDDEN: (
        "(?:spin|rotate|revolve|rotation|swivel|tumble)(?: (?:around|round|on|in|360"
        "|{g}))?(?: (?:{the} )?(?:axis|turntable|place|spot|podium|platform|pedestal))?",
        "turntable(?: (?:spin|rotation|shot))?",
        "(?:turn|flip|roll)(?: (?:itself|{the}|\\w+))? (?:around|over|upside down)",
        "(?:lid|cap|box|bottle|case|door|drawer|packaging|book|cover|top|can|jar|laptop|phone|curtain)(?: \\w+)?"
        " (?:open|unfold|pop|lift off|come off|unscrew|fly off|fold)(?: up| by itself| itself)?",
        "(?:exploded view|explode view|x ray|cutaway|cross section|see inside|show (?:{the} )?(?:inside|back"
        "|interior|contents)|deconstruct|disassemble|levitate|take apart|come apart|assemble)",
        "(?:open|unfold)(?:s)? (?:up )?(?:to reveal|by itself|itself|itself up|to show)",
        "(?:show|reveal)(?: \\w+)? (?:all|every|other|back|both|the other|the back) (?:side|angle)",
        "(?:curtain|drape|door|gate) (?:open|part)",
    ),
}
"""Patterns of what distorts. They hold only where no camera or air took the words."""

TOO_LARGE: tuple[str, ...] = (
    "360(?: ?(?:°|degree|degrees|deg))?(?: (?:view|orbit|spin|rotation|turn|shot|move|around))?",
    "(?:full|complete|whole|entire) (?:circle|orbit|rotation|turn|revolution|spin|360|loop around)",
    "all (?:the way )?(?:around|round)",
    "(?:half circle|semi circle|180|u turn|half way around|halfway around)(?: ?(?:°|degree|degrees|deg))?",
    "(?:{go}|push|dolly|zoom|swoop|dive|track|pull|soar|camera|race|travel|plunge|pass)(?:{g})(?: right| all the"
    " way| straight| up and)? (?:through|inside|into the inside|into|under|underneath|beneath|behind|over) (?:{the} )?"
    "(?:window|door|wall|city|forest|bottle|glass|liquid|box|product|can|eye|mouth|keyhole|tunnel|building"
    "|mountain|house|room|street|watch|phone|shoe|subject|ground|water|cloud|roof|rooftop|table|car|label|ring"
    "|landscape|ocean|sea)",
    "(?:fly|zoom|soar|push|race|go)(?:{g}) through",
    "(?:fpv|fly through|flythrough|fly over|flyover|drone (?:flight|fly|race)|aerial(?: shot)?|bird ?s? eye(?:"
    " view)?|helicopter shot|satellite|from space|earth zoom|google earth)",
    "(?:crash|snap|whip|hyper|extreme|super|infinite|mega|lightning) (?:zoom|pan|tilt)(?: (?:in|out|to|into))?",
    "(?:whip|snap|flash) (?:pan|tilt|move)",
    "(?:hyperlapse|barrel roll|camera roll|dutch roll|corkscrew|loop the loop|roller ?coaster|spin(?:ning)?"
    " camera|flip the camera|upside down)",
    "(?:from|to) (?:{the} )?(?:behind|back)(?: (?:of )?(?:{the} )?(?:product|bottle|subject|model|car|shoe|watch"
    "|head))",
    "(?:extreme|super|ultra)(?: (?:tight|macro))? (?:close ?up|closeup|macro|wide)",
    "(?:wide|long|establishing|full)(?: shot)? (?:to|into) (?:{the} |a |an )?(?:extreme |tight |super )?(?:close"
    " ?up|closeup|macro|detail)",
    "(?:top down|overhead|ground level|low angle|worm ?s? eye|bird ?s? eye)(?: \\w+)? to (?:{the} )?(?:eye level"
    "|top down|overhead|high angle|low angle|front)",
    "(?:warp speed|light speed|super sonic|at full speed|breakneck)",
    "around (?:to )?the back",
    "(?:to|from) (?:{the} )?(?:other|opposite|far|reverse) (?:side|end|angle)",
    "drone (?:follow|chase|track|circle|orbit)",
    "(?:camera|cam|lens)(?: {adv}){0,2} (?:spin|twirl|whirl|roll over|do a 360|make a 360)",
    "spin {the} (?:camera|cam|view)(?: around| round)?",
    "(?:zoom|push|dolly|pull|magnify|enlarge)(?: \\w+){0,3} (?:x ?{n}|{n} ?x|{n} times)",
)
"""Moves that need more picture than a still has."""

LONG: tuple[str, ...] = (
    "(?:one|single|long|unbroken|uninterrupted|whole|full) (?:minute|minutes)",
    "(?:long|extended|lengthy) (?:take|video|film|one take|oner)",
)
"""Takes that are too long, without a number."""

RISKS: tuple[Entry, ...] = (
    *(Entry(pattern, Tag.RISK, code) for code, patterns in RISKY.items() for pattern in patterns),
    *(Entry(pattern, Tag.RISK, Code.TOO_LARGE, generic=True) for pattern in TOO_LARGE),
    *(Entry(pattern, Tag.RISK, Code.TOO_LONG, generic=True) for pattern in LONG),
)
"""All of it; the generic hold also where the camera or the air took the words."""
