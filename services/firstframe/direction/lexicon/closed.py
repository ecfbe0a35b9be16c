"""Words of English that there is a short list of: those that order a sentence and name nothing."""

from __future__ import annotations

from firstframe.direction.lexicon.entries import word_set

DETERMINERS = word_set("the a an our your my its his her their this that these those some each every another no")
OBJECTS = word_set("it them him her us me you himself herself itself themselves each")
SUBJECTS = word_set("he she it they who someone somebody everyone everybody you one")
PREPOSITIONS = word_set(
    "at of in into on onto to toward towards from over for by with about along across around round through under "
    "above behind beside between past near among against without like inside outside off up down out back away overhead"
)
PARTICLES = word_set("up down out off away back in on over together around round apart open by along past across")
AUXILIARIES = word_set("be is are was were being been get gets getting gotten")
MODALS = word_set("can could will would should shall may might must to let's lets and then please pls plz gonna")
CAUSES = word_set("make makes let have has watch see get help show")
WHILES = word_set("as while whilst when until before after so because if")
JOINTS = word_set("and or but then")
RELATIVES = word_set("who that which")
COUNTS = word_set("two three four five six seven eight nine ten both many several all")
ADVERBS = word_set("then just also now always never really very so too quickly again suddenly soon already")
ASPECTS = word_set("start starts starting begin begins beginning keep keeps continue continues")
SMALL = (
    ASPECTS
    | {"else", "nothing", "not", "don't", "doesn't"}
    | WHILES
    | DETERMINERS
    | PREPOSITIONS
    | AUXILIARIES
    | MODALS
    | JOINTS
    | ADVERBS
    | COUNTS
)
