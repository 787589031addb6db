"""Wording of deferred answers: unknown things, and answers left to others."""

from __future__ import annotations

import re

from .wording import SOURCE, SPEAKER

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

_MODALS = r"(?:(?:can|could|will|would|may|might|shall|should|do|does|did) )"
_TELL = r"(?:tell|say|know|answer|decide|judge|determine|find out|work out|be (?:sure|certain)|conclude|infer)"
_TOLD = (
    r"(?:available|given|provided|found|mentioned|stated|specified|disclosed|shared|answered|answerable|known|listed"
    r"|retrieved|returned|included|recorded|published|accessible|public|supplied|determined|identified|released"
    r"|obtainable|possible)"
)
_UNTOLD = (
    r"(?:unavailable|unknown|undisclosed|unanswerable|unspecified|undetermined|indeterminate|unclear|inaccessible"
    r"|unanswered|unidentified|unstated|withheld|redacted|missing|classified|confidential|restricted|private|omitted)"
)
_NOUNS = (
    r"(?:information|info|data|details?|answers?|results?|records?|sources?|documents?|specifics|facts|matches|hits"
    r"|evidence|context|response|questions?|query|request|entry|entries)"
)
_RULES = (
    r"(?:polic(?:y|ies)|guidelines?|rules|principles|programming|values|standards|terms(?: of (?:use|service))?"
    r"|instructions|restrictions|ethics|purpose)"
)
_TIME_LIMIT = r"(?:knowledge|training|data|information|updates?|records|database|memory|cut-?off)"
_LOOKING = (
    r"(?:search(?:es)?|quer(?:y|ies)|look-?up|database|records?|sources?|notes|knowledge base|index|memory|tools?)"
)
_NOT_FIT = (
    r"(?:unsafe|irresponsible|inappropriate|unethical|wrong|unwise|improper|dishonest|premature|misleading|speculative"
    r"|speculation|guesswork|unfair|reckless|(?:against|outside|beyond) \w+)"
)

# What a speaker who cannot or will not answer does not do, beyond the verbs of `abstention_wording`.
_ACTS = (
    r"(?:weigh in|express|voice|opine|locate|recommend(?!.{0,60}\benough\b| \w+ing\b)|prescribe|diagnose|pinpoint"
    r"|endorse|elaborate"
    r"|expand on|take (?:position|stance|stand|sides?|part)|estimate|forecast|foresee|disclose|reveal|divulge"
    r"|retrieve|obtain"
    r"|supply|explain|describe|list|conjecture|hazard|venture|settle|decipher|interpret|solve|compute|calculate"
    r"|process|parse"
    r"|load|fetch|complete|trace|touch|pick|rank|rate|evaluate|assess|conclude|infer|deduce|weigh|go (?:there"
    r"|on record)|disclose|instruct|teach|guide|walk you|direct|point you|facilitate|enable|be (?:drawn|part))"
)
_DOING = (
    r"(?:taking|giving|sharing|expressing|offering|commenting|discussing|answering|speculating|guessing|voicing|making"
    r"|choosing|picking|getting into|engaging|talking about|providing|weighing in|endorsing)"
)

_PATTERNS = (
    rf"(?:{SPEAKER} (?:\w+ly ){{0,2}})?(?:(?:can|could|will|would|may|must|should|shall) (?:\w+ly )?not|(?:am|are"
    r"|was|were|feel"
    r"|is) (?:\w+ly )?not (?:\w+ )?(?:able|going|willing|allowed|permitted|qualified|comfortable|prepared|ready"
    r"|trained|equipped"
    r"|supposed|inclined|keen|about)(?: enough)?(?: to)?|(?:unable|unwilling|not able|failed) to) (?:\w+ly |even "
    r"|be able to ){0,2}"
    rf"(?:{_ACTS}|{_DOING})\b",
    rf"{SPEAKER} (?:\w+ ){{0,3}}?(?:avoid|refrain from|steer clear of|stay away from|shy away from|abstain from"
    r"|stay clear of) "
    rf"(?:{_DOING}|(?:\w+ ){{0,2}}?(?:politics|debates?|topics?|questions?|controvers\w+|speculation|opinions?))\b",
    r"(?:[\w'-]+ ){0,5}?(?:slip(?:s|ped)|has left|went out of|gone from) my (?:mind|memory)\b",
    rf"{SPEAKER} would (?:first )?(?:have|need) to (?:see|read|know|examine|review|hear|consult|inspect|study)\b",
    r"(?:god|heaven|lord|goodness|who) (?:only |alone )?knows$",
    # The source never speaks of it.
    r"(?:[\w'-]+ ){0,3}?(?:facts?|clues?|details?|premises?|statements?|evidence|information|data|context"
    r"|figures?) (?:\w+ )?"
    r"(?:is|are) (?:not (?:\w+ )?(?:sufficient|enough|adequate|conclusive)|insufficient|inadequate|too (?:vague"
    r"|little|limited|sparse|scarce|scant)|inconclusive)(?: (?:to|for|here)\b|$)",
    r"(?:it|that) is (?:\w+ly )?(?:unclear|not clear|ambiguous"
    r"|not obvious) (?:to me )?(?:from [\w' ]{1,40} )?(?:which|what|who|whom"
    r"|where|when|if|whether) (?:[\w'-]+ ){0,8}?(?:you|your|question|prompt|passage|text|request)\b",
    r"(?:it|that|this|answer) is (?:\w+ly )?not (?:\w+ly )?(?:known|disclosed|recorded|documented|knowable|available)$",
    # Nothing is there to be told.
    r"(?:(?:this|that|these|those|such|your|any|no|relevant|further|specific|requested|exact|requested|required"
    rf"|reliable|public|official|user's) ){{0,4}}{_NOUNS}"
    r"(?: (?:of|about|on|for|regarding|like|as) (?:(?:this|that|such|him|her|it|them|kind|sort|type|person|event|topic"
    r"|subject|question|matter|individual) ?){1,3})?"
    r" (?:(?:is|are|was|were|has been|have been|can|could) )?(?:\w+ly |yet |to be |be |currently ){0,2}"
    rf"(?:not (?:be )?(?:\w+ly |yet |made ){{0,2}}{_TOLD}|{_UNTOLD})"
    r"(?= (?:to|in|here|at|for|by|from|within|online)\b|$)",
    rf"(?:there (?:is|are|was|were) )?no (?:[\w'-]+ ){{0,3}}?{_NOUNS} (?:(?:is|are|was|were|has been|have been|can be"
    rf"|could be) )?(?:currently |publicly |readily )?{_TOLD}(?= (?:to|in|here|at|for|by|from|within|online|on"
    r"|about)\b|$)",
    rf"(?:(?:my|our|this|that|all|any|every|quick|web|online|internet|database) ){{0,3}}{_LOOKING}"
    r"(?: (?:i|we) (?:ran|made|did|have|checked))? (?:has |have |had )?"
    r"(?:(?:returned|found|yielded|turned up|turns up|produced|gave|shows?|showed|returns?|finds?|yields?|gives?"
    r"|holds?|held|contains?|came (?:up|back)(?: with)?|comes (?:up|back)(?: with)?) (?:no|nothing|empty|zero|nil)"
    r"|(?:do|does|did) not (?:return|find|yield|turn up|produce|show|give|hold|bring up|contain|cover|help))",
    r"nothing (?:[\w'-]+ ){0,6}?(?:(?:covers?|mentions?|addresses|answers?|says|tells|helps|explains) (?:this"
    r"|that|it|me|about|who|what|when|where|why|how|which)|(?:came|comes) up)",
    r"(?:it|that|this|answer) (?:has|have) not (?:yet )?been (?:\w+ly )?(?:determined|established|settled"
    r"|ascertained)$",
    # Nobody can tell from what is given, or in any case.
    r"(?:from|based on|given|judging (?:by|from)|going by|on basis of|according to|with|using|in) (?:[\w'-]+ ){0,3}?"
    rf"{SOURCE}(?: [\w'-]+){{0,3}}? (?:one|you|we|i|nobody|no one|it|that|this|answer) (?:(?:can|could) not|can never"
    r"|can|could|is not|are not)(?: possible| able)?(?: to)?(?: (?:really|be|even|reliably)){0,2} "
    rf"(?:{_TELL}|{_TOLD}|inferred)",
    rf"neither (?:[\w'-]+ ){{0,4}}?{SOURCE} nor (?:[\w'-]+ ){{0,4}}?(?:\w+s|allow|let|help|give|say|tell|contain)\b",
    rf"only (?:[\w'-]+ ){{1,10}}?{_MODALS}?(?:\w+ly )?(?:tell|knows?|say|answer|decide|judge|determine)"
    r"(?: (?:you|me|us|that|this|it|for sure|for certain|with certainty|who|what|when|where|why|how|which|whether"
    r"|if)\b|$)",
    r"(?:(?:i|we|nobody|no one)|(?:you|they|one|world|humanity|people) (?=(?:may|might|will|shall|could|can|would) ))"
    r" ?(?:(?:may|might|will|shall|could|can|would) )?(?:probably |possibly |likely "
    r"|perhaps )?never (?:really )?(?:know|find out|learn|be (?:sure|certain|able to know))\b",
    # The speaker is at the end of what he knows.
    rf"{SPEAKER} (?:\w+ ){{0,3}}?(?:plead|claim|admit|confess|profess) (?:\w+ )?(?:ignorance|defeat)",
    rf"{SPEAKER} (?:am|are|have|had|is|was)? ?(?:\w+ ){{0,2}}?(?:(?:trouble|difficulty|problems|hard time"
    r"|struggling|failing)"
    r" (?:in |with |to )?(?:understand|follow|pars|see|mak|find|recall|remember|think|identify|access|open|answer"
    r"|figur|locat|plac)\w*)",
    rf"(?:{SPEAKER} )?(?:never|hardly|barely|no longer) (?:really |actually |ever )?(?:knew|know|learn(?:ed|t)"
    r"|found out|understood|studied|heard of|looked into|remember|recall)\b",
    rf"if {SPEAKER} (?:ever |once |only )(?:knew|heard|learned|learnt)",
    rf"{SPEAKER} (?:used to|once|should|ought to) kn(?:ow|ew) (?:this|that|it|answer)",
    rf"(?:{SPEAKER} )?(?:do |really |only )?wish (?:that )?{SPEAKER} (?:knew|could (?:tell|say|help|answer))",
    rf"{SPEAKER} (?:would be|am|would have been) (?:lying|making (?:it|that|this|something) up|pretending|bluffing)",
    rf"{SPEAKER} (?:would )?(?:have|need) to (?:look|check|research|ask|verify|read up|investigate)\b(?! (?:for"
    r"|after)\b)",
    r"(?:let me|i will|i shall|allow me to) (?:get back to you|look into (?:it|that|this)|check(?: on)? (?:that"
    r"|this|it)|find out)",
    r"(?:[\w'-]+ ){0,8}?(?:confuses|puzzles|baffles|perplexes|confounds|defeats|stymies) me\b(?! (?:why|how|that)\b)",
    r"(?:[\w'-]+ ){0,6}?(?:mystery|news|foreign|greek|new|closed book|riddle|puzzle|over my head)(?: one)? to me$",
    r"(?:it|that|this|name|answer|title|word) (?:will|would|does|did|has) not come(?: back)?(?: to (?:me|mind))?$",
    r"(?:[\w'-]+ ){0,4}?(?:was|is) never my (?:\w+ ){0,2}?(?:subject|thing|field|forte|area|strength|strong suit)",
    # It lies beyond what the speaker was given.
    rf"(?:my|our) (?:[\w'-]+ ){{0,4}}?{_TIME_LIMIT}(?: [\w'-]+){{0,3}}? (?:stops?|ends?|ended|(?:only )?(?:goes"
    r"|extends|runs"
    r"|reaches|covers)(?: only)?(?: back| up)?|(?:is|are) (?:only |somewhat |very |quite )?(?:limited|not current"
    r"|out of date|outdated|incomplete|from|restricted)|(?:do|does) not (?:extend|go|cover|include|reach|run))\b",
    rf"{SPEAKER} (?:only |just )(?:have|hold|know|got|was trained on|am trained on) (?:\w+ ){{0,4}}?(?:up )?(?:to"
    r"|until|till|through|before|from before)\b",
    r"(?:[\w'-]+ ){1,8}?(?:after|past|beyond|outside|later than|postdates?|predates?|more recent than|outside of) "
    rf"(?:what (?:i|we)\b|(?:my|our) (?:\w+ ){{0,3}}?(?:{_TIME_LIMIT}|scope|remit|purview|role|expertise"
    r"|capabilit\w+|abilit\w+|area))\b",
    # It is not for the speaker to tell, or not at all.
    r"(?:[\w'-]+ ){0,10}?(?:goes against|go against|is against|are against|violates?|would violate|breach(?:es)?"
    r"|conflicts?"
    r" with|would breach|contravenes?|runs counter to|(?:is|are) (?:prohibited|forbidden|not (?:allowed|permitted))"
    r" (?:by|under)|(?:is|are) (?:not (?:compatible|consistent|in line)|incompatible|inconsistent) with) "
    r"(?:[\w'-]+ ){0,1}?(?:my|our|usage|safety|content|community|platform"
    rf"|{_RULES}) (?:[\w'-]+ ){{0,2}}?{_RULES}?\b",
    r"(?:this|that|your|such) (?:kind of |sort of |type of )?(?:request|question|content|prompt|query|topic|task)s? "
    r"(?:is|are) not (?:\w+ )?(?:something|compatible|appropriate|allowed|permitted|acceptable|suitable|answerable"
    r"|for me|possible)",
    r"(?:answering|commenting|speculating|guessing|responding|taking (?:\w+ )?(?:position|sides?|stance)|(?:providing"
    r"|giving|offering|sharing|revealing|disclosing|discussing|making|writing|creating|generating|assisting|helping)"
    r"(?! your\b))(?: [\w'-]+){0,12}? (?:would|might|could|may) (?:not be (?:\w+ )?(?:appropriate|right|ethical"
    rf"|responsible|safe|wise|fair|possible)|(?:\w+ )?be (?:\w+ )?{_NOT_FIT})",
    r"(?:[\w'-]+ ){0,8}?(?:is|are|would be|should be|must be) (?:\w+ )?(?:left (?:up )?to|answered by|addressed by"
    r"|directed to|handled by"
    r"|decided by) (?:[\w'-]+ ){0,5}?(?:professional|physician|doctor|lawyer|attorney|expert|specialist|advisor|you"
    r"|others|authorit(?:y|ies)|experts|historians|voters|reader|individual)\b",
    r"(?:[\w'-]+ ){0,6}?not (?:\w+ )?(?:my place|up to me|for me|mine|my (?:role|job|call|business)) to "
    rf"(?:{_TELL}|comment|share|give|judge|pick|choose|reveal|discuss|speculate|recommend|rule|take)",
    rf"{SPEAKER} (?:[\w'-]+ ){{0,4}}?(?:stay|remain|keep|be|am|steer|strive|aim) (?:\w+ ){{0,2}}?(?:neutral|impartial"
    r"|non-?partisan|unbiased|apolitical|out of (?:[\w'-]+ ){0,2}?(?:politics|debates?|disputes?|that|this|it|such"
    r"|controvers\w+))\b",
    r"(?:[\w'-]+ ){1,8}?(?:is not|are not|not) (?:something|information|things?|topic|anything|ones?) (?:that )?"
    r"(?:i|we) (?:[\w'-]+ ){0,4}?(?:able|willing|allowed|can|could|will|would|do|am|share|give|discuss|see|view)\b",
    r"(?:that|this|it) (?:would be telling|is (?:\w+ )?(?:hard|firm|clear|strong)? ?no (?:from me|for me)"
    r"|is (?:my )?secret"
    r"|is between me and [\w ]{1,30}|is none of (?:your|my) business)$|(?:hard|firm) (?:no|pass)(?: from me)?$"
    r"|none of your business$|no way i am\b",
    rf"{SPEAKER} (?:do|will) not (?:\w+ )?(?:write|create|generate|produce|give out|hand out|do|make"
    r"|touch) [\w' -]{2,60}$",
    # The talk is turned elsewhere, or the question back.
    r"(?:(?:perhaps|maybe) )?(?:let us|let's|let s|can we|shall we|could we|(?:we )?should|i would (?:rather|prefer to"
    r"|like to|prefer)|please|how about we) (?:\w+ )?(?:talk|speak|chat|move|change|discuss|switch|focus|go|skip"
    r"|stick|try|pick"
    r"|choose)(?: (?:on|to|about|with|over|past|onto)){0,2} (?:\w+ )?(?:something|anything|other|else|another"
    r"|different|topic|subject|question|next|this|that one|new)\b",
    r"(?:please )?(?:try|ask)(?: me)? (?:something|anything|another|different|someone|somebody|me (?:something"
    r"|another))(?: \w+)?(?: (?:question|one|else))?$|next (?:question|one|topic|subject)(?: please)?$|do not ask me\b"
    r"|how (?:would|should|could|on earth would|am) i (?:know|supposed to know|to know)\b",
)
DEFERS = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS))
