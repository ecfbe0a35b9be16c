"""What a picture shows: the still gives it, and a motion prompt need not."""

from __future__ import annotations

from firstframe.direction.lexicon.entries import Entry, Tag

PERSONS = (
    "(?:woman|man|girl|boy|lady|guy|person|couple|child|kid|baby|toddler|friend|grandma|grandpa|grandmother"
    "|grandfather|mother|father|mum|mom|dad"
    "|bride|groom|lover|teenager|athlete|dancer|magician|actor|actress|influencer|businessman|businesswoman"
    "|worker|family|sister|brother|twin"
    "|gentleman|chef|runner|barista|ballerina|boxer|daughter|son|wrestler|musician|singer|player|customer"
    "|employee|nurse|doctor|teacher|student"
    "|spokesperson|celebrity)"
)
PRONOUNS = "(?:she|he|they|who|someone|somebody|him|her|them)"
ROLES = (
    "(?:model|people|hand|finger|face|eye|lip|skin|body|foot|arm|leg|head|hair|portrait|photograph|photo"
    "|crowd|audience|team|character)"
)
PRODUCTS = (
    "(?:bottle|can|jar|box|watch|shoe|sneaker|trainer|boot|bag|handbag|backpack|cup|mug|glass|phone|laptop|car"
    "|lipstick|perfume|serum|cream"
    "|burger|pizza|coffee|tea|drink|cocktail|beer|wine|whisky|whiskey|champagne|cake|chocolate|ring|necklace"
    "|jewel|jewelry|jewellery|earring|headphone"
    "|camera bag|lamp|chair|sofa|table|candle holder|packaging|pack|package|tube|container|vase|plate|bowl"
    "|speaker|shaker|blender|printer|charger|toaster|stroller|product|hero|subject|item|gadget|device|fragrance|shampoo"
    "|lotion|label|logo|cap|lid|base|pedestal table|pouch|sachet|flacon|spray|soda|juice|milk|sandwich|steak"
    "|sushi|ice cream|toy|bike|bicycle"
    "|motorcycle|truck cab|helmet|sunglasses|hat|jacket|jeans|tshirt|furniture|bed|kitchen|pen|book|tin|carton"
    "|cereal|deodorant|toothbrush|razor"
    "|brand|range|collection|line up|lineup|set|scene|display|podium|plinth|stand|turntable|counter|shelf|gift)"
)
THINGS = (
    "(?:sky|sea|ocean|beach|city|street|building|house|room|window|wall|floor|mountain|forest|field|garden|road"
    "|river|lake|desert|island|bridge"
    "|temple|skyline|horizon|landscape|park|pool|stage|stadium|sun|moon|star|sunset|sunrise|stone|rock|sand"
    "|marble|wood|background|foreground"
    "|cat|dog|puppy|kitten|bird|horse|butterfly|fish|animal|flower|tree|plant|leaf|grass|water|fire|candle"
    "|curtain|dress|petal|festival|concert"
    "|kitchen|bar|restaurant|office|studio|surface|backdrop|set piece|prop|detail|texture|material|letter|text"
    "|word|slogan|sign|shadow|reflection)"
)
LOOKS = (
    "(?:beautiful|gorgeous|stunning|luxurious|sleek|elegant looking|shiny|glossy|matte|red|blue|green|yellow"
    "|orange|purple|pink|black|white|golden|gold"
    "|silver|amber|brown|beige|teal|turquoise|pastel|colorful|colourful|vibrant|transparent|translucent|frosted"
    "|metallic|leather|wooden|ceramic|crystal"
    "|long|short|blonde|brunette|blond|curly|young|old|elderly|asian|african|european|handsome|pretty|cute"
    "|fluffy|fresh|juicy|delicious|modern"
    "|minimalist|minimal looking|vintage|retro|antique|rustic|round|square|tall|wet|frozen|rose gold|chrome|wear"
    "|dressed|tattooed|freckled|bearded|smiling|happy|sad"
    "|iconic|premium looking|futuristic|glowing|neon lit|lavender|emerald|ruby|sapphire|ivory|copper|bronze"
    "|velvet|icy|sitting|sit|stand|stands|rest on)"
)

_NOUN = f"(?:{PERSONS}|{PRODUCTS}|{THINGS}|{ROLES})"
_NAMED = "(?:the|our|your|my|its|his|her|their|this|that)"

SUBJECTS: tuple[Entry, ...] = (
    Entry(
        f"(?:photo|photograph|picture|image|portrait|render|rendering|close up|closeup|macro shot|wide shot|hero"
        f" shot|packshot|still) of "
        f"(?:(?:a|an|the|two|three|some) )?(?:\\w+ ){{0,5}}?{_NOUN}",
        Tag.SUBJECT,
        "described",
    ),
    Entry(
        f"(?:a|an|two|three|some|several|one) (?:{LOOKS}|\\w+)? ?(?:{LOOKS} ){{0,3}}{PERSONS}", Tag.SUBJECT, "described"
    ),
    Entry(f"(?:a|an|two|three|some|several|one) (?:{LOOKS} ){{1,3}}(?:\\w+ ){{0,2}}?{_NOUN}", Tag.SUBJECT, "described"),
    Entry(
        f"(?:{LOOKS},? (?:and )?){{1,3}}(?:\\w+ )?{_NOUN}(?: (?:in|with|on|wear|hold) (?:(?:a|an|the|its|her"
        f"|his) )?(?:\\w+ )?(?:\\w+))?",
        Tag.SUBJECT,
        "described",
    ),
    Entry(f"{_NOUN} (?:with|wear|in) (?:(?:a|an|her|his|its) )?{LOOKS} (?:\\w+)", Tag.SUBJECT, "described"),
    Entry(PERSONS, Tag.SUBJECT, "person"),
    Entry(f"{_NAMED} {PERSONS}", Tag.SUBJECT, "named"),
    Entry(f"(?:{{the}} )?{_NOUN}", Tag.SUBJECT, "named"),
    Entry(PRONOUNS, Tag.SUBJECT, "named"),
    Entry(LOOKS, Tag.SUBJECT, "look"),
    Entry(
        "(?:on|onto|to|toward|towards|at|past|from|behind|of|around|over|across|through|between|along|with|and"
        "|near|beside|in|inside|under|above|reveal|show"
        f"|hit) {_NAMED} (?:\\w+ ){{0,2}}?\\w+",
        Tag.TARGET,
    ),
    Entry(
        f"(?:in|into|on|onto|toward|towards|at|past|around|from|to|over|of) (?:(?:the|our|a|an|his|her)"
        f" )?(?:\\w+ )?{_NOUN}",
        Tag.TARGET,
    ),
)
"""Nouns, and what makes them a description."""

STYLES: tuple[Entry, ...] = (
    Entry(
        "(?:sun kiss|cinematic|cinema|film|filmic|movie|commercial|premium|luxury|luxurious feel|elegant|classy|moody"
        "|vibe|feel|feeling|style|look|aesthetic|mood"
        "|energy|dreamy|atmospheric|atmosphere|ambient|natural|organic|smooth|fluid|seamless|nice|pretty|cool"
        "|sexy|fancy|clean|simple|minimalistic|timelapse"
        "|time lapse|realistic|steady|stable|stabilised|stabilized|flow|rhythm|pace|speed|tempo|motion|movement"
        "|move|animation|animate|effect|real|true"
        "|editorial|high end|upscale|sensual|romantic|nostalgic|magical|mysterious|ethereal|whimsical|playful"
        "|immersive|hypnotic|tasteful|polished|sophisticated"
        "|wind|breeze|windy|breezy|gust|air|airy|depth|parallax feel|tension|drama|pop|alive|life|lively feel"
        "|hype|wow|graceful|gimbal|steadicam|apple|nike"
        "|quality|feature|look and feel|story|emotion|emotional|warm|cozy|cosy|intimate|hero moment|beauty|glide"
        "|float|drift|reveal|show|showcase"
        "|continuous|continuously|constant|constantly|gradual|gradually|progressive|progressively|uninterrupted"
        "|one take|single take|stylish|chill|subdued|delight)",
        Tag.STYLE,
    ),
    Entry(
        "(?:photo ?realistic|hyper ?realistic|hyper realistic|ultra realistic|photoreal|masterpiece|best quality"
        "|high quality|top quality|ultra detailed"
        "|highly detailed|ultra hd|uhd|hdr|full hd|k|4 ?k|8 ?k|1080 ?p|sharp focus|sharp|octane(?: render)?"
        "|unreal engine(?: \\d)?|trending on artstation"
        "|award winning|studio light(?:ing)?|soft light(?:ing)?|dramatic light(?:ing)?|rim light(?:ing)?|golden"
        " hour|blue hour|back ?lit|shallow depth of field"
        "|depth of field|bokeh|high resolution|hi res|crisp|intricate|vivid color|vivid colour|color grade"
        "|colour grade|professional photography|product photography"
        "|natural light(?:ing)?|moody light(?:ing)?|anamorphic|35 ?mm|85 ?mm|50 ?mm|arri alexa|arri|kodak)",
        Tag.LOOK,
    ),
)
"""Words about how it should feel and how the picture looks."""

FILLERS: tuple[Entry, ...] = (
    Entry(
        "(?:touch|tight|come|perfect|ultra|good|great|best|night|find|whatever|idea|share|literal|whichever|a|an"
        "|the|and|or|of|in|on|at|to|for|from|by|with|into|onto|over|through|across|along|past|around"
        "|about|between|under|above|behind|beside|near"
        "|toward|towards|off|up|down|out|back|we|i|you|it|us|me|our|your|my|its|this|that|these|those|there|here"
        "|be|is|are|was|been|being|have|has|had|do|does|did|will|would"
        "|should|could|can|may|might|must|shall|want|need|like|love|please|pls|plz|thanks|thank|thx|hi|hello|hey"
        "|ok|okay|let|make|made|give|get|keep|put|add"
        "|include|use|try|go|see|so|if|when|where|which|what|who|how|all|every|each|some|any|other|else|same"
        "|both|more|most|less|least|much|many|very|really|super|too"
        "|quite|just|also|again|still|even|maybe|perhaps|kind|sort|thing|stuff|way|bit|lot|nothing|something"
        "|everything|anything|everywhere|wide|frame|view|clip|video"
        "|take|scene|shot|sequence|footage|angle|position|composition|image|picture|still|begin|beginning|start"
        "|end|ending|middle|center|centre|side|top|bottom|front|left|right"
        "|whole|entire|full|first|last|second|seconds|sec|s|one|two|three|four|moment|time|duration|long|short"
        "|total|only|level|amount|while|then|during|until|till|per"
        "|as|because|since|though|after|before|once|twice|always|never|now|soon|within|without|throughout"
        "|overall|entirely|completely|perfectly|exactly|literally"
        "|basically|kinda|sorta|gonna|wanna|gimme|lol|btw|tho|etc|ie|eg|i'm|we're|let's|that's|it's|w|n|x|plus"
        "|extra|again|follow|visible|noticeable|perceptible"
        "|become|create|generate|produce|render|describe|prompt|happen|occur|appear to|seem|feel like|look like"
        "|bring|turn|work|look|moving|move|moves|main"
        "|focus|direction|horizontal|vertical|horizontally|vertically|straight|forward|inward|outward|axis"
        "|point|edge|space|room|place|inside|outside|opposite|further|farther|closer"
        "|%|°|percent|degree|degrees|even|itself|themselves|they|them|she|he|her|his|him|their|remain|stay"
        "|maintain|preserve|leave|%|’|'|\"|“|”|‘|#|@|\\*|=|~|_|\\^|<|>|\\[|\\]|\\{|\\}|\\$|`)",
        Tag.FILLER,
    ),
    Entry("\\d+(?:[.,]\\d+)?", Tag.FILLER),
)
"""Words that say nothing of motion."""
