"""Grammar of what leaves a question open: silent sources, and things that nobody knows."""

from __future__ import annotations

import re

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

_TEXTS = (
    r"(?:passage|text|context|document|doc|article|prompt|source|story|excerpt|paragraph|snippet|transcript|material"
    r"|report|input|table|chart|page|description|conversation|chat|thread|file|email|message|letter|review|figure"
    r"|graph|novel|book"
    r"|chapter|poem|author|narrator|writer|speaker|abstract|paper|tape|interview|recipe|leaflet|brochure|manual|filing"
    r"|scan|photo|picture|image|screenshot|recording|video|clip|footage|broadcast|film|terms|audio|log|map|diagram"
    r"|caption|footnote|notes?|minutes"
    r"|record|contract|agreement|lease|invoice|receipt|spreadsheet|dataset|summary|slides?|slide deck"
    r"|deck|memo|press release|release|listing|advert|ad|post|tweet|blog|essay|play|script|scene|fragment|extract"
    r"|section|clause|statement|account|biography|obituary|label|menu|schedule|programme|program|itinerary|agenda"
    r"|question|query|problem|puzzle|exercise|details|information|review|column|row|list|timeline|bio|profile|quote"
    r"|page|resume|cv|form|attachment|website|site|wording|lines?|pages?|part|version|portion|bit)s?"
)
_SOURCE = (
    rf"(?:(?:[\w'-]+ ){{0,4}}?{_TEXTS}(?: (?:\d+|[a-z]|i|you|we|itself|(?:you|i|we) \w+|i was \w+|you have \w+|i have"
    r"|(?:in|of|from|on|by) (?:[\w'-]+ ){1,3}?[\w'-]+|i know of|you know of|provided|given|attached|shared|above|here"
    r"|supplied|available|at hand|in front of me|i can see|to hand)){0,2}?)"
)
# How a text tells something: verbs, and their participles.
_TELL = (
    r"(?:mention|say|tell|state|specify|give|cover|discuss|include|name|list|address|report|provide|reveal|contain"
    r"|describe|explain|indicate|identify|go into|touch|show|offer|clarify|elaborate|note|record|disclose|detail"
    r"|quantify|spell|make (?:it )?clear|refer|speak|get into|break down|answer|settle|allow|permit|let|help|have"
    r"|make (?:any )?(?:mention|reference)|appear to|seem to|actually|ever|directly|explicitly|extend|reach|go (?:that"
    r"|back|far|beyond|as far)|deal|talk|comment)"
)
_TELLS = (
    r"(?:mentions?|says?|tells?|states?|specifies|gives?|covers?|discuss(?:es)?|includes?|names?|lists?|address(?:es)?"
    r"|reports?|provides?|reveals?|contains?|describes?|explains?|indicates?|identif(?:y|ies)|shows?|offers?|clarif(?:y"
    r"|ies)|notes?|records?|discloses?|details?|goes?|go|makes?|has|have|holds?|speaks?|refers?|touch(?:es)?|talks?"
    r"|answers?)"
)
_TOLD = (
    r"(?:mentioned|given|stated|specified|reported|discussed|described|listed|covered|included|visible|legible|readable"
    r"|available|provided|shown|indicated|addressed|explained|spelled out|spelt out|made clear|revealed|disclosed"
    r"|detailed|quantified|clarified|noted|supplied|labell?ed|marked|printed|stipulated|broken down|named"
    r"|told|attached|identified(?= (?:in|by|here))|recorded(?= (?:in|here|anywhere))|said(?=$| (?:in|anywhere|outright"
    r"|explicitly|here))|present(?=$| in)|anywhere(?= (?:in|on))|answered|answerable|there$|written down"
    r"|touched (?:on|upon)|referenced|referred to|public)"
)
_AND_SO_ON = (
    rf"(?= (?:(?:in|on|within|by|for) (?:[\w'-]+ ){{0,6}}?(?:{_TEXTS}|it|this|that|them|here|there|any|what|my|your"
    r"|our)"
    r"|in (?:[\w'-]+ ){1,4}?(?:you|i|we) \w+|here|anywhere|to (?:me|us)|either|outright|explicitly|directly|or|and|so"
    r"|at all|at any point)\b|$)"
)
_NOT = r"(?:not|never|nowhere|neither)"
_LATE = (
    r"(?:\w+ly |yet |even |ever |anywhere |actually |been |to be |so much as |once |given |made |at all |being ){0,3}"
)
_KNOW = (
    r"(?:know|knows|knew|known|tell|tells|say|says|said|count|counts|counted|record|records|recorded|wrote|written"
    r"|write"
    r"|kept|keep|keeps|measure|measured|find out|found out|figured|figure|explain|noted|note|answer|agree|be sure|sure"
    r"|certain|be certain|remembers?|predict|work(?:ed)? out|settled|settle|thought to|bothered to|took|managed to"
    r"|able to"
    r"|read it|decipher(?:ed)? it|identify|identified|establish(?:ed)?|determine|come back|asked|documented|tracks?"
    r"|has answer|alive (?:today )?(?:can|could|knows))"
)

_PATTERNS = (
    # X is not mentioned; X was never given; no X is listed; X isn't visible in the photo.
    r"(?!i |we |you |there |none |nothing |nobody |no one |what |who |how )(?:(?:that|this|which) )?(?:(?!(?:that"
    rf"|says?|states?|said|because|until|if)\b)[\w'-]+ ){{0,10}}?(?:is|are|was|were|has been|have been|been|gets?"
    rf"|goes|go|seems?|appears?) {_LATE}{_NOT} {_LATE}{_TOLD}{_AND_SO_ON}",
    rf"not {_LATE}{_TOLD}{_AND_SO_ON}",
    rf"no (?!comment\b)(?:[\w'-]+ ){{1,6}}?(?:is|are|was|were|has been|have been|seems?|appears?) {_LATE}(?:to (?:be"
    rf"|have been) )?{_TOLD}{_AND_SO_ON}",
    r"no (?:[\w'-]+ ){1,4}?(?:seems? to have|appears? to have|has|have|was|were|is) (?:been )?(?:come|came"
    r"|attached|uploaded|included|loaded|arrived|made it|sent|come)\b",
    r"(?!i |you |he |she |they |if |let )(?:(?!(?:that|says?|because|until|if)\b)[\w'-]+ ){1,8}?(?:remains?|is|are"
    r"|was|were|stays?|goes|go) (?:\w+ly |left ){0,2}(?:unnamed|unsigned|unstated|unspecified|undisclosed|unreported"
    r"|unmentioned|undescribed|unlisted|left out|omitted|unclear from|unsaid|unreadable|illegible|cut off|missing"
    r" (?=from)|truncated"
    r"|cropped out|blurred|blacked out|redacted|torn|blank|unaddressed|inaudible|unintelligible|obscured|smudged"
    r"|faded|glossed over|skipped over|unexplained)"
    r"(?: (?:entirely|completely|altogether|here|throughout|by \w+|too))?(?= (?:in|from|of|by|on|at) |$)",
    # The text does not say; it never mentions; nothing in it tells; it only covers.
    rf"{_SOURCE} (?:\w+ly |just |simply )?(?:(?:do|does|did|can|could|will) {_NOT}|never|nowhere) (?:\w+ly |even "
    rf"|ever |actually |once |so much as ){{0,2}}(?:{_TELL}|{_TELLS})\b(?! so\b)",
    rf"{_SOURCE} (?:\w+ly )?{_TELLS} (?:us |me |you )?(?:\w+ly )?(?:no|nothing|neither|little|not)\b(?! (?:one"
    r"|evidence|difference|more|less))",
    rf"(?:{_SOURCE}|it) (?:\w+ly )?(?:(?:only|just|merely|solely) (?:[\w'-]+ )?(?:{_TELLS}|quotes?|goes|deals?"
    rf"|summari[sz]es|speaks?|runs?)|{_TELLS} (?:only|just|merely|solely))\b",
    rf"{_SOURCE} (?:\w+ly )?(?:(?:ends?|stops?)(?= (?:before|there|without|just|right|abruptly|mid|at|here|short)\b"
    r"|$)|(?:has|have) (?:gaps?|holes?|blanks?)|breaks? off|cuts? (?:off|out)|is cut off|was cut off|trails off"
    r"|finishes|leaves?"
    r" (?:off|out|open|that|it|this|us)|omits?|skips?|starts? (?:after|later|with)|begins? (?:after|in))\b",
    rf"(?!i |you |he |she |they )(?:[\w'-]+ ){{1,6}}?(?:never|(?:do|does|did) not|nowhere) (?:\w+ly |even |ever"
    r" )?(?:come(?:s)? up|appears?|feature(?:s)?|figure(?:s)?|get(?:s)? (?:mentioned|named)|(?:make|made) it into"
    rf"|turn(?:s)? up|show(?:s)? up) ?(?:in|anywhere in|on)? (?:[\w'-]+ ){{0,3}}?{_TEXTS}\b",
    r"(?:gives?|provides?|offers?|mentions?|states?|says|lists?|reports?|shows?) (?:no|nothing|neither)\b",
    r"(?:(?:our|my|this|your|whole|entire|[\w'-]+) ){0,2}(?:system|records?|database|catalogue|catalog|files?"
    r"|sources?|notes|knowledge base|index|archives?|registers?|logs?|library|search|list|listings?) (?:[\w'-]+"
    r" ){0,2}?(?:has|have|holds?|shows?|contains?|lists?|carries|carry|includes?|turned up|brings up|returns?"
    r"|keeps?) (?:no|nothing)\b",
    rf"{_SOURCE} (?:is|are|was|were|seems?|appears?|remains?) (?:\w+ly |too |just |to be |rather |quite"
    rf" ){{0,2}}(?:silent|missing|cut|truncated|incomplete|blurry|blurred|illegible|inaudible|unintelligible|obscured"
    r"|smudged|faded"
    r"|unreadable|blank|empty|vague|ambiguous|unclear|redacted|torn|cropped|dark|grainy|small|inconclusive"
    r"|insufficient|limited"
    r"|about (?:something|other)|mum|unavailable|inaccessible|garbled|corrupted|damaged|not (?:\w+ )?(?:enough|clear"
    r"|legible|readable|sufficient|attached|there|loading|included|specific|mine))\b",
    r"(?:it|this|that|which|he|she|they) (?:\w+ly |just |simply |actually )?(?:(?:do|does|did) not|never) (?:\w+ly "
    r"|even |ever |actually |once ){0,2}(?:mention|say|says|mentions|state|specify"
    r"|specifies|states|discuss|discusses|cover|covers|address|addresses|give|gives|go into|go that|name|list"
    r"|indicate|reveal|identify|describe"
    r"|get into|touch|include|elaborate|clarify|contain|tell (?:us|me|you)|make clear|provide|explain|disclose)\b(?!"
    r" (?:us |you |me )?(?:anything|much|any|everything)\b)(?! (?:up|in|way|birth|any credit|much)\b)(?! (?:so|it)"
    r" (?:outright|explicitly|directly))",
    r"(?:nothing|none|neither|nowhere|not one|no (?:part|passage|section|sentence|line|mention|reference|indication"
    r"|hint|sign|detail|trace|clue|word)s?)"
    rf"(?: (?:of|in|on|from|among) (?:[\w'-]+ ){{0,6}}?(?:{_TEXTS}|it|them|these|those|this|that|what|here|front of"
    r" me|shared|gave|provided)(?: (?:you|i) \w+)?)?? (?:(?:can|could|would|is|was|does|do|did|has) (?:be"
    rf" )?)?(?:{_TELL}|{_TELLS}|{_TOLD}|said|made|support|bears?)\b(?! (?:to|if|like)\b)",
    r"(?:there (?:is|are|was|were) |i (?:see|find|found|saw) (?!no (?:evidence|sign|reason|problem|damage|point"
    rf"|trace|harm|fault|issue))|(?:it|{_SOURCE}) (?:has|have|contains?|holds?) )(?:simply |just |really |absolutely "
    r"|actually )?(?:no|nothing|not (?:anything|any)|little)"
    rf" (?:[\w'-]+ ){{0,8}}?(?:in|on|from|within|among|anywhere in) (?:{_SOURCE}|it|them|this|that|here|any of \w+"
    rf"|our [\w'-]+|what (?:you|i|we|is|was)\b[\w' -]{{1,40}}|front of me|there)(?: (?:that|which|about|to)"
    rf" .{{1,80}})?$",
    r"(?:there (?:is|are|was) )?no (?:mention|reference|indication|discussion|description|explanation|hint|clue|sign"
    r"|word|details?|information|info|data|figures?|statements?|listing|entry)"
    r"(?: (?:of|to|about|on|as to|regarding|for|that|whether|who|what|when|where|why|how|which)\b.{0,80})?$",
    r"(?:only|just) (?:[\w'-]+ ){1,8}?(?:is|are|was|were) (?:\w+ly )?(?:given|listed|mentioned|covered|shown"
    r"|provided|included|reported|stated|visible|described|available|named|quoted)\b",
    r"(?:[\w'-]+ ){0,5}?(?:pages?|lines?|rows?|columns?|parts?|sections?|half|bit|paragraphs?|chapters?|minutes?"
    r"|image|photo|attachment|picture|file|text|link) (?:of [\w' -]{1,40} )?(?:is|are|was|were|seems? to be"
    r"|appears? to be"
    r"|got|seems?|appears?) (?:\w+ly )?(?:missing|cut off|torn|illegible|blank|unreadable|not (?:there|included"
    r"|shown|attached|visible|working|loading)|too (?:blurry|dark|small|faint|faded|grainy|low)|broken|empty|cropped"
    r"|redacted)\b",
    r"(?:no|not one|none of) (?:[\w'-]+ ){0,3}?(?:has|have|had) (?:ever |yet |\w+ly ){0,2}(?:managed|been able"
    r"|succeeded|worked|found|established|figured|determined|solved|deciphered)\b(?: (?:to|in) [\w' -]{2,40})?",
    rf"{_SOURCE} (?:is|are|was|were) (?:far |much )?too [\w'-]+ (?:for me )?to (?:read|make out|see|tell|say"
    r"|identify|recogni[sz]e|decipher|count)\b",
    rf"{_SOURCE} (?:\w+ly )?[\w'-]+(?: [\w'-]+){{0,5}} (?:only$|without (?:saying|stating|giving|mentioning"
    r"|specifying|naming|telling|explaining)\b)",
    r"there (?:is|are|was|were) (?:nothing|not anything|no (?:information|info|mention|data|details?|word)) (?:about"
    r"|on|regarding|concerning|of) (?:[\w'-]+ ){1,5}?in\b",
    r"(?:[\w'-]+ ){1,5}?(?:is|are|was|were) not (?:in|on|among) (?:it|them|there|here)$|not by name$|without"
    r" (?:saying|giving|naming|stating|specifying|mentioning) (?!word\b)",
    r"(?:that|this|it) is (?:\w+ly )?(?:(?:trade|company|closely guarded|state|family|well-kept) )?(?:secret"
    r"|classified|confidential|proprietary)$",
    r"(?:we|you|i)(?: will| shall| would)? (?:just )?(?:have|need) to wait\b|(?:just )?wait and see$",
    r"(?:it|that|this|[\w'-]+) (?:is|was) not recorded (?:anywhere|how|whether)\b",
    rf"{_SOURCE} (?:\w+ly )?(?:keeps? (?:that|this|it|[\w'-]+) (?:from|to)|withholds?|hides?|runs? out|goes"
    r" (?:silent|dark|blank)|(?:lets?|leaves?|keeps?) (?:us|me|you|readers?) (?:to )?(?:wonder|guess))\b",
    r"(?:there is |that has |it has )?no (?:objective|right|single|definitive|one|clear|correct|simple|universal"
    r"|agreed) answer(?: to (?:that|this|it)| here)?$",
    r"no [\w'-]+(?: [\w'-]+)? (?:given|provided|listed|stated|mentioned|specified|shown|visible|included|attached)$",
    r"(?:[\w'-]+ ){1,6}?(?:was|is|were|are|has been|have been) (?:\w+ly )?(?:kept (?:\w+ly )?(?:private|secret"
    r"|confidential|quiet|under wraps)|withheld|never (?:made public|published|released|disclosed|revealed))\b",
    r"(?!i |you |he |she |they |we )(?:[\w'-]+ ){1,5}?(?:is|are|was|were) not there(?: either)?$|not that i can"
    r" (?:find|see|tell|make out)\b",
    r"(?:there )?(?:is|are) (?:no|not(?: any)?) (?:[\w'-]+ )?(?:way|ways|means|method) (?:to|of) (?:find(?:ing)? out"
    r"|know|tell|say|check|determin|verif|establish|measur|answer)\w*\b",
    r"(?:there are )?(?:\w+ )?too many (?:[\w'-]+ ){1,3}?to (?:say|tell|give|list|know|predict|name|answer|judge)\b",
    r"nothing (?:was|has been|is|were) (?:ever )?(?:put on paper|written|recorded|kept|saved|documented|noted"
    r"|preserved|said about)\b",
    r"(?:[\w'-]+ ){0,3}?(?:only|just) (?:[\w'-]+ ){1,5}?(?:in|on) (?:[\w'-]+ ){1,3}?(?:you|i|we) (?:sent|gave|shared"
    r"|pasted|have|uploaded|attached|got|see)\b",
    r"(?:it|he|she|they) (?:says?|gives?|mentions?|tells us) (?:only |just )?(?:no|nothing|neither)\b(?! (?:to do"
    r"|wrong|one|evidence|reason))",
    r"(?!i |you |he |she |they )(?:[\w'-]+ ){1,4}(?:is|are|was|were) not part of (?:it|this|that|what (?:i|you|we)"
    r"|them)$",
    r"nowhere (?:in|on|within|among)\b|(?:none|nothing) (?:about|on|regarding|to say)\b(?:.{0,60})$|nothing"
    r" (?:matches|fits|came up|comes up|turned up|turns up|shows up|showed up|useful|relevant)\b",
    r"(?:given |pasted |attached |your )?(?:data|table|results?|sheet|spreadsheet|sample|study) (?:you (?:\w+ )?\w+ "
    r"|provided |given |above |here ){1,2}(?:has|have|contains?|shows?|lists?|includes?|gives?) (?:no|nothing|only)\b",
    r"(?:historians|scholars|experts|we|one|i|archaeologists|anyone|linguists) (?:now )?(?:have|has) no (?:\w+"
    r" )?(?:way|means)\b",
    r"(?:[\w'-]+ ){0,6}?(?:with|have|has|having) no (?:\w+ )?answers?$|time (?:will|alone will|alone can) tell\b",
    r"(?:nobody|no one|no-one) (?:alive |living |here )?(?:has|have|had|can|could|will) (?:ever )?(?:(?:the"
    r" )?(?:slightest|faintest|foggiest|least)|any idea|clue|see (?:into )?future|(?:predict|foresee|tell) (?:that"
    r"|this|it|future|such)|read minds)\b",
    r"(?:that|this|it) is (?:\w+ )?(?:something|thing|question|one) (?:that )?(?:nobody|no one|no human|neither"
    r"|none)\b",
    r"(?:predicting|forecasting|guessing|knowing|telling)(?: [\w'-]+){1,4} (?:is|would be) (?:\w+ )?(?:impossible"
    r"|fool's errand|not possible|beyond)\b",
    r"(?:[\w'-]+ ){0,3}?(?:statistics|figures|records?|data|numbers|counts?|such [\w'-]+|measurements?|notes) (?:was"
    r"|were|are|is) (?:never|not) (?:\w+ly )?(?:collected|kept|recorded|compiled|counted|measured|documented"
    r"|gathered|tracked|taken|published)\b(?! in advance)",
    r"(?:[\w'-]+ ){1,5}?(?:is|are|was|were) not (?:\w+ )?(?:designed|meant|intended|set up|able) to (?:answer|tell"
    r"|say|test|show|measure)\b",
    r"(?:(?:there|it|that) is )?(?:\w+ly |just )?(?:far |much )?too (?:little|few|sparse|thin)\b(?: [\w'-]+){0,8}?"
    r" to (?:say|tell|know|answer|judge|go on|conclude|determine|work out)\b",
    rf"(?:not|nowhere) in (?!this chat|our chat)(?:[\w'-]+ ){{0,3}}?{_TEXTS}$",
    r"(?:no|zero|0) (?:relevant |matching |such |suitable |supporting |useful )?(?:passages?|documents?|results?"
    r"|matches|hits|sources?|records?|entries|articles?|files?|information) (?:\w+ )?(?:retrieved|returned|found"
    r"|located|matched|available|provided)$",
    r"(?:[\w'-]+ ){1,6}?(?:is|are) not in any\b|(?:he|she|they) (?:took|carried) (?:that|it|this|[\w'-]+ secret"
    r"|secret)(?: \w+)* to (?:his|her|their) grave",
    r"(?:that|this|it|beauty|answer) (?:is|comes down to|boils down to) (?:\w+ly |just )?(?:(?:question"
    r"|matter) of (?:[\w'-]+ ){0,2}?(?:belief|faith|taste|opinion|preference|judg\w+|perspective|conscience)|(?:so "
    r"|very |highly |entirely |purely )?subjective)$",
    # Nobody knows, counted or wrote it down; it is lost to history, out of reach, unknowable.
    r"(?:nobody|no one|no-one|none of us|no human|no source|no historian|no record|not soul|no living \w+|no"
    r" person)(?: (?:who|who is|in|on|of|alive|at|here|really|actually|ever|truly|quite|knows|today|living|has|have"
    r"|had|can|could|will|would|was|is|did|seems|seem|to|be|been|even|yet|bothered|managed|thought|exactly|around"
    rf"|able|\w+ly)){{0,8}} ?{_KNOW}"
    r"(?: (?:you|me|us|that|this|it|them|down|it down|him|her|for sure|for certain|with (?:any )?certainty|exactly"
    r"|really|yet|either|today|now|anymore|back then|at the time|at time|count|track|in advance|its name|his name|her"
    r" name)){0,4}"
    r"(?: (?:what|who|when|where|why|how|which|whether)(?: (?:will|would|might|market|price|future|weather)(?:"
    r" [\w'-]+){0,6}| (?:it|he|she|that|they|this) (?:is|was|were|are|meant|happened|did|said))?)?$",
    r"(?:that |this )?(?:(?!(?:that|which|who|because|why)\b)[\w'-]+ ){0,7}?(?:is|are|was|were|has been|have been"
    r"|remains?|lies?"
    r"|seems?) (?:\w+ly |now |simply |forever |long |since |probably |likely |of course |far |well |just"
    r" ){0,3}(?:lost (?:to (?:history|time|us|posterity|memory)|forever)|unknowable"
    r"|out of (?:[\w']+ )?reach|beyond (?:reach|recovery|knowing|anyone|us|what anyone|human (?:knowledge|knowing))"
    r"|any(?:one|body)(?:'s)? s? ?guess|anyone's guess|unanswerable|impossible to (?:know|say|tell|determine|answer"
    r"|pin down|establish|verify|reconstruct|calculate|predict|give|put)"
    r"|not (?:knowable|answerable|recoverable|something (?:anyone|anybody|one) (?:can|could))|not possible to"
    r" (?!say so)(?:know|say|tell|determine|answer|give|work))(?! (?:who|what|when|where|why|how|which"
    r"|whether)\b.{0,60}\bbecause\b)",
    r"(?:[\w'-]+ ){0,4}?(?:can|could|will|may|might) (?:\w+ly )?(?:not|never) (?:\w+ly |ever )?be (?:\w+ly"
    r" )?(?:known|worked out|answered|told|said about|gleaned|traced|attributed|pinned down|reconstructed|given"
    r"|ascertained)(?= (?:from|with|without|for|about|based|here|now|today|at|on|unless|until)\b|$)",
    rf"(?!i |you |he |she |they )(?:[\w'-]+ ){{1,7}}?(?:is|are|was|were) not (?:\w+ly )?(?:in|on|among|part of"
    rf"|anywhere in) (?:[\w'-]+ ){{0,3}}?{_TEXTS}\b",
    r"(?:one|you|we|nobody|anyone) (?:can|could) not (?:really |possibly |\w+ly )?(?:give|say|tell|name|calculate"
    r"|compute|answer|determine|work out|judge|infer|know)(?: (?:its|his|her|their|from|who|what|when|where|which"
    r"|whether|without|for sure)\b|$)",
    r"(?:nobody|no one|no-one|none of them) (?:did|has|does|ever did|ever has|ever will|will)$",
    r"nothing (?:can|could|may) be (?:said|known|told|answered)\b",
    r"(?!he |she |they |i |we |you )(?:so |hence |thus |which means )?(?:[\w'-]+ ){0,4}?(?:is|are) not (?:\w+ly"
    r" )?(?:available|knowable|answerable)$",
    r"(?:our|human|modern|current|present) (?:[\w'-]+ )?(?:knowledge|understanding|evidence|records?|sources?) (?:of"
    r" [\w'-]+ )?(?:is|are) (?:far |much )?too\b",
    r"(?:forecasts?|predictions?|records?|data|figures?|statistics|sources?|evidence|archives?)(?: [\w'-]+){0,6}"
    r" (?:do|does|did) not (?:\w+ )?(?:reach|go|extend|exist|cover|survive|permit|allow|tell|say|stretch)\b",
    r"(?:it|that|this|(?:its|his|her|their|whose) [\w'-]+) (?:is|are|was|were) (?:never|not) (?:\w+ly |even "
    r"|actually ){0,2}(?:mentioned|given|stated|specified|named|explained|revealed|said|described|told|disclosed)(?:"
    r" (?:anywhere|outright|at any point|either|though|at all)\b.{0,60})?$",
    # Only others can know; it depends on what was not told.
    r"(?:only|just) (?:you|your [\w'-]+|he|she|they|time|god|[\w'-]+ (?:himself|herself|itself|themselves)) (?:\w+"
    r" )?(?:can|could|will|would|knows?|know)\b",
)
LEAVES_OPEN = re.compile(rf"(?:{'|'.join(_PATTERNS)})")
"""A clause that says that the source is silent, or that a thing is not to be known."""

FOLLOWS_OPEN = re.compile(
    r"(?:(?:there is|it is|i) )?(?:[\w'-]+ ){0,7}?(?:can|could) (?:\w+ly )?not be (?:\w+ly )?[\w'-]+(?:ed|en|wn|ld|nd"
    r"|out|id)\b"
    r"|(?:[\w'-]+ ){1,7}?(?:is|are|remains?|stays?) (?:\w+ly )?(?:unknown|unclear|lost|open|missing|unavailable|not"
    r" available|mystery|uncertain|gone|undetermined|anonymous|unnamed|unidentified|unspecified|unanswered|secret)$"
    r"|(?:there is )?no (?:way|telling|knowing|answer)\b"
)
"""What a conclusion (``so …``) leaves open."""
