"""Grammar of denials: who cannot, will not, does not know or have."""

from __future__ import annotations

import re

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.
# Nouns and verbs are open classes; what denials about the speaker's own life and opinions speak of is listed.

SPEAKER = r"(?:i|this (?:ai|model|assistant)|me)"
_MANNER = (
    r"(?:(?:\w+ly|just|also|still|even|quite|rather|therefore|never|ever|so|in good conscience|at (?:this|that) (?:time"
    r"|point|moment)|afraid|as (?:an )?ai(?: language)?(?: model)?|very well|right now|myself|then|too|unfortunately"
    r"|sadly|alas) ){0,3}"
)
_END = r"(?![\w'-])"
# What people cannot or do not do in their own lives, and verbs of opinion and emphasis.
_OWN_ACTS = (
    r"(?:eat|be beat|feel|come|attend|travel|drink|swim|sleep|dance|cook|sing|ski|breathe|fly|jump|lift|smoke|marry"
    r"|afford|drive|walk|run|live|wear|wait"
    r"|believe|agree|disagree|recommend|advise against|stress|emphasi[sz]e|overstate|overemphasi[sz]e|complain|help but"
    r"|help \w+ing|imagine|stand|lie|deny|argue|thank|fault|blame|doubt|trust|think of (?:any )?(?:better|anything but"
    r"|x)|think so|care less"
    r"|fool|pretend|sugar-?coat|say (?:i|enough|no|that i|x)|tell (?:you )?(?:how (?:often|many times|much|happy|glad)"
    r"|enough|lie|lies|x)|see (?:why|how|any reason|reason|x)|disappoint|let you down|worry|bore|bring my\w*|lose"
    r"|have (?:a )?(?:dog|cat|pet|child|kids)|make (?:it|you|me|him|her|them|(?:[\w'-]+ ){0,2}?(?:bread|pancakes"
    r"|coffee|tea|cakes?|dinner|lunch|soup|money"
    r"|friends))|take (?:no|my)|put (?:it|this|that|book) down|do without|be (?:more (?:exact|precise|specific)"
    r"|happier|serious"
    r"|beat|bothered|too careful|x)|claim (?:last|credit|to be)|rule out|like|love|hate|want to (?:be|go|eat|live)|get"
    r" (?:enough|no|over|used|married|away)|go (?:wrong|out|to (?:bed|work|school|sleep|church))|play|ride|discuss my"
    r"|count on)"
)
_KNOWING = (
    r"(?:know|recall|remember|recollect|recogni[sz]e|understand|comprehend|follow|grasp|catch|find|see(?! (?:why"
    r"|how)\b)|have(?= (?:access"
    r"|enough|sufficient|any|that|this|your|details?|info|information|what)\b)|track|keep track|keep tabs|monitor"
    r"|store|hold"
    r"|share|give|offer|provide|disclose|reveal|discuss|speculate|guess|gossip|comment|engage|answer|respond|reply"
    r"|predict"
    r"|forecast|take (?:sides|position|positions|part|stance|stances)|participate|(?<!did not )do (?:that|this|it"
    r"|those|politics|so)"
    r"|feel (?:comfortable|qualified|able|equipped|right|confident)|(?:want|wish|care|intend|plan) to (?:say|answer"
    r"|guess|speculate|mislead|give|get|comment|discuss|make|invent|share|take|weigh|talk|tell|risk|assume|put|offer"
    r"|encourage|help|be (?:drawn|wrong|misleading))|support"
    r"|condone|assist|help|write|create|generate|produce|make (?:predictions|guesses|recommendations|claims)|list"
    r"|browse|process|possess|retain|get (?:into|involved|to see)|keep|hand out|talk about|speak|read|write"
    r"|cover|work (?:with|from)|deal|come across|appear to have|seem to have|carry|maintain|collect|receive|see any)"
)
_ABLE = (
    r"(?:able|willing|(?:allowed|permitted)(?! to (?:marry|have|bring|eat|keep|enter|park|drive|leave|discuss my"
    r"|smoke|drink|wear|own|sell|vote)\b)|authori[sz]ed|going|prepared|here|comfortable|qualified|equipped|designed"
    r"|built"
    r"|made|meant|trained|programmed|supposed|inclined|at liberty|in (?:any )?position|ready|set up|competent|licensed"
    r"|about|cleared|keen|free|expected|set|capable of|comfortable with|confident|comfortable in)"
)
_INFORMED = (
    r"(?:sure|certain|aware|familiar|privy|clear|confident|positive|knowledgeable|informed|acquainted|conversant|versed"
    r"|well-versed|well-informed|clued|up to (?:date|speed)|current|abreast|party to)"
)
# What people lack in their own lives.
_OWN_THINGS = (
    r"(?:doubts?|siblings?|brothers?|sisters?|children|kids?|cars?|jobs?|wife|husband|spouse|family|famil(?:y|ies)"
    r"|parents?|partner|boss|pets?|dogs?|cats?|money|cash"
    r"|time|problems?(?! \w+ing)|objections?|regrets?|choice|space|room|garden|gun|gills|claws|body|bodies|mouth|hands?"
    r"|legs|eyes|teeth|stomach|gender|age|religion|friends?|enemies|appetite|patience|reason|reservations?|complaints?"
    r"|issues?|interest|need|desire|intention|plans?|say|against|fear|secrets?|hesitation|illusions?|qualms|allerg\w+"
    r"|house|home|phone|anything on|objects?|trust|meat|tv|appendix|predators|mouth|to)"
)
_TAIL = (
    r"(?:and|or|but|because|to|in|on|of|about|for|from|with|that|this|as|at|who|whom|what|when|where|why|how|which"
    r"|whether|if|by|beyond|until|unless|without|so|your|any|anything)"
)

_PATTERNS = (
    # I cannot (could not, will not, may not …) do it; cannot say; won't tell you that.
    rf"(?!(?:i )?would not know where to)(?:{SPEAKER} )?{_MANNER}(?:can|could|will|would(?! (?:\w+ly )?not (?:do|risk"
    r"|recommend|advise|say|trust|go|use|buy|bother|call|bet"
    rf"|change|mind|miss|put|drink|eat|touch|rely|worry))|may|shall|dare|must) {_MANNER}not {_MANNER}"
    rf"(?:(?:be |feel )?(?:{_ABLE} (?:to )?)?)?{_MANNER}"
    rf"(?!{_OWN_ACTS}{_END}|(?:be|have been|it|that|they|you|we|he|she|as|cure|burn|escape|exist|happen|fly)\b)[\w'-]+",
    rf"{SPEAKER} {_MANNER}(?:can|could|will|may) {_MANNER}not be (?:of (?:\w+ )?(?:help|use|assistance|service)"
    r"|(?:your|part|party|sure|certain|drawn|providing|giving|answering|helping|sharing|more helpful|complicit"
    r"|doing)\b)",
    rf"{SPEAKER} {_MANNER}(?:can|could) only (?:process|read|see|handle|work|guess|speculate|help|answer|assist|discuss"
    r"|deal|go by|go on|access)\b(?! that\b)",
    # I am not able (willing, going, here …) to; I am unable to; I am not sure; I have been unable to.
    rf"(?:{SPEAKER} )?(?:(?:am|was|have been) )?{_MANNER}(?:not {_MANNER}{_ABLE}(?: enough)?(?: to)?"
    rf"|(?:unable|unwilling|powerless|ill-equipped|not (?:yet )?able) to|incapable of) {_MANNER}"
    rf"(?!{_OWN_ACTS}{_END}|be (?!of\b)|to be\b)[\w'-]+",
    rf"{SPEAKER} {_MANNER}(?:am|was) {_MANNER}(?:not {_MANNER}{_INFORMED}|unsure|uncertain|unaware|unfamiliar|ignorant"
    r"|clueless|stumped|in dark|at loss|forbidden|prohibited|barred|bound (?:by|not)|stuck|lost here"
    r"|out of (?:my )?(?:depth|ideas|guesses))(?! (?:how lucky|why you)\b)",
    # I do not know (recall, keep, share …).
    rf"{SPEAKER} {_MANNER}(?:do|did) {_MANNER}not {_MANNER}{_KNOWING}(?! (?:how to (?:drive|swim|cook|dance|ride|play"
    r"|sing|ski)|why not|see why|any reason|any (?:problem|issue|harm|difference|point)|it doing|reason|any(?:one"
    r"|body) (?:who|that)|meat|feelings? like)\b)"
    r"(?! (?:of )?any (?:[\w'-]+ ){0,3}?(?:[\w-]+er|more|less|better|worse) (?:[\w'-]+ ){0,2}?than\b)",
    rf"(?:do|did) not {_MANNER}(?:know|recall|remember|recogni[sz]e|have (?:[\w'-]+ ){{0,3}}?(?:clue|idea|info\w*|data"
    rf"|access))(?= {_TAIL}{_END}|$)",
    # I have no X, lack X, was not given X.
    rf"{SPEAKER} {_MANNER}(?:(?:do|did|would) {_MANNER}not {_MANNER}(?:have|possess|get|hold)|have {_MANNER}(?:got"
    r" )?(?:no"
    r"|zero|nothing|little|neither|not (?:got|been (?:given|told|shown|provided|sent|able|informed)|seen|heard|received"
    rf"|read|come|found|met|kept|learn\w+|encountered|looked|checked|had chance))|lack|am (?:without|missing|lacking"
    r"|short on)|was (?:not|never) (?:given|told|shown|there|able|provided|sent|informed|present|around|taught))"
    rf" {_MANNER}"
    rf"(?:any |single |much |enough |own |personal |real ){{0,2}}(?!(?:(?!(?:on|of|about|for|to|in)\b)[\w'-]+"
    rf" )?{_OWN_THINGS}{_END}|such thing)[\w'-]+",
    rf"{SPEAKER} (?:have |got )nothing$|{SPEAKER} (?:never (?:saw|heard|knew|learn\w+|met|read|finished|got to)|know"
    r" (?:nothing"
    r"|next to nothing|(?:too |very )?little(?! (?:more|else)))|wish i (?:knew|could)|forgot$|forget$|(?:have"
    r" )?forgotten$)\b",
    r"(?:have|has|had|got) (?:not (?:got )?(?:(?:the )?(?:slightest|faintest|foggiest|remotest)|(?:got )?(?:any |a"
    r" )?(?:clue|idea"
    r"|notion)|(?:\w+ )?(?:heard|seen|read|come across|encountered))|no (?:[\w'-]+ )?(?:clue|idea|info\w*|notion|data"
    r"|way (?:to|of)))",
    r"(?:absolutely |literally |honestly |have )?(?:no|zero|not (?:single|one|earthly)) (?:[\w'-]+ )?(?:clue|idea"
    r"|info\w*"
    rf"|notion|inkling|recollection|memory of|knowledge of|record of|data on|details on|access to)(?= {_TAIL}{_END}|$"
    r"|(?: [\w'-]+){1,2}$)",
    # I decline; I must pass; I would rather not; I prefer to keep it to myself.
    rf"{SPEAKER} {_MANNER}(?:(?:must|will|would|shall|should|can|could|am|have|need|going|want|choose|wish|had|to"
    r"|better|prefer|like|only|be|might|may|rather) ){0,5}(?:\w+ly ){0,2}(?:declin(?:e|ing)(?! to call)|refus(?:e"
    r"|ing)(?! to (?:call|consider|think|believe"
    r"|accept))|abstain|refrain|pass(?= on| here|$)|skip (?:this|that)|(?:rather|prefer|better|like|want) not\b"
    r"|not to (?:say|answer|discuss|comment|share|talk|speculate|get|go|disclose|be)|keep (?:that|this|it|those"
    r"|such|my)\b|leave (?:it|that|this|those|[\w'-]+ (?:out|to|for|aside))\b|draw line|stop short|hold off|sit"
    r" (?:this|that)|stick to (?!my\b))",
    rf"{SPEAKER} (?:would )?(?:[\w'-]+ ){{0,3}}?(?:rather|prefer|better|tend|try|choose|aim|careful|wary|hesitant"
    r"|reluctant|loath|hesitate)(?: \w+)? not(?: to)? (?!be\b)[\w'-]+",
    rf"{SPEAKER} (?:\w+ )?(?:draw|drew|am drawing|keep drawing) (?:\w+ )?blank|{SPEAKER} (?:\w+ )?neither \w+ nor\b"
    r"|we neither confirm nor deny|neither confirm nor deny",
    # We, where it stands for who answers.
    r"we (?:\w+ )?(?:(?:can|could|will|do|are) not (?:\w+ly |able to |yet ){0,2}(?:comment|disclose|confirm|discuss"
    r"|share"
    r"|provide|speculate|release|reveal|say(?! that)|answer|assist|help|offer|give|announce)|have (?:nothing|no \w+) to"
    r" (?:announce|add|say|share|report|offer|disclose)|(?:would rather|prefer) not|decline)\b",
    # I am X and cannot …; as X, I do not ….
    rf"(?:i am|as|being) (?:[\w'-]+ ){{0,8}}?(?:and|so) (?:i )?(?:\w+ )?(?:(?:can|will|could|would|am) not|can only"
    r"|never"
    rf"|lack) {_MANNER}(?!{_OWN_ACTS}{_END}(?<!recommend)|be\b)[\w'-]+"
    rf"|(?:i am|as|being) (?:[\w'-]+ ){{0,8}}?(?:and|so) (?:i )?(?:do not {_MANNER}{_KNOWING}|have no)\b(?!"
    rf" {_OWN_THINGS}{_END})",
    r"(?:there is )?no way (?:that )?(?:i am|i will|i would|i can|to (?:know|tell|say|be sure))\b",
    r"(?:it|that|this) would take (?:[\w'-]+ ){1,4}?to (?:answer|say|tell|know|work|determine|explain|judge|read"
    r"|translate|identify)\b",
    r"(?:that|this|it|[\w'-]+(?: [\w'-]+){0,2}) (?:name |title |one )?(?:draws?|drew|is drawing) (?:\w+ )?blank",
    r"(?:[\w'-]+ ){0,5}?crystal ball\b|(?:let's|let us|let s|i would rather we) not\b",
    r"(?:[\w'-]+ ){1,8}?(?:is|are) (?:\w+ )?(?:something|things?|ones?|information|question|topic) (?:that |which"
    r" )?i (?:\w+ )?(?:am (?:\w+ly )?(?:unable|not|unaware|unfamiliar)|can not|do not|have no|lack|could not)\b",
    r"(?:[\w'-]+ ){1,6}?(?:is|are) (?:\w+ly )?(?:not (?:\w+ly )?(?:accessible|visible|available|known|clear|familiar"
    r"|open|apparent|viewable)|inaccessible|invisible|unavailable|unknown|opaque|unfamiliar) to (?:me|us)\b",
    r"not (?:from|by) me$|not my (?:area|field|thing|job|department|place|business|call|forte|subject|strong suit)$"
    r"|not ringing\b|i am not (?:connected|online|plugged|hooked|linked|tied|wired)\b",
    r"i (?:[\w'-]+ ){0,8}?(?:come|came|coming) up (?:short|empty|dry|blank|with nothing)|(?:my )?mind(?:'s| has| is|"
    r" s)? (?:gone |went |going |a )?(?:completely |totally )?blank",
    r"(?:i )?(?:would )?need (?:some |bit |little |much )?(?:more|further|additional) (?:info\w*|context|details?"
    r"|data|background|specifics)\b",
    r"(?:i )?(?:can|will|could|would rather|had better|might better) not$|(?:i )?have not (?:yet )?(?:decided|made"
    r" up|figured (?:it|that|this) out)\b",
    r"(?:idk|dunno|i dunno|no idea|no clue)(?! (?:is|was|can|could|will|should)\b| [\w' -]{0,60}\d)(?:"
    r" [\w'-]+){2,6}$|(?:just )?not (?:much|enough|anything|lot) to go (?:on|by)\b",
    r"i am (?:sworn|bound) (?:to|by)\b|there is no one here who\b",
    r"(?:that|this|it|doing (?:so|that|this)|which) (?:would|could|might) (?:\w+ )?(?:violate|invade|breach|infringe"
    r"|betray|compromise|break|be (?:\w+ )?(?:invasion|breach|violation|betrayal))\b.{0,60}\b(?:privacy|confiden\w+"
    r"|trust|rules?|polic\w+|guidelines|ethics|terms|integrity)",
    r"(?:(?!(?:because|if|that|i|we)\b)[\w'-]+ ){2,9}(?:and|so) i (?:\w+ly |just |simply )?(?:can not|could not|do"
    r" not (?:know|have|keep|track)|have no|am not able|am unable)\b",
    r"(?:that|this|it|[\w'-]+) (?:is|was) (?:\w+ )?too (?:recent|new|late|obscure|specialised|specialized|technical"
    r"|niche|local) for me\b",
    r"(?:[\w'-]+ ){1,3}?(?:is|are) not [\w'-]+(?: [\w'-]+)? (?:that )?i (?:know|recogni[sz]e|am familiar|have"
    r" (?:heard|seen|met|come))\b",
    r"(?:i )?have not (?:yet )?(?:finished|read|got to|reached) (?:it|that|this|one|book|yet)\b|(?:please )?do not"
    r" rely on me\b",
    r"(?!i |we |you |if |what )(?:(?!(?:because|if)\b)[\w'-]+ ){2,12}?(?:that |which )?i (?:can|could|do) not"
    r" (?:read|see|open|access|reach|get (?:past|at|to|into)|make out|follow|recogni[sz]e|understand|hear|view"
    r"|verify|decipher|interpret|identify)$",
    r"i only (?:know about|deal with|cover|handle|support|speak for|answer for)\b|(?:i )?was not (?:paying attention"
    r"|there|listening|watching|looking|around|present)\b",
    # Not something that I do.
    r"(?:that|this|it|which|[\w'-]+ing(?: [\w'-]+){0,6}?)? ?(?:is |are |would be )?(?:just |simply |really )?(?:not"
    r" (?:(?:a|the|one of|sort of|kind of|type of) ){0,3}(?:something|anything|thing|things|topic|topics|question"
    r"|request"
    r"|area|information|one|sort of thing|kind of thing|type of thing|ones)|nothing) (?:that |which )?(?:i|we|this"
    r" model)\b(?! (?:would (?:do|recommend|eat|want)|like|love|enjoy|agree|believe|recommend|regret|care|need|eat)\b)",
    r"not (?:touching|answering|saying|telling|doing|getting into|going (?:there|into|to (?:say|answer|tell|get|help))"
    r"|sharing|discussing|commenting|helping|happening|on my watch|gonna)\b",
    # How would I know; beats me; you tell me.
    r"(?:lol |haha |like |man |bro |dude |and |but )?how (?:would|should|could|am|can|do you expect|on earth) (?:i"
    r"|me)\b(?: \w+){0,2} know",
    r"(?:you tell me|your guess|beats me|search me|who (?:knows|can say|can tell)|no comment(?: (?:at|on|for|until"
    r"|from)\b.{0,60})?|next question|hard pass"
    r"|pass|idk|dunno|i dunno|do not look at me|ask me (?:later|tomorrow|another time|again)|too (?:vague|broad"
    r"|ambiguous|unclear|general)|against (?:my|our) \w+|cannot|can not|no dice|no can do|not my department|not"
    r" scooby|how long is piece of string|i was hoping you (?:could|would) .{1,40})(?: (?:man|bro|lol|sorry|sry"
    r"|really|tbh|on this"
    r"|on that|on this one|on that one|there|here|mate|dude|honestly|for me|thanks|please|either|though|at all|pal"
    r"|buddy|haha|lmao)){0,3}$",
    # My knowledge does not reach; my information is not live.
    r"my (?:[\w'-]+ ){0,3}?(?:information|info|knowledge|data|training|memory|records?|sources?|notes|tools?|figures?"
    r"|database|expertise|context|view|access|sense|browser|instructions|guidelines|purpose|role|policy|policies)"
    r" (?:[\w'-]+ ){0,3}?"
    r"(?:(?:is|are|do|does|did|has|have|will|can|could|would) (?:\w+ )?(?:not|never|no|nothing|limited|confined"
    r"|out of|too|hazy|blank|empty|patchy|thin|failing|restricted|insufficient|incomplete)|stop(?:s|ped)?|end(?:s"
    r"|ed)?|cuts? off|finish(?:es|ed)?|predates?"
    r"|precedes?|fails?|lacks?|prevents?|prohibits?|forbids?|excludes?|contains? no|holds? no|hold nothing)\b",
    r"(?:[\w'-]+ ){1,8}?(?:i|we) (?:have no|do not have(?: any)?|can not|could not|lack|am not (?:able|allowed"
    r"|permitted)"
    r" to) (?:access|information|info|knowledge|record|records|details|data|insight|say|see|share|reveal|disclose"
    r"|look up"
    r"|get at|reach|give(?: out)?|tell|verify|check|discuss|provide|help|way|know)\b(?: (?:to|on|of|about|into|with"
    r"|you|here|for|you with)){0,2}$",
)
DENIES = re.compile(rf"(?:{'|'.join(_PATTERNS)})")
"""A clause whose speaker denies knowing, having, being able or being willing."""

WILL_NOT = re.compile(
    rf"i {_MANNER}(?:(?:refuse|decline) to(?! (?:believe|accept|call|consider|think)\b)|(?:do|would) not"
    r"(?= (?:help|assist|condone|encourage|promote|support|facilitate|write|create|share|give out|hand out|participate"
    rf"|engage)\b)|will not|am not (?:going to|gonna)) {_MANNER}"
    r"(?!know|be\b|have|lie\b|pretend|sugar|deny|say no|stop|forget|claim|bore|go|eat|work|happen)[\w'-]+"
)
"""A refusal."""
