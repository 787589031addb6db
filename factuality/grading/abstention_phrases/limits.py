"""Limits that a speaker names: lacking abilities and forbidden answers."""

from __future__ import annotations

import re

from .vocabulary import (
    BOUND,
    CUT_OFF,
    DOES,
    DOING,
    FEW,
    HELD,
    INVENTED,
    LACKING,
    MANNER,
    MIND,
    PUT_OFF,
    SOME,
    SPEAKER,
)
from .wording import SOURCE

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

_PATTERNS = (
    # I have insufficient knowledge; I find no mention of that; I do not have a way to look up prices.
    rf"{SPEAKER} {MANNER}(?:can |could |am |are )?{MANNER}(?:have|had|possess|hold|see|find|found|get|got|recall"
    r"|keep"
    rf"|carry|store|retain|seeing|finding|getting|know of|am left with) {MANNER}{LACKING} {FEW}{HELD}\b"
    r"(?! that .{1,80})",
    rf"{SPEAKER} {MANNER}(?:do|does|did|can|could|am|are) not {MANNER}(?:have|see|find|hold|possess|keep|carry|get"
    rf"|retain|store|finding|seeing|getting|turning up|coming up with|in possession of) {SOME}{HELD}\b"
    r"(?! that .{1,80})",
    rf"(?:have|has|found|find|see|got|with) {MANNER}(?:no|zero|nothing|insufficient) {FEW}(?:{HELD}|{DOING})"
    r"(?: (?:about|on|of|for|regarding|to|here) [\w' -]{1,60}| here| available)?$",
    # I hesitate to give a number; I am less than certain.
    rf"{SPEAKER} {MANNER}(?:would |am |are |feel )?{MANNER}(?:(?:very|too|rather|somewhat|a bit|bit) )?{PUT_OFF}"
    rf" (?:to|about|of) {MANNER}(?:{DOES}|{DOING})\b",
    rf"{SPEAKER} {MANNER}(?:am|are|feel) {MANNER}(?:less than|far from|nowhere near|anything but|too un|hardly"
    r"|scarcely|barely|insufficiently|not remotely|not entirely|not sufficiently) (?:\w+ )?(?:certain|sure|confident"
    r"|clear|informed|familiar|qualified|knowledgeable)",
    rf"(?:my|our) {FEW}{MIND} (?:[\w'-]+ ){{0,3}}?(?:fails|ends|stops|lacks|excludes|predates|precedes|contains?"
    r"(?= (?:no|nothing))|offers?(?= (?:no|nothing))|holds?(?= (?:no|nothing))|has(?= (?:no|nothing)))",
    # That is where my knowledge ends; it lies outside my field.
    rf"(?:that|this|it|here) is where (?:my|our) {FEW}{MIND} (?:ends?|stops?|runs?|gives?|breaks?)",
    rf"{SPEAKER} (?:have |am |are )?(?:reached|hit|reaching|hitting|at|past|run into|come to|running up against)"
    rf" {FEW}(?:limits?|end|edge|bounds?|boundar\w+|border) of (?:what|my|our)\b",
    rf"{SOME}(?:is|are|was|were|be|lies?|falls?|goes|sits?|comes?|happened|occurred|took place) (?:[\w'-]+ ){{0,3}}?"
    rf"{BOUND} (?:\w+ )?(?:my\b(?! (?:house|home|window|door|head hurts))|anything (?:i|we)|what (?:i|we)"
    r"|(?:scope|range|bounds|limits|reach|realm|confines) of (?:my|what (?:i|we)))",
    rf"{SOME}(?:not|no|yet|unknown|unclear|pending|undecided|unannounced|undetermined|unresolved)(?: [\w'-]+){{0,5}}"
    rf" (?:as of|at time of|by|before|since|within|in|at) (?:my|our) (?:[\w'-]+ )?{CUT_OFF}",
    rf"you (?:have |had |are )?(?:reached|reaching|hit|exhausted|found) {FEW}(?:limits?|end|edge|bounds?) of my\b",
    rf"{SOME}{BOUND} (?:information|data|material|texts?|facts?|topics|what) (?:that )?(?:i|we) (?:was|were|am|are"
    r"|have|had)\b",
    r"(?:i|we) (?:am|are) (?:not (?:right|best)|wrong|hardly right) (?:one|person|assistant|model|source|ai) (?:to"
    r"|for)\b",
    # Anything that I said would be a guess.
    r"(?:anything|whatever|everything|all|any [\w'-]+|number|name|date|answer|that|it|this) (?:that )?(?:i|we) "
    rf"(?:[\w'-]+ ){{0,5}}?(?:would|will|could|might|is|are) (?:[\w'-]+ ){{0,4}}?{INVENTED}",
    rf"{SPEAKER} (?:would|will|could|might) {MANNER}(?:have to|need to|be|just be|end up|risk) {MANNER}(?:fabricat\w+"
    r"|invent\w+|mak(?:e|ing) (?:it|that|this|something|things|one|stuff) up|making up|speculat\w+|hallucinat\w+"
    r"|pretend\w*|bluff\w*|misleading|guessing|improvis\w+)",
    r"(?:rather than|instead of) (?:guess(?:ing)?|speculat\w+|mak(?:e|ing) (?:something|things|it|this|that) up"
    r"|invent\w+|fabricat\w+|risk(?:ing)? \w+|mislead(?:ing)?(?: you)?|bluff(?:ing)?)\b",
    # It would help to know which one you mean.
    r"(?:it|that) (?:would|might|could) (?:[\w'-]+ ){0,2}?(?:help|be (?:helpful|useful|good|great|easier|best))"
    r" (?:[\w'-]+ ){0,2}?(?:to (?:know|have|see|hear|get|learn)|if (?:you|i))\b",
    # I cannot continue; I turn this one down; I defer to experts.
    rf"{SPEAKER} {MANNER}(?:can|could|will|would|may|must|should|shall|am|are) not {MANNER}(?:be |able to "
    r"|going to "
    rf"|willing to |prepared to |allowed to ){{0,2}}{MANNER}(?:continue|proceed|go (?:along|ahead|further"
    r"|any further"
    r"|on)|take part|entertain|accommodate|oblige|indulge|honou?r|grant|carry (?:out|on)|act on|advise|counsel|vouch"
    r"|attest|corroborate|put (?:my finger|name|number|date|figure)|commit to|pin(?: \w+)? down|be (?:sure|certain"
    r"|confident)|claim to know|pretend|presume|rule (?:it|that|this|on|either)|cite|quote|reconstruct|resolve"
    r"|distinguish|narrow)\b",
    rf"{SPEAKER} {MANNER}(?:(?:am|are|will|would|must|should|can|have|need|want|like|prefer|going|choose|rather"
    rf"|only|better|had|to|be|wish) ){{0,5}}{MANNER}(?:turn(?:ing)? (?:this|that|it|you"
    r"|your request)(?: \w+){0,2} down"
    r"|turn(?:ing)? down|say(?:ing)? no to (?:this|that|your)|bow(?:ing)? out|opt(?:ing)? out|step(?:ping)? back"
    r"|stop(?:ping)?"
    r" (?:here|there)|draw(?:ing)? line|hold(?:ing)? (?:back|off|my tongue)|withhold\w*|reserv(?:e|ing) (?:judg\w+"
    r"|comment)|demur|(?:sit|sitting) (?:this|that|it)(?: \w+)? out|(?:stay|staying|keep|keeping|remain|remaining)"
    r" (?:well )?(?:out of (?:(?:[\w'-]+ ){0,3}?(?:this|that|it|such|debates?|politics|discussions?|arguments?"
    r"|matters?)\b)"
    r"|silent|quiet|mum|neutral|agnostic|impartial)|leav(?:e|ing) (?:it|this|that)(?: \w+){0,2} (?:blank|open"
    r"|unanswered"
    r"|at that|there|to)|defer(?:ring)? (?:to|on)|not answer\w*|declin(?:e|ing)|refus(?:e|ing)|abstain\w*|skip(?:ping)?"
    r"|tak(?:e|ing) pass|take rain check|plead(?:ing)? (?:ignorance|fifth)|fold(?:ing)?|give up|giving up|throw(?:ing)?"
    r" in towel|concede|admit(?:ting)? (?:defeat|ignorance))\b",
    # That is for historians to decide; you are better off asking one.
    r"you (?:would|will|may|might|are|should)? ?(?:[\w'-]+ ){0,2}?(?:better off|better served|best off|best served"
    r"|well advised|do better|have better luck|fare better)\b",
    r"(?:it|that|this) is (?:[\w'-]+ )?(?:not|hardly|scarcely) (?:[\w'-]+ )?(?:my|for me|in my"
    r"|within my)\b(?! (?:\w+ )?(?:fault|problem|favou?rite))",
    # Nobody knows.
    r"(?:who|whoever) (?:can|could|is to) (?:really |ever )?(?:say|tell|know)(?: (?:for sure|for certain|really))?$",
    # The source leaves it open.
    rf"(?:{SOURCE}|premise)(?: of (?:your|this|that) {SOURCE})? can not be (?:answered|confirmed|verified"
    r"|determined)$",
    rf"{SOURCE} (?:as (?:posed|stated|asked|written|phrased|worded|it stands) )?(?:has|have|admits?|allows?)"
    r" (?:of )?no (?:[\w'-]+ ){0,3}?answer",
    # I doubt I can; you have stumped me; I looked but found nothing; there is no way for me to check.
    rf"{SPEAKER} {MANNER}(?:doubt|question|am not sure|do not suppose|do not imagine) (?:that |whether |if )?(?:i"
    r"|we) (?:can|could|am|would|know|have|will)\b",
    r"you (?:have |had )?(?:\w+ly )?(?:stumped|lost|got|beaten|beat|stymied|baffled|puzzled|caught) me\b",
    rf"(?:{SPEAKER} )?(?:have |could |can )?(?:found|find|see|saw|got|get|came up with|come up with|turned up"
    r"|located) (?:\w+ly )?(?:nothing|nada|zilch|no (?:match|matches|result|results|hits?))"
    r"(?: (?:relevant|useful|reliable|conclusive|concrete|credible|about|on|there|here|in|for|at|that (?:answers|covers"
    r"|mentions|confirms))(?: [\w'-]+){0,5})?$",
    r"(?:there (?:is|are|exists?) )?(?:\w+ly )?no (?:[\w'-]+ )?(?:way|means|method|possibility) (?:for (?:me|us) to"
    r"|(?:i|we)"
    rf" (?:can|could)|(?:of|by) (?:me|my|which i)) ?{FEW}(?:{DOES}|{DOING})\b",
    rf"there (?:is|are) (?:nothing|no [\w'-]+|not (?:anything|[\w'-]+)) {FEW}(?:in|within|on|from|among) my\b",
    r"not (?:(?:even|the) )?(?:foggiest|faintest|slightest|remotest)(?: (?:idea|clue|notion|inkling))?$",
    r"(?:(?:i|we) )?(?:have )?never (?:checked|looked|asked|bothered|studied|learned|learnt|tried|seen it|read it"
    r"|come across)\b(?: (?:it|that|this|into it|at it|up))?$",
    rf"{SOME}(?:is|are) not (?:[\w'-]+ )?(?:something|thing|things|question|questions|one|matter|topic) (?:that "
    r"|which )?i"
    r" (?!(?:[\w'-]+ ){0,2}?(?:like|want|enjoy|eat|agree|believe|recommend|regret|care|would do|love|need|wear"
    r"|own)\b)\w+",
    r"(?:that|this|it) is not (?:[\w'-]+ )?(?:something|thing|anything) (?:that )?(?:any(?:one|body)|people|one"
    r"|humans?)"
    rf" (?:can|could|is able to) (?:{DOES})\b",
    # I cannot (in good faith) name one; neither can I; there is a gap in my knowledge.
    r"(?:i|we) (?:\w+ )?(?:can|could|may|must|dare|am able to) not(?: (?:either|now|today|here|sorry|though))?$",
    r"(?:and |so )?neither (?:can|could|do|am|have|would) (?:i|we)\b",
    rf"{SOME}(?:gaps?|holes?|blind spots?|void|lacuna|blank) (?:[\w'-]+ ){{0,3}}?(?:in|within) (?:my|what i|our)\b",
    rf"my {FEW}{MIND} (?:has|have|contains?) (?:[\w'-]+ )?(?:gaps?|holes?|blind spots?|void|lacuna)",
    r"(?:i|we) (?:\w+ )?(?:am |are |was |were |have been |keep )?(?:last )?(?:updated|trained|built|released"
    r"|fine-tuned) (?:[\w'-]+ ){0,4}?(?:before|prior to|ahead of|too early)\b",
    r"(?:i|we) (?:would |will |can )?(?:\w+ )?(?:have to|need to|must|only|could only) (?:guess|speculate|make (?:it"
    r"|something|one) up|invent (?:it|something|one))$",
    r"nothing (?:is |has |was )?(?:coming|comes|came|springs|sprang|rings|jumps|pops)(?: out| up| in)?(?: to (?:me"
    r"|mind)| any bells?| bells?)?$",
    # What was to be read is missing; the request cannot be served.
    r"(?:there (?:is|are|was|were|seems?|appears?|does not (?:seem|appear)) (?:to be )?)?(?:no"
    r"|not (?:any )?)? ?(?:[\w'-]+ )?"
    r"(?:images?|documents?|files?|attachments?|pictures?|photos?|text|passages?|audio|videos?|links?|articles?|tables?"
    r"|excerpts?|charts?) (?:(?:was|were|is|are|has been|have been|seems to be|appears to be) )?(?:not )?(?:attached"
    r"|provided|included|uploaded|supplied|shared|visible|came through)(?: (?:here|to|in|with|by)\b.{0,60})?$",
    r"(?:your|this|that) (?:request|question|query|prompt|input|message|task) (?:can|could"
    r"|may) not be (?:\w+ly )?(?:processed"
    r"|completed|fulfilled|answered|handled|granted|honou?red|served|parsed|accepted|resolved)",
    r"(?:please|kindly|(?:could|can|would|will) you(?: please)?) (?:\w+ )?(?:tell me (?:more|which|what|who|where"
    r"|when)|upload"
    r"|attach|paste|resend|specify|clarify|rephrase|restate|reword|provide (?:me )?(?:more|further|additional|some"
    r"|your)|let me know (?:which|what|who|where|when|if you mean|more)|add (?:more|some)|be more|narrow|check (?:your"
    r"|spelling))",
    # Frames: it is not stated whether; helping would break rules; this is lost on me.
    r"it is (?:\w+ly )?not (?:stated|said|mentioned|specified|indicated|given|explained|made clear|spelled out"
    r"|revealed) (?:whether|if|who|whom|what|when|where|why|how|which)\b",
    r"(?:helping|assisting|answering|providing|commenting|speculating|guessing|responding|engaging|complying|continuing"
    r"|giving|doing so)(?: [\w'-]+){0,6}? (?:would|might|could|may|can|is|goes) (?:[\w'-]+ )?(?:break|violate|breach"
    r"|cross"
    r"|contravene|go against|against|conflict|run counter|unfair|not|put|harm|risk|mislead|invade|compromise|infringe)",
    rf"{SOME}(?:is|are|was|were) (?:[\w'-]+ )?(?:lost on|beyond|over|foreign to|unknown to|news to|new to|mystery to"
    r"|unfamiliar to|outside|opaque to|unclear to) me\b",
    r"(?:information|info|data|evidence|details?|context) (?:is |are )?(?:insufficient|inadequate|lacking|missing"
    r"|too (?:scant|sparse|thin|vague|limited)|unavailable)(?: (?:to|for)\b.{0,60})?$",
    # We are not told; it does not say; that word means nothing to me; I got nowhere.
    r"(?:we|i|one|reader|you) (?:am|are|is|was|were) (?:not|never) (?:\w+ )?(?:told|informed|given|shown)\b",
    r"(?:(?:it|this|author|narrator|writer|speaker|poem|book|fragment|tale) )?(?:does|do|did) not (?:\w+ly "
    r"|actually |ever )?(?:say|tell us(?! (?:anything|much|everything))|specify|mention|state|reveal|disclose|explain"
    r"|elaborate)(?: (?:it|that|this|us|so|anywhere|exactly|here"
    r"|in|who|what|when|where|why|how|which|whether|if)\b.{0,80})?$",
    r"there (?:is|are|was|were) no (?:[\w'-]+ ){0,4}?(?:information|info|data|details?|records?) (?:confirming"
    r"|regarding|concerning|detailing|describing|specifying|identifying|pertaining|available|about|on)\b",
    r"(?:[\w'-]+ ){1,5}(?:does|do) not (?:mean|say|tell) (?:anything|much|thing|something) to me\b",
    r"who am i to (?:say|tell|judge|decide|know|answer)\b",
    r"(?:could|can) not$|(?:(?:i|we) )?(?:got|getting|went|am getting) nowhere\b|(?:to no avail|in vain|without success"
    r"|no luck|no dice|no joy)$",
    r"(?:(?:i|we) )?(?:have |am )?(?:ran|run|running|fresh|all)? ?out of (?:ideas|guesses|clues|options|leads)\b",
    # It is news to me.
    r"(?:that|this|it|one|[\w'-]+ one)(?:'s)? ?(?:one(?:'s)? )?(?:(?:is|has|had"
    r"|have) )? (?:[\w'-]+ ){0,2}?(?:new (?:one )?(?:on|to) me"
    r"|got me(?: there)?|me (?:there|beat|stumped|baffled|puzzled|lost)|news to me|lost on me|over my head|beyond me"
    r"|greek to me)$",
)
NAMES_LIMIT = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS))
"""A clause whose speaker names what he is without, or that an answer is not his to give."""

_LIMIT = (
    r"(?:not|no|never|nothing|none|neither|nor|unable|unsure|uncertain|unaware|unfamiliar|unqualified|unwilling"
    r"|incapable|insufficient|inadequate|limited|lack(?:s|ing)?|without|beyond|outside|fails?|failed|hardly|barely"
    r"|scarcely|decline|refuse|avoid|refrain|forget|forgot|forgotten|blank|doubt whether|little|rather|before i|until i"
    r"|wish|ignorant|clueless|lost|stuck|stumped|puzzled|baffled|cautious|hesitant|reluctant|low|too)"
)
_OPINION = (
    r"(?:think so|believe (?:so|that|it|in)|believe$|doubt (?:it|that)|agree|disagree|recommend|advise against|mean"
    r"|care|mind|regret|lie|blame|deny|forg(?:et|ot|otten) to|expect|see why|see how|understand why|wonder|know why"
    r"|promise|give up|owe"
    r"|suggest|object|see no|say (?:so|no|yes|that|it is)|would say|can only|know (?:of|that|him|her|them|it)|fear)"
)
LOOSELY_DECLINES = re.compile(
    rf"(?=(?:i|my|as|this (?:ai|model|assistant)) (?:[\w'/-]+ ){{0,10}}?{_LIMIT}\b)"
    rf"(?=(?:i|my|as|this (?:ai|model|assistant)) (?:[\w'/-]+ ){{0,14}}?(?:{HELD}|{DOES}|{DOING}|{MIND})\b)"
    rf"(?!i (?:[\w'-]+ ){{0,5}}?{_OPINION}\b|i did not\b|.{{0,80}}\bmy mind\b)"
)
"""A speaker's denial that has to do with knowing or telling: it declines where no clause answers."""
