"""Wording of abstention: ignorance, inability, refusal, and questions without an answer."""

from __future__ import annotations

import re

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

SPEAKER = r"(?:i|we|(?:this )?(?:ai |language )?(?:model|assistant|chatbot))"
_AUXILIARIES = (
    r"(?:(?:do|does|can|could|will|would|should|may|might|am|are|is|was|were|have|has|had|must|shall|better|prefer"
    r"|choose|need|want|going|to|be) ){0,5}"
)
_ADVERBS = (
    r"(?:(?:really|honestly|truly|simply|just|actually|currently|quite|entirely|completely|absolutely|personally|fully"
    r"|very|exactly|even|respectfully|politely|also|therefore|still|yet|always|necessarily|unfortunately|totally|sadly"
    r"|too|all|that|so|at all|100 ?%|in good conscience|with any (?:certainty|confidence)|rather|in fact"
    r"|presently) ){0,5}"
)
_INFORMATION = r"(?:information|info|context|details?|data|evidence|clues?|specifics|facts)"
# What a speaker who does not answer is without.
_KNOWLEDGE = (
    rf"(?:{_INFORMATION}|knowledge|opinions?|answers?|experience|access|idea|comment|preferences?|feelings?|beliefs?"
    r"|ability|capability|capacity|views?|favou?rites?|records?|recollection|memory|memories|expertise|training"
    r"|emotions?"
    r"|way (?:of (?:knowing|telling)|to (?:know|tell|verify|check|find out))|means to|certainty|notion|inkling|guess"
    r"|thoughts on|response|faintest|foggiest|slightest|authority to|say in)"
)
# What such a speaker is not.
_INFORMED = (
    r"(?:sure|certain|aware|familiar|qualified|comfortable|confident|positive|equipped|capable|knowledgeable|informed"
    r"|competent)"
)
# What such a speaker cannot or will not do; "say", "tell" and "help" also begin other phrases.
_ANSWERING = (
    r"(?:say(?! (?:enough|x\b))|tell(?! (?:lie|lies|x\b))|answer|determine|confirm|verify|provide|comment|help(?! but)"
    r"|assist|give|know|find|recall|remember|speculate|predict|respond|reply|share|discuss(?! my\b)|offer"
    r"|make(?! (?:you|me|him|her|us|them)\b)|identify"
    r"|fulfill?|comply|engage|participate|generate|write|create|produce|think of(?! x\b| anything but)|guess"
    r"|do(?: (?:that|this|so|it)\b|$)|look (?:it|that|this|up)|check|access|browse|take sides?|talk about|mislead"
    r"|figure"
    r"|make out|work (?:it|that|this) out|come up with|name|pin|place|state|specify|advise|judge|go into|of any help"
    r"|definitive"
    r"|(?:see|view|open|hear|watch|read) (?:this|that|your|any|image|picture|photo|chart|file|video|link|attach\w*))"
)
_TELLING = r"(?:say|know|tell|determine|answer|be (?:sure|certain)|judge|find out|ascertain|verify|establish|give|name)"
# What makes another phrase of "hard to say" or "hard to tell".
_OTHERWISE = r" (?:x|no|yes|apart|(?:them|two|those|these) apart)\b"
_WILLING = (
    r"(?:(?:able|in (?:any )?position|allowed|permitted|authori[sz]ed|designed|programmed|going|willing|prepared"
    r"|supposed|want|wish|like|ready|trained) (?:me )?to )?"
)

_SEEN = (
    r"(?:this|that|it|them|more|source|chart|table|figure|image|picture|photo|graph|map|text|passage|document"
    r"|article|report|page|file|data|code|question|original|results?|records?|video|letter|contract|paper|study)"
)
_FIRST_PERSON = (
    # I do not know; I cannot really say; I am not able to answer; I would rather not guess.
    rf"{SPEAKER} {_ADVERBS}{_AUXILIARIES}{_ADVERBS}not {_ADVERBS}(?:to |seem to |begin to |quite )?(?:be |feel |get "
    rf"|dare )?{_ADVERBS}{_WILLING}(?:be )?"
    rf"{_ADVERBS}(?:{_INFORMED}|{_ANSWERING}|(?:able|right) to {_ANSWERING}|understand|follow (?:you|that|question))",
    # I do not have that information; I have no idea.
    rf"{SPEAKER} {_ADVERBS}(?:(?:do|does|did|will|would) )?not {_ADVERBS}(?:have|possess|hold|got|form|own) "
    rf"(?:[\w'-]+ ){{0,5}}?{_KNOWLEDGE}",
    rf"{SPEAKER} have {_ADVERBS}(?:not|never) {_ADVERBS}(?:heard of|come across|encountered|got|seen (?:any|that"
    r"|this)|been (?:able|trained|given|told))",
    rf"{SPEAKER} {_ADVERBS}do not {_ADVERBS}(?:think|believe) (?:that )?{SPEAKER} {_ADVERBS}(?:know|can|could|should"
    r"|have|am)",
    # I am unable to say; I must decline; I forget; that has me stumped.
    rf"{SPEAKER} {_ADVERBS}{_AUXILIARIES}{_ADVERBS}(?:unsure|uncertain|unaware|unfamiliar|incapable|clueless|ignorant"
    r"|stumped|at loss|drawing blank|draw blank|prohibited|forbidden|in no position"
    rf"|unable to {_ADVERBS}(?:be )?(?:{_INFORMED}|{_ANSWERING})"
    r"|refuse(?! to believe)|decline|abstain|refrain|pass(?! (?:through|by)\b|$)|(?:forget|forgotten|forgot)(?! to\b)"
    rf"|lack(?= (?:[\w'-]+ ){{0,5}}?{_KNOWLEDGE}| (?:\w+ )?(?:tools|expertise|sources))|came up (?:empty"
    r"|with nothing)|come up (?:empty|with nothing)|drew blank)",
    rf"{SPEAKER} know (?:nothing|little|very little|next to nothing|of no)",
    rf"{SPEAKER} {_ADVERBS}(?:have|has) nothing to (?:offer|say|add|share|contribute|go (?:on|by))",
    # I would need to see it to answer.
    rf"{SPEAKER} {_ADVERBS}(?:would )?{_ADVERBS}(?:need|require|have to (?:see|know|have)) (?:[\w'-]+ ){{0,8}}?"
    rf"(?:{_INFORMATION}|to (?:{_TELLING}|(?:see|read) (?:[\w'-]+ ){{0,4}}?{_SEEN})|knowledge|expertise)",
    # I am an AI and cannot say.
    r"(?:i am|we are|as) (?:[\w'-]+ ){0,8}?(?:and|so|which means that) (?:therefore )?"
    rf"(?:(?:i |we )?(?:do not know|(?:can|could|do) not {_ADVERBS}{_ANSWERING}"
    rf"|do not have (?:[\w'-]+ ){{0,4}}?{_KNOWLEDGE}))",
    # It escapes me.
    r"(?:[\w'-]+ ){0,8}?(?:beats|escapes|eludes|stumps|fails) me\b(?! (?:why|how)\b)",
    r"(?:it|that|answer|name) is on tip of my tongue",
    # Any other denial of the speaker's that is about knowing.
    r"(?:i|my [\w'-]+(?: [\w'-]+)?) (?:[\w'-]+ ){0,3}?(?:not|no|never|nothing|unable|hardly)\b(?<!did not)"
    r"(?! (?:think|believe|recommend|agree|doubt|mean|expect|lie|care)\b) (?:(?!(?:but|because|that)\b)[\w'-]+ ){0,6}?"
    r"(?:know|tell|answer\w*|sure|certain|information|data|knowledge|idea|clue|comment\w*|opinions?|recall|remember"
    r"|recollection|verify|confirm|determine)",
)
SPEAKER_DECLINES = re.compile(rf"(?:{'|'.join(_FIRST_PERSON)})(?![\w'-])")
SPEAKER_DECLINES_INSIDE = re.compile(rf"\b(?:{'|'.join(_FIRST_PERSON)})(?![\w'-])")

SOURCE = (
    r"(?:passage|text|context|document|article|question|prompt|source|story|excerpt|paragraph|snippet|transcript"
    r"|result"
    r"|data|material|information|report|input|table|chart|page|description|conversation|statement|reference|file|email"
    r"|review|figure|quote)s?"
)
_SOURCE_IN_FRONT = (
    r"(?:(?:given|provided|above|my|our|this|that|these|those|your|available|search|retrieved|whole|entire|attached"
    r"|supplied|supporting|cited|any of|none of|neither of|nothing in|of|in) ){0,5}"
)
_SILENT = (
    r"(?:mention|say|specify|provide|state|contain|include|give|indicate|tell|answer|reveal|address|cover|make clear"
    r"|list|discuss|describe|explain|offer|support|allow|settle|resolve|decide|establish|go into|touch|clarify|confirm"
    r"|identify"
    r"|name|elaborate|report|record|show|suffice|help|permit|let|determine|disclose|note|speak|detail|quantify|provide)"
)
_SURELY = (
    r"(?: (?:for (?:sure|certain|now)|exactly|really|with (?:any )?certainty|precisely|yet|at this (?:time"
    r"|point))){0,3}"
)
_ABOUT = (
    r"(?:who|what|when|where|why|how|which|whether|if|about|of|on|at|to|i|we|sorry|man|really|exactly|for|as|with"
    r"|lol|tbh|haha|mate|dude|bro|honestly|though|here)"
)

_IMPERSONAL = (
    # Fragments whose subject is the speaker.
    r"(?:not (?:\w+ )?(?:sure|certain)|unsure|uncertain|do not know|no (?:real |earthly )?(?:idea|clue|opinion"
    r"|memory of"
    rf"|knowledge of))(?= {_ABOUT}\b|$)",
    rf"(?:(?:can|could|will|would) not|unable to|not able to) {_ADVERBS}(?:be )?(?:{_ANSWERING}|sure\b|certain\b)",
    r"(?:(?:have|has) (?:no|not(?: got)?(?: any| faintest| foggiest| slightest)?)|not(?: single| earthly)?) ?(?:idea"
    r"|clue|notion)$",
    # Too little to go by, no way to know.
    r"(?:there (?:is|are) )?(?:(?:simply|just) )?(?:not (?:nearly )?enough|insufficient|inadequate|too little"
    r"|not sufficient|too few)"
    rf" (?:\w+ )?{_INFORMATION}(?= (?:to|in|on|about|for|is|are|was|here|given|provided|available|from|at)\b|$)",
    rf"(?:[\w'-]+ ){{0,6}}?(?:is|are) too (?:[\w'-]+ ){{1,3}}(?:for (?:me|us|anyone) )?to {_TELLING}(?!{_OTHERWISE})",
    r"(?:there (?:is|are) )?(?:no|not (?:any|single|one)) (?:[\w'-]+ ){0,2}?(?:information|data|details?|mention"
    r"|answer|records?|trace)"
    r"(?= (?:is |are |was |were )?(?:available|given|provided|found|mentioned|possible|about|on|in|of|regarding"
    r"|to (?:that|this|be)|for (?:that|this)|here|that|i|at)\b|$)(?!.{0,80}\b(?:kept|survives?|survived)\b)",
    r"(?:there is |with |i see |have )?(?:really |simply )?no (?:reliable |sure |certain |real )?(?:way|means) "
    rf"(?:(?:for \w+ )?to (?:really |reliably )?{_TELLING}|of (?:knowing|telling|being sure)|(?:i|we|anyone"
    rf"|one) can {_TELLING})",
    r"(?:(?:it|this|that) (?:is|would be|seems) )?(?:\w+ )?(?:impossible|not possible|hard|difficult|not easy|tough) "
    rf"(?:for (?:me|anyone|us) )?to {_TELLING}(?!{_OTHERWISE})",
    # The source is silent.
    # What I do not have.
    r"(?:[\w'-]+ ){1,12}?(?:i|we) (?:do|can|could) not (?:have|know|possess|access|say|answer)$",
    r"(?:[\w'-]+ ){0,4}?means? nothing to me",
    # The question cannot be answered.
    r"(?:(?:(?:it|this|that|answer|question|year|date|value|number|result)(?: to (?:this|that|question))? )?"
    r"can not|none of [\w' -]{1,40} can) be (?:\w+ly )?(?:determined|answered|known|established|inferred|deduced"
    r"|ascertained|identified|derived|concluded|verified|confirmed|found|said|told|decided|computed|calculated)"
    r"(?= (?:from|with|without|based|by|in(?! (?:advance|principle|theory|general|practice)\b)|given|using|for|at|as"
    r"|here|because|since|exactly|precisely)\b|$)",
    r"(?:answer|it|that|this)(?: to (?:this|that) (?:question)?)? is (?:simply |just |still |currently |as yet )?"
    r"(?:unknown|not known|unclear|not clear|undetermined|indeterminate|uncertain|any(?:one|body) s guess)"
    rf"{_SURELY}(?: to me| (?:from|in|based on) [\w' -]{{1,60}})?$",
    r"(?:this |that |your )?(?:question|query|request|prompt|premise|statement) (?:is|seems|appears"
    r"|as \w+ is) (?:\w+ ){0,3}?"
    r"(?:inappropriate|unanswerable|unclear|ambiguous|too vague|vague|incomplete|nonsensical|not (?:clear|answerable)"
    r"|impossible to answer|beyond|outside|cut off|malformed|confusing)",
    r"(?:(?:that is |this is |it is )?(?:something|thing) (?:that )?)?(?:nobody|no one|no-one|none of us|no human) "
    rf"(?:\w+ly |can |could |will |will ever |ever ){{0,3}}(?:knows?|say|tell|be (?:sure|certain)){_SURELY}$",
    # Rules, and what is not the speaker's to answer.
    r"(?:it|that|this|answering) (?:would|might|could) (?:not be (?:appropriate|right|ethical|responsible)"
    r"|be (?:inappropriate|unethical|wrong|irresponsible|unwise|improper|dishonest))(?: of me| for me)?(?: to\b|$)",
    r"(?:[\w'-]+ ){0,8}?(?:beyond|outside|above) (?:of )?(?:scope of )?(?:my|what (?:i|we)|me\b|pay grade)",
    r"(?:[\w'-]+ ){0,8}?(?:not (?:known|available|clear)|unknown|unavailable|unclear|unfamiliar) to me",
    # Set phrases.
    r"your guess is as good as mine",
    r"you (?:would|will) (?:have|need) to (?:ask|consult|check|look)\b(?! .{0,40}\b(?:permission|first|before)\b)",
    r"(?:this|that|it|name|answer|title) (?:does|did) not (?:ring (?:any )?bell|come to mind)"
    r"|nothing (?:comes to mind|rings bell)",
    r"(?:request|access|query|question) (?:denied|refused|rejected|declined|not permitted)$",
    # Asking back for what the question lacks.
)
IMPERSONALLY_DECLINES = re.compile("|".join(f"(?:{pattern})" for pattern in _IMPERSONAL))

# Turning down what was asked, behind which reasons and morals follow but no answer, unless a "but" brings one.
REFUSES = re.compile(
    rf"(?:(?:can|could|will|would|may|should) not|(?:unable|not {_ADVERBS}(?:able|willing|going|allowed|permitted"
    rf"|comfortable|prepared)) (?:to )?|(?:refuse|decline) to|not ) ?{_ADVERBS}(?:be able to )?"
    r"(?:help(?:ing)?|assist(?:ing)?|satisfy|answer(?:ing)?|fulfill?|comply|engag(?:e|ing)|participate|support"
    r"|encourage"
    r"|do|respond|provid(?:e|ing)|offer(?:ing)?|giv(?:e|ing)|generate|write|create|promote|suggest|recommend|condone"
    r"|discuss(?:ing)?)(?: (?:you|to|with|in|on|any|such|for|specific)){0,5}"
    r"(?: (?:that|this|these|it|your|you|request|question|prompt|advice on|guidance|assistance|instructions?"
    r"|information"
    r"|support|suggestions?|recommendations?|tips|ways|methods|content|questions?|how|doing|creating|making|planning"
    r"|illegal|harmful|(?:(?!(?:medical|legal|financial|professional|tax)\b)[\w-]+ ){0,4}?(?:response|answer"
    r"|definition|justification|advice|explanation|guidance|instructions))\b|$)|(?:refuse|decline)$"
    r"|^(?:i|we) (?:do|will) not (?:\w+ )?(?:write|create|generate|produce|give out|hand out|participate|engage)\b"
)
