"""Wording of whole answers, counter-questions, the speaker's life, limits to telling."""

from __future__ import annotations

import re

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

# Whole answers.
_ABSENT = (
    r"(?:not (?:\w+ly |yet )?(?:mentioned|specified|given|stated|provided|answerable|known|found|available"
    r"|listed|applicable|determinable|decidable|ascertainable|determined|possible to (?:say|tell|determine))"
)
_ABSENT += (
    r"|unanswerable|unavailable|unknown|undisclosed|unclear|undetermined|indeterminate|unspecified|withheld|redacted)"
)
MARKERS = re.compile(
    r"(?:sorry |nope |well |lol )?(?:tb[da]|to be (?:determined|announced)|no (?:comments?|idea|clue|answer|opinion"
    r"|response|guess|data|results?|info(?:rmation)?)"
    r"|(?:none|nothing) (?:given|found|available|provided|stated|mentioned|listed|known)|idk|dunno|pass|skip|n/?a"
    r"|null|nil|zero (?:idea|clue|info(?:rmation)?|knowledge)|(?:totally |completely |utterly "
    r"|quite )?(?:clueless(?= )|stumped|baffled|ignorant)(?: here| on (?:this|that)(?: one)?)?"
    r"|(?:\d{3} |error )?(?:(?:question|answer|information|info|data|details?|response|source) )?"
    rf"{_ABSENT}|insufficient \w+|not enough \w+|abstain|i (?:pass|abstain)"
    r"|no answer (?:given|provided|possible))(?: provided| given)?(?: (?:from|in|based on|by|as) (?:[\w'-]+"
    r" ){0,3}?(?:context|text|passage|document|source|sources|article|question|written|stated|posed|asked|data"
    r"|table))?(?: lol| sorry| sry| man| bro| dude| mate| to me| at this time){0,2}"
)

ASKS_BACK = re.compile(
    r"(?:(?:which|what|whose) (?!(?:is|are|was|were|do|does|did|has|have|had|can|could|happens|will)\b)[\w'-]+$"
    r"|(?:how|what|where|when|who|which)\b(?: [\w'-]+){1,6} (?:what|which|who|whom)$|(?:which|what|who|whom|where"
    r"|when)\b(?: [\w'-]+){0,6} (?:do|did|are|were|would|have) you (?:\w+ )?(?:mean|refer\w*"
    r"|have in mind|talk\w*|think\w*|ask\w*|want|look\w*|interested|need)\b"
    r"|what (?:exactly |precisely )?do you mean\b|(?:are|do|did) you (?:referring|mean|talking about|asking)\b"
    r"|(?:can|could|would|will) you (?:please )?(?:be (?:\w+ )?more (?:specific|precise)|give me (?:hint|more)|narrow"
    r"|tell me (?:which|what|who|more)|explain|restate|reword))"
)
"""A question to the one who asked, about what the question meant."""

UNSETTLED = re.compile(
    r"(?:[\w'-]+ ){0,5}?(?:has|have|had) (?:not|yet to|still not|never) (?:yet )?(?:been |be )?(?:\w+ly )?"
    r"(?:announced|released|published|decided|happened|occurred|taken place|revealed|disclosed|made public|determined"
    r"|confirmed|reported|occur|happen)\b"
)
"""What has not come out yet: no answer where another clause declines."""

_NEWS = (
    r"(?:announced|released|published|decided|revealed|disclosed|made public|determined|confirmed|reported|held"
    r"|finali[sz]ed|available|known|official|happened|occurred|taken place|concluded|over|settled|certified|set)"
)
PENDING = re.compile(
    rf"(?:{UNSETTLED.pattern}|(?:(?:there|it|that) (?:is|was) )?(?:no|nothing|none) (?:[\w'-]+ ){{0,4}}?(?:has|have"
    r"|had|is"
    rf"|are|was|were)? ?(?:yet )?(?:been )?(?:\w+ly )?{_NEWS}|(?:[\w'-]+ ){{1,6}}?(?:is|are|was|were|has|have|had|do"
    r"|does|did"
    rf"|remains?) (?:\w+ly |still |yet )?(?:not (?:yet )?(?:been )?(?:\w+ly )?{_NEWS}|unknown|unclear|undecided"
    r"|undetermined|unannounced|pending))"
)
"""What a speaker did not yet hear of when its knowledge ended."""

CUT_OFF = re.compile(
    r"(?:as (?:of|at)|up (?:to|until)|at|until|till|by|per|(?:going|based) (?:by|on)|according to"
    r"|to) (?:time of )?(?:my|our)"
    r" (?:[\w'-]+ ){0,3}?(?:update|cut-?off|training|knowledge|data|information|records?)(?: [\w'-]+){0,5}"
)
"""When the knowledge of a speaker ended."""

POLARITY = re.compile(
    r"(?:absolutely|certainly|definitely|of course) not|no(?:pe)?|no (?:way|chance)|never|not (?:chance|ever)|nah"
)
"""Words that turn down what was asked, where a refusal follows."""

OWN_LIFE = re.compile(
    r"\bmy (?:(?:own|new|old|dear|whole|best|younger|older) )?(?:co-?workers?|colleagues?|boss|employer|wife"
    r"|husband|spouse"
    r"|partner|kids?|child(?:ren)?|sons?|daughters?|parents?|mother|father|mom|dad|brothers?|sisters?|family|friends"
    r"|neighbou?rs?|classmates?|teachers?|students?|clients?|customers?|patients?|house|home|car|dog|cat|job|school"
    r"|office|town|country|church|landlord)\b"
    r"|\bknow how to (?:drive|swim|cook|dance|ride|play|sing|ski|skate|sew|knit|sail|fly|type|juggle|whistle|paint"
    r"|dive|bake)\b"
    r"|\bmake (?:[\w'-]+ ){0,2}?(?:pancakes?|bread|cakes?|coffee|tea|dinner|lunch|breakfast|soup|pizza|friends"
    r"|money|ends)\b|\bknow any(?:body|one) (?:who|that|else)\b"
    r"|\b(?:know|aware|think|conceive) of (?:any )?(?:[\w'-]+ ){0,4}?(?:[\w-]+er|more|less|better"
    r"|worse) (?:[\w'-]+ ){0,2}?than\b"
)
"""What tells of the speaker's own life and skills, or denies by a comparison: a denial about these is an answer."""

_TALK = (
    r"(?:guess|say|tell|speak|talk|discuss|comment|answer|opinions?|views?|stance|tips|advice|advise|predict\w*"
    r"|future|know"
    r"|knowledge|remember|recall|information|details|reveal|share|explain|speculate|topics?|questions?|weigh in"
    r"|judge|clue|lips|divulge|disclose|gossip|conjecture|vouch|swear|opine|subject)"
)
_LIMITS = (
    r"(?:not|never|no|nothing|only|hate|loath|reluctant|hesitate|hesitant|rather|prefer|avoid|refuse|unable|wary"
    r"|uncomfortable|private|secret|personal|sealed|beyond|afraid|dread|limited|zero)"
)
HOLDS_BACK = re.compile(
    rf"(?=(?:i|we|my) (?:[\w'-]+ ){{0,9}}?{_LIMITS}\b)(?=(?:i|we|my) (?:[\w'-]+ ){{0,12}}?{_TALK}\b(?! (?:that|x)\b))"
    r"(?!(?:i|we) (?:\w+ ){0,3}?(?:think|believe|doubt|mean|care|agree|recommend|expect|did|had|know of|would not say"
    r"|can only|only know|know (?:that|only))\b|(?:i|we) (?:can |could |would )?(?:guess|say)\b"
    r"|my .{1,80}\bis (?:idiom|phrase|expression|saying|song|proverb)\b)"
    r"|(?:it|that|this|answer|answering|which) (?:is|would be|seems) (?:[\w'-]+ ){0,3}?(?:guess(?:work)?"
    r"|speculation|conjecture"
    r"|(?:question|matter|issue|decision|one|topic|job) (?:for|best left) (?! ?(?:long|many))[\w'-]+"
    r"|(?:personal|private|confidential) (?:matter|question|topic|information|affair|issue|business))\b"
    r"|(?:[\w'-]+ ){0,4}?(?:is|are) too (?:[\w'-]+ ){1,3}?for (?:[\w'-]+ ){0,2}?(?:answer|conclusion|certainty"
    r"|guess|judg\w+)\b"
    r"|(?:no|not) (?:\w+ )?(?:idea|clue|notion|opinion|comment) (?:whatsoever|at all|there|here|either|about (?:it"
    r"|that))$"
    r"|no comment$|(?:there is |there was )?no (?:telling|knowing|saying)(?: (?:for (?:sure|certain)|who|what|when"
    r"|where|why|how|which|whether|if)\b|$)"
)
"""A speaker who talks about telling and sets a limit to it, or who calls an answer a guess or a matter for others."""

_MACHINES = (
    r"(?:ai|(?:language |base |chat |reasoning )?model|llm|assistant|chatbot|bot|machine|intelligence|program|system"
    r"|software|algorithm|computer)"
)
_NAMES = (
    r"(?:claude|(?:chat)?gpt(?:-\w+)?|qwen\w*|llama\w*|gemma|gemini|mistral|mixtral|phi(?:-\w+)?|deepseek\w*|bard"
    r"|copilot|grok|olmo|falcon|yi|kimi|command|nova|bloom|pythia|smollm\w*|zephyr|vicuna|granite|nemotron\w*|tulu"
    r"|ernie|glm(?:-\w+)?|hunyuan|jamba|minimax|solar|starling|hermes|dolphin)"
)
_MAKERS = r"(?:created|developed|made|trained|built|designed|provided|released|tuned) by [\w' -]{1,60}"
MACHINE = re.compile(
    rf"(?:as|being|(?:i|we) (?:am|are)|this is) (?:(?:[\w'-]+ ){{0,4}}?{_MACHINES}|(?:just |only )?{_NAMES})"
    r"(?: (?:[\w'-]+ ){0,4}[\w'-]+)?"
)
"""A speaker who says that it is a machine."""

KIND_OF_MACHINE = re.compile(rf"(?:[\w'-]+ ){{0,5}}?{_MACHINES}(?: {_MAKERS})?|{_MAKERS}")
"""What such a speaker goes on to say of what it is: ``an open assistant``, ``created by a company``."""

LACKS = re.compile(r"(?:and )?i (?:\w+ly )?(?:(?:do|can|am|have|will|would|could) not|have no|lack|never)\b")
"""What a machine then says that it is without."""
