"""Word classes of a named limit: speaker, denied ability, withheld content."""

from __future__ import annotations

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

SPEAKER = r"(?:i|we|this (?:ai|model|assistant))"
FEW = r"(?:[\w'/-]+ ){0,4}?"
SOME = r"(?:[\w'/-]+ ){0,8}?"
MANNER = (
    r"(?:(?:really|honestly|truly|simply|just|actually|currently|quite|fully|also|still|only|even|always|personally"
    r"|respectfully|politely|therefore|regrettably|gladly|rather|usually|generally|typically|normally|often) ){0,3}"
)

# What a speaker has who can answer.
HELD = (
    r"(?:information|info|data|details?|knowledge|answers?|records?|mentions?|traces?|entr(?:y|ies)|sources?|specifics"
    r"|facts|figures?|numbers?|names?|dates?|ideas?|clues?|inkling|notion|recollection|memory|memories|insights?"
    r"|visibility|access|connection|internet|means|ways?|tools?|ability|abilities|capability|capacity|basis|grounds"
    r"|confidence|certainty|familiarity|expertise|(?<!not )experience|understanding|training|opinions?|views?|beliefs?"
    r"|preferences?|feelings?|emotions?|thoughts|stance|positions?|context|background|authority"
    r"|results?|matches|hits|documents?|files?|guess(?:es)?|estimates?|qualifications?|credentials|reference|references"
    r"|leads?|material|evidence (?:to go|either way))"
)
# What such a speaker does.
DOES = (
    r"(?:know|tell|say|answer|respond|reply|help|assist|verify|confirm|corroborate|check|find|locate|look|search|browse"
    r"|access|retrieve|recall|remember|recollect|identify|name|place|pin|put|provide|give|offer|share|supply|furnish"
    r"|produce|speculate|guess|predict|forecast|estimate|judge|decide|determine|establish|assess|evaluate|comment"
    r"|advise|counsel|discuss|explain|elaborate|engage|continue|proceed|comply|fulfil+|entertain|accommodate|oblige"
    r"|honou?r|grant|process|handle|interpret|parse|understand|follow|vouch|attest|commit|state|claim|assert|venture"
    r"|hazard|wager|pick|choose|rank|weigh|generate|write|create|draft|support|facilitate|participate|quote|cite"
    r"|pinpoint|narrow|reconstruct|recover|distinguish|resolve|settle|conclude|infer|deduce|work|figure|make out"
    r"|be of|be sure|be certain|speak|talk|address|touch|reveal|disclose|divulge|describe|read|see|hear|view|open)"
)
DOING = (
    r"(?:telling|saying|answering|responding|helping|assisting|verifying|confirming|checking|finding|locating|looking"
    r"|searching|browsing|accessing|recalling|remembering|identifying|naming|placing|providing|giving|offering|sharing"
    r"|supplying|speculating|guessing|predicting|estimating|judging|deciding|determining|knowing|commenting|advising"
    r"|discussing|explaining|engaging|continuing|proceeding|complying|taking|making|stating|claiming|asserting|choosing"
    r"|picking|ranking|seeing|getting|turning|coming|committing|generating|writing|creating|venturing|hazarding)"
)
LACKING = (
    r"(?:no|zero|insufficient|inadequate|limited|little|scant|scarce|too (?:little|few)|not (?:nearly )?enough|nothing"
    r"|neither|not (?:any|much)|hardly any|barely any|incomplete|outdated|only (?:limited|partial|sketchy|patchy"
    r"|vague))"
)
FAINT = (
    r"(?:low|limited|insufficient|inadequate|hazy|fuzzy|patchy|thin|shaky|rusty|poor|vague|incomplete|lacking|blank"
    r"|sketchy|spotty|weak|outdated|out of date|dated|stale|unreliable|empty|exhausted|silent|not (?:[\w'-]+ ){0,2}?"
    r"(?:high|good|strong|deep|great|enough|sufficient|complete|current|up to|reliable|what it))"
)
MIND = (
    r"(?:confidence|certainty|knowledge(?: base)?|memory|mind|understanding|recollection|grasp|information|info"
    r"|training"
    r"(?: data| set| corpus)?|data(?:base|set)?|records?|sources?|expertise|database|recall|notes|files|index)"
)
TELL = r"(?:decide|say|judge|answer|tell|settle|determine|know|work out|figure out|weigh in|comment|assess|address)"
INVENTED = (
    r"(?:guess\w*|speculat\w+|conjecture|stab|shot in dark|fiction|fabricat\w+|invent\w+|made up|making|unfounded"
    r"|unreliable|wrong|misleading|baseless|educated guess|pure \w+|hearsay|hallucinat\w+|worthless|bluff\w*)"
)
PUT_OFF = (
    r"(?:hesitate|hesitant|reluctant|wary|loath|unwilling|uneasy|uncomfortable|hate|cautious|careful not|leery|afraid"
    r"|inclined not|disinclined)"
)
BOUND = (
    r"(?:outside|beyond|past|above|after|over|out of|far from|exceeds?|postdates?|later than|more recent than"
    r"|not within|not in|not part of|not among|not covered by|not included in|foreign to|alien to)"
)
CUT_OFF = (
    r"(?:(?:last|latest|most recent|knowledge|training|current) )?(?:knowledge|training|data|update|cut-?off|records?"
    r"|information)"
)
