"""English words that are near to words of direction without being misspelt: `crate` is no slip of `crane`.

Written by scripts/gen_confusables.py.
"""

from __future__ import annotations

_WORDS = """
abound absolute acceleration accelerator actively aggression agitated agitation alice alike allotted ante antics
ants ascent astounding attended attending aviation awaiting babe babes bach backyard baffling bake bale ballet
bankers banter barb barbed barclays barge barley barnes barr bart bash bashing bates battle battled battles
battling beck beheaded bent benz bern billions bitterly blamed blaming bland blind blinded blinding blindly
blinds bling bloc blog bloggers blogs blurry boasting boat boating boats boob boobs booing boon bore bored
boring born bots bout bouts boyd brackets brad breach breached breaches breadth breathless bred breeders
breeding brock brood brooding brooke brooklyn brow brows bruising brunch buck bucks budgeting bulk bull bulletin
bulls bully bunk buns burdened buried burnley burnt burr burt bury burying busch buses bust busted busting busts
buzzfeed cafe cafes cage cages calf cali call called calling calls camped camping canceled canceling candies
capt captains carb carbs care carl carrying catchy cave caves centrally certain certainly certainty chance
chances chandler chang channels channing chanting charge charged chargers charges charging cheat cheated
cheating cheats cheek cheeks chemists chet chose churning circulate circulated circulating clam clams clicking
climbers clone clones cloning closest clot clout coal coast coasts colt colts combating compelled compelling
compensation compete competed competes competing completion complexes complied complying computed computing
condemnation congrats consented constance constantine constraints construed consultant consultants cont
contacted contacting contacts contained containing contestant contestants contiguous continues continuum
contrary contrast contrasted contrasting contrasts contrived controls convened conversation conversations
converse conveyed conveying cope coping coronation cost costing costly costs coulter counseling countess
counties countless cove covert coveted cracked crackers cracking cram crank crap crate crates crave crawley
creepy crest crib crops crows cruising crushing ctrl curb cure cured cures curing cursed cursing curt curved
daft dane danes dangling dante dare dared dares daring dark darling darn darth dated dating dave dazzling
deadline deaf dean dear dearly debating decaying deciding dedicate dedicated deeds defended defending defenses
degenerate degraded degrading delegate delegates delicacy demanded demanding denied denies denise denying
departed departing depended depending depicted depicting depleted depressed depressing descendant descent died
dies dime dine dining dire dirt disbanded distinct distinctly diva divers dividing divine doin doll dolls done
dons doping doubting downey downgraded draft drafted drafting drafts dragging drake dread dreaded dredging drove
drown duct duet dustin dusty dynamite effective electors elegance elements elephant elephants embarked embarking
embedded enticing erase erased eric esteemed etsy exaggerate exaggerating expected expecting expressing
expressive extremism extremist fabricated facet facets fail failed failing fails fair fairly fairs fanny farce
farm farmed farms fart farts fats feared fearing feast feces fest fibre fibres fiercely fife fighters filipino
filly filmmaking fine finely fines finnish firefighter firefly firth fitz fixing flanked flashy flask flattened
flatter flattered flattering fleming flesh flickr flint flores floss fluke flush flushed flushing foam followers
fond fondly forced forcing ford forehead foresight foreword forged forging fork forks formally forte forty forum
forums foster fostered fostering founding fourth fred freeing fried fries furnished furry fuzzy gabe gage gail
gale gambling game games gaming gaping gases gave gavin gaza gilded glaciers glam gland glands globally gloss
goggles goons grace grad grail grams grande grandeur grandson grant granted granting grants grape grapes gras
grasp grasping grassy grateful grave graves greenberg grew grid grids grieving grilling grim grit grossed
grossing grossly growl guarding guessing guide guided guides guiding hail hailed hailing hails hairy hampered
hamstring handle handled handling handy hara harden harm harmed harming harms haste hate hatred hayes hays hazel
heal healed healing heals heap heaps hear hearing hearings hears heat heated heating heats heavenly heir heirs
hell helm help helped helping helps hesitate hired hiring hoard holden holly holmes holy homie homo hone hong
honoring hood hooded hoover hope hose howe huang hughes hugo hung hunt hunted hunting hunts illuminating
immensely immersed incense incl incoming incredible indefinite indefinitely inferred infinity inline insanely
intended intending intensify intensity intensive invading inverness inversion inverted invested investing itch
itching lack lacks lacy lager lagging laid lakers lakh lama lamb lambs lana lang lange lapd largest lash late
lately lauded laughter launched launching lays leafy learn learned learners learning learns lefty leon lest
liberals lice lied lien lies lighten likened limp linden lingerie list listed listened listening listing lists
lite live lived lives living lobe lobes loch locke lockheed loco locus logs lois lone lonely loom looming looms
loophole loose loosely loot looted looting lord lords lore losses lotus loud loudly luck luke lump lumps lund
lust mace maga maine maldives male males mana managing mani mann manor mansions manu mare mast maze meaning
meanings mediated megan mellon menacing mentioned mentioning mentions mentoring mesa meta microbes midst mine
minerals miners minimizing minority mint misled miss missed missiles missing missy mitt moaning mode moderation
moderator modesty moist mole molested monte monument monuments moses motel moth moths moto moyes mute muted neat
neatly nest nesting nests nets netting newt nexus nicest niche nick nico niece nile niles norma normalized
norman normandy noticing omen opec ordained originality originate originated originates originating oven ovens
overheard overload overloaded overseas owen owens pact pads palo panicked panicking pant pants parallel
parallels parenting partially participate participated participates participating particular particularly
particulars paso passions patent patented patents patience pats patterson pave paved paving paws payer payers
payments peace peck pedal pedals penal peta phony pickering picket pickle pickled picky pics pigs pill pills
pine pines pinned pinning pins pint pints piper piss pissed pissing pitch pitched pitching planet planets plank
planks planned planning playa pleading plotting ploy plugged plum plumbing plump plush polluted polly polo pond
ponds pont pony pooh poole poop posh pray prayed praying predicted predicting predicts prick producers
production productions productive projected projecting projects prone properly prospective protected protecting
protects psalm psalms puck puffy pulp purse puzzling quilt quirk quit quitting rabid racers racket rail rails
raisins rama rambling ramos rank ranks ranting rash read reading readings reads realised realises realising reap
rebounds recap recently recreate recreated recurring reef reefs reel reelection reels rees referees refining
reflected reflective reflects refunded refusing regained regretted regulate regulated regulates regulating
regulator regulators rehearsing reich reid reigning rein reins reiterated rejected rejecting rejection related
relation relations releases relegated remanded remarked renewing rent rented renting rents repeal repealed
repeatedly repent replacing reported reporting rescuing reserved reserves reset resisted resisting resolve
resolved resolves resolving resorted resorting respected respecting respects restless restored restoring
restrain restraining restraint restraints resulted resulting retarded retiring revenues reversal reverted
reviving rica rico riders rife rinse ripe ripped ripping risen risk risked risking risks rivera roar roaring
robb robbed robbing robin rocket rockin rocky rode rolf rollins roma rome rope ropes rotational rotting rover
rovers rowe rowing rowling ruin ruined ruining ruins russ ruth saddened said sake sally sami sank satan saul
sayin scam scammers scams scanners scare scares scary scattered scattering schooling score scored scores scoring
screenplay scripted scully scum seam seams sean sears seattle secluded securing seeded seeding seeds seine
selected selecting selfless sell selling sells serena serenity settlers severely shade shaded shades shading
shadowy shady shaft shafts shaken shale shame shamed shameless shaming shan sharpe sharpen shave shaved shaving
sheen shell shelling shells shite shone shooters shop shopping shops shore shores shredded shrine shrines
shutter shutters sidewalk sidewalks sigh sighed sighs signaling silas silently silky simmer sino sinus skill
skills skit slade slap slapped slapping slaps slay slaying slept slew slightest slime sling slippers slot slots
smiley smokers smoothie smug smuggled smuggling smurf snag snake snakes snoop snowball soak soften softened soil
soils solar sonar soothing sore sorely sour spain spaniards spanking spec specs sped spend spending spends
spider spiders spies spiked spinal spit stain stained staining stains stair stairs stake stakes stale stall
stalled stalling stalls standardized standby stanford stark startled startling stationery steal stealing steals
steep stew stink stinks stoke stokes stole stomp stomping stormy strand stranded strands stranger strangled
strategy streamline stricken strikers strikingly strings strippers strive strives strongest strung stud studded
studs subjective suing sunday sundays sunk sure surely suspected suspects swag swam swat swimmers swiss swore
tack tail tailed tails teachings teen teens tees tempered tempting tend tendency tending tends tenn tenth
terraces tess test tested testicles testing tests than thee thine thingy thinkers thorough thoroughly thoughts
threw thrilled thrilling throbbing thrown thwarted tick ticking tickle ticks tina tinder tire tired tires tiring
tits tone tong toni torah towed tower towering towers towns townsend tracey tradition traditions trailers trait
traits trance transaction transactions transitional translation translations travelers travellers traverse tread
treble trek trend trent trey trial trials tripping trolling troubled troubles troubling trough trunk trunks
trusting tuck tucked tumblr tune tuned tunes tuning turing tweed tweeting understand understanding understands
undertaker unmarried upgraded upgrading valor vein veins vince violated violating violence violet wade wage
waged wages wait waited waiter waiters waiting waits waive waived waiver waivers wake wakes waking wales walsh
walt walter walters wanderers warden warn warned warning warnings warns warring wars wary watchers waterloo
watershed waterway watery watt watts wavy weld welded welding whim whining whirlwind whistling whit whitaker
whopping wicket wield wielding wife wilde willy wing winged wings wire wired wires wiring wiser wonder wondered
wondering wonders wounding wrecking zoos
"""
CONFUSABLES = frozenset(_WORDS.split())
"""Words that are never corrected."""
