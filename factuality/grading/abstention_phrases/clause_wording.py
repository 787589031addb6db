"""Wording of clauses: lead-ins, and phrases that neither decline nor answer."""

from __future__ import annotations

import re

from .wording import SOURCE

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

# What leads up to the words that count.
LEAD = re.compile(
    r"(?:and|so|but|ooh|ngl|tbh|lol|lmao|haha|nah|man|mate|bro|dude|shrugs|sighs?|afraid|regrettably|alternatively"
    r"|then|therefore|thus|hence|well|oh|hm+|um+|uh|ah|ok|okay|look|hey|hello|hi|honestly|frankly|truthfully"
    r"|sadly|unfortunately|regrettably|actually|currently|personally|sorry(?: (?:mate|man|bro|dude|friend|folks|guys"
    r"|buddy|about|for) (?:that|this|it))?|(?:my )?(?:sincere )?apologies|nope|alas"
    r"|good question|(?:i|we) (?:do |sincerely |must )?apologi[sz]e(?: for [\w' ]{1,60}?(?= that)|$)?"
    r"|(?:i am|we are|am) (?:\w+ )?(?:sorry|afraid)(?: to (?:say|report|tell you|inform you))?"
    r"|(?:i|we) regret(?: to (?:say|inform you|tell you))?|(?:to be|being) (?:\w+ )?(?:honest|fair|frank|clear"
    r"|truthful)"
    r"|in (?:fact|truth|short|general|all honesty)|(?:at|for) (?:this|that|the) (?:time|point|moment)|right now"
    r"|at present"
    r"|as far as i (?:know|can tell|am aware)|(?:i|we) (?:\w+ )?(?:have to|must|should|can only|will|am)(?: \w+)? "
    r"(?:say|admit|confess|be honest|acknowledge|conclude)|(?:i|we) (?:would |do |still )?(?:think|guess|believe"
    r"|suspect|feel"
    r"|fear|wish|must say|suppose|would say|say|admit|confess)|(?:it|that) (?:seems|appears|looks like|is possible"
    r"|turns out|is just)|truth is|fact is|(?:(?:my|short|honest|simple|plain|true|best|only|real) ){0,2}(?:answer"
    r"|reply|response) is|(?:i|we) (?:can|could|will) (?:tell you|say)"
    r"|(?:i|we) know(?! (?:nothing|little|very|next))|(?:i|we) (?:heard|read|was (?:told|taught))|that(?! (?:is|would"
    r"|could|might|goes))"
    r"|while|although|though|even (?:if|though)|despite that|additionally|moreover|furthermore|also|in (?:addition"
    r"|summary"
    r"|conclusion)|(?:it is|please) (?:important to )?(?:note|remember)|for example|in other words)(?: that)?(?= |$)"
)

# Clauses that depend on another: a refusal may stand in those of the first kind.
SUBORDINATE = re.compile(
    r"(?:as|because|due|given|since(?! \d)|with|without|based|for (?=.*\b(?:reasons?|advice|help|information|details"
    r"|questions?)\b)|regarding|concerning|to(?! \d)|in order|after (?:\w+ing|careful|all)|while|although|though|even"
    r"|despite|under|out of (?:respect|caution|concern|consideration|fairness|abundance)|in (?:light|view|interests?"
    r"|keeping|accordance)"
    r"|owing|thanks to|absent|barring|until(?! \d)|before (?:that|this|it|any|you|i)|from what|at(?! (?:this|that"
    r"|the) time)|in terms|when it comes|like|such as|it depends|that depends|depends|among)\b"
)
CONDITION = re.compile(
    r"(?:if|when(?!(?! (?:i|my|we|you|your|our)\b) .{1,60}\b(?:was|were|had|stood|became|won)\b)|whenever|unless|once"
    r"|should you)\b"
)
# What stands in front of the words that count without a comma: From the text alone it is impossible to tell.
FRAME = re.compile(
    r"(?:that|this|it|one|which) (?:is|was) (?:[\w'-]+ ){1,6}?(?:that |which )?(?=(?:i|we) )"
    r"|(?:from|based on|given|judging (?:by|from)|going by|with|without|using|in|on|about|for|regarding|as for|by|at"
    r"|within)"
    r" (?:[\w'-]+ ){1,8}?(?=(?:i|we|it is|there is|one can|nobody|no one|you (?:will|would|should|need)|please) )"
)
DATE = re.compile(
    r"as of (?:(?:\w+ ){0,2}?\d{4}|(?:my|our) (?:\w+ ){0,2}?(?:update|cut-?off|training|data|information)(?: (?:in"
    r"|of) (?:\w+ )?\d{4})?) (?=(?!(?:i|we|this|that|there|no|in|of)\b)\w+ )"
)
PREMISE = re.compile(r"(?:(?:your|this|that) )?(?:question|premise|prompt|request|statement|claim)\b")
CHOOSES = re.compile(
    r"i (?:\w+ly )?(?:(?:would|will|can|am|could|might) )?(?:still |\w+ly |going to )?(?:(?:go|going) (?:with|for)"
    r"|bet|wager"
    r"|reckon|lean(?:ing)? (?:towards?|to)|opt for|settle on|put (?:it|my money)|vote|pick|choose|name|nominate"
    r"|estimate) (?!not )[\w'-]+"
)
SHARED = re.compile(
    r"we (?:\w+ly )?(?:do not |still |only )?know (?:of|little|very little|nothing|next to nothing)\b(?! (?:this"
    r"|that|it)$)|we (?:can|could|do|did) not (?:[\w'-]+ ){1,8}?because (?!i\b"
    rf"|you\b)(?!(?:[\w'-]+ ){{0,4}}?{SOURCE}\b)(?=\w+ \w+)"
)
SOURCE_TELLS = re.compile(
    rf"(?:[\w'-]+ )?{SOURCE} (?:\d+ )?(?:\w+ly )?(?:suggests?|impl(?:y|ies)|indicates?|shows?|points?|hints?|says?"
    r"|states?|tells?|puts?|gives?|lists?|places?|reports?|describes?|confirms?|claims?|credits?|names?|estimates?)\b"
)
# Whom the speaker is: As an assistant, I …
ROLE = re.compile(r"as (?!(?:far|long|soon|much|well)\b)(?:[\w'-]+ ){1,6}?(?=(?:i|we) )")

NEITHER = re.compile(
    # The speaker and the one who asked.
    r"(?:for [\w'-]+(?: [\w'-]+){0,3} you (?:would|will|should|could|need|want|might|may|can)\b)|(?:i|me|we(?= (?:can"
    r"|could|will|would|may|might|should|must|do|are|apolog|recommend|suggest|hope|just|only|need|have|am"
    r"|also|want|wish|know|think|believe|regret|appreciate|understand|try|tend|cannot|did|were)\b|$)|my(?! (?:best "
    r"|only |first |closest )?(?:guess|estimate|answer|bet|hunch))|our|you|your|yours)\b"
    r"|(?:would|will) (?:love|like|be (?:happy|glad)) to\b|there is no (?:[\w'-]+ ){0,5}(?:by|with|of) (?:that"
    r"|this) (?:name|title|description)\b"
    r"|whether\b|there are (?:many|dozens|hundreds|thousands|plenty|lots|quite few|great many|two|three|at least|more"
    r" than one|so many|several|multiple|numerous|various)\b"
    r"|(?:please|feel free|google (?:it|that)|let (?:me|us|s)|here (?:is|are)|try|ask|check|consult|see|visit|search"
    r"|contact|look|refer|consider"
    r"|hope|happy|glad|thanks?|thank|which|who|whose|whom|where|or|nor|including|especially|particularly|instead"
    r"|anything"
    r"|remember|regardless|rather than|let's|additionally|perhaps (?:you|someone|i)|maybe (?:you|someone|i|ask|try"
    r"|check)|hello|apologi\w+|much|stay)\b"
    # The question itself, and what the answer hangs on.
    r"|(?:it|that|this|what|these|those|there)(?: [\w'-]+){0,2} (?:is|was|are|sounds|seems|looks"
    r"|be) (?:[\w'-]+ ){0,6}?"
    r"(?:question|topic|subject|matter|area|issue|one|problem|request|field|puzzle|riddle|conversation)\b"
    rf"|(?:(?:this|that|your|such|these|those|many|most) )?(?:question|topic|prompt|request|{SOURCE}|rumou?rs"
    r"|subject)s?\b"
    r"|(?:[\w'-]+ ){1,5}?depends? (?:\w+ )?on (?:your|you|what you|which|who you|where you|how you|individual|many"
    r"|several|lot|number of)\b|not (?:your|qualified|licensed) (?:doctor|lawyer|physician|vet|therapist"
    r"|accountant)\b|(?:[\w'-]+ ){0,6}?(?:helpline|hotline|lifeline)\b|(?:it )?(?:could|might|may|can) be (?:just"
    r" about |almost )?(?:anything|anyone|anybody|any of|either|any number|many|several)\b"
    r"|(?:it|that|this) (?:is|would be|may be|might be) (?:\w+ )?(?:best|important|better|worth|good idea|wise"
    r"|recommended"
    r"|advisable|always best|private|confidential|sensitive|personal|up to you|subjective|illegal|harmful|dangerous"
    r"|unethical|above|beyond|outside|embarrassing|too bad|pity|shame|all i (?:know|have|can)|not my|my)\b"
    r"|(?:it|that|this|answer|much|lot) (?:\w+ )?(?:depends|varies|differs|changes)\b"
    r"|(?:great|good|interesting|fascinating|tough|tricky|hard|nice|fair|excellent|difficult) (?:question|one|topic"
    r"|point)"
    r"|(?:historians|experts|scholars|scientists|people|opinions|views|accounts|sources|records)(?: [\w'-]+){0,2} "
    r"(?:debated?|disagree|differ|vary|argued?|divided|conflict)\b"
    r"|(?:it|that|name|answer) (?:is|has|just) (?:\w+ )?(?:gone|slipped|vanished|left me|fled)\b"
    r"|(?:it|that) (?:has|was|is) (?:been )?(?:(?:too|so|very) long|ages|years|long time|while)\b|(?:sir|madam|friend"
    r"|man|dude|lol|lmao|not (?:for )?(?:me|mine)|haha|either|too"
    r"|though|anymore|(?:but )?not (?:any more|anymore|now|this time)|yet|right now|at all|for sure|for certain|exactly"
    r"|really|tbh|pal|buddy|my friend|dear|mate|bro|tricky|tough|gone|blank|sry|folks|boss|guys|y'all|ma'am"
    r"|unfortunately|sorry|again|as well|me neither|no offen[cs]e|least of all (?:me|us)|so|just|not really)$"
)
NEITHER_INSIDE = re.compile(
    r"\b(?:rings? (?:a )?bell|sounds familiar|tip of my tongue|(?:better )?help you|able to help|can help|may help"
    r"|better (?:suited|placed|source)|(?:reliable|official|trusted|reputable|up-to-date|latest|current|other"
    r"|additional"
    r"|qualified|appropriate) (?:\w+ )?(?:sources?|information|websites?|sites?|pages?|professionals?|channels?"
    r"|experts?|authorit\w+|resources?)|happy to|my (?:knowledge|training|data|understanding|expertise|programming"
    r"|guidelines))\b"
)
# Reasons that come with a refusal; in an answer they are content.
REASONS = re.compile(
    r"\b(?:illegal|harmful|dangerous|unethical|immoral|privacy|private|safety|guidelines?|polic(?:y|ies)|inappropriate"
    r"|not appropriate|ethical|acceptable|discriminat\w+|stereotypes?|dignity"
    r"|offensive|harm|rights|confidential|sensitive|speculat\w+|mislead\w*|rumou?rs?|respect|(?:un)?predictable"
    r"|unknowable"
    r"|uncertain\w*|random|complicated|complex|controversial|subjective|divisive|unreliable|secret|opinions?"
    r"|unverified)\b"
)
QUESTION = re.compile(
    r"(?:is|are|do|does|did|can|could|would|will|what|which|who|how|have|has|may|shall|should|was|were|why|when|where"
    r"|anything|any)\b"
)
GUESSES = re.compile(
    r"^(?:(?!\b(?:who|what|when|where|why|how|which|whether|if|that)\b).)*?"
    r"\b(?:maybe|perhaps|probably|possibly|presumably|most likely|(?:i|id) (?:would )?(?:guess|think|say|believe)"
    r"|my guess)\b"
)
# What goes on behind an insertion.
UNFINISHED = re.compile(
    r"(?:(?:and|but|so|sorry) )?(?:(?:i|we|nobody|no one)(?: (?:can|could|will|would|do|am|must|may|should"
    r"|have))?(?: not)?|(?:this|that|it|answer) (?:is|was|can|could)(?: not)?)"
)
ASKED_FOR = re.compile(r"(?:how|why|when|where|what|who|whom|whose|which|that)\b")
SUBJECT = re.compile(r"(?:i|we|you|he|she|it|they|this|that|there|so|because|since|as|if|and|or)\b")
NO_SUBJECT = re.compile(
    r"(?:can|could|will|would|may|do|did|does|is|are|was|were|have|has|had) not\b|(?:unable|not able)\b"
)
HAS_SUBJECT = re.compile(
    r"(?:he|she|they|it|you|(?!(?:i|we|sorry|have|has|had|do|did|can|could|not|no|never|just|still|would"
    r"|will)\b)[\w'-]+ (?!i\b)[\w'-]+ [\w'-]+)\b"
)
# What may stand behind the words that count.
FILLERS = re.compile(
    r"(?: (?:lol|lmao|haha|tbh|sorry|sry|man|bro|dude|mate|pal|honestly|though|unfortunately|i am afraid|please"
    r"|thanks))+$"
)
