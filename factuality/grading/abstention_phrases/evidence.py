"""Grammar of what answers behind a denial, and of denials that answers follow."""

from __future__ import annotations

import re

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

_NUMBER = (
    r"(?:(?<![\d-])(?!\d+-\d+-\d)\d[\w.-]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|percent|%)"
)
_BE = (
    r"(?:is|was|were|are|has|had|have|did|does|do|(?:might|may|could|must|would|will|should) (?:well |have |\w+ly"
    r" )?(?:be|been)"
    r"|used to|tends? to|comes?|came|stood|means?|meant|goes|went|died|lived|took|began|started|ended|refers?|lies"
    r"|lay|belongs?|seems? to be)"
)
ANSWERS = re.compile(
    rf"(?!\w+ (?:did|does|do|has|have) not\b)(?:it|he|she|they|there|these|those) {_BE}\b(?! (?:\w+ )?(?:possible|up"
    r" to|best|better|worth|important"
    r"|always|something|in|hard|difficult|impossible|many|several|various|plenty|so many|too|also|on|question|matter"
    r"|topic|any|no|sure|help|unclear|unknown)\b)"
    rf"|(?:[\w'-]+ ){{0,9}}?(?:usual|usually|typically|generally|normally|commonly|on average|roughly|approximately"
    r"|approx|probably|likely|presumably|apparently|supposedly|reportedly)\b"
    r"|(?:older |most |many |some |other |several |few |early |ancient |recent |his |her |their )?(?:[\w'-]+"
    r" )?(?:estimates?|experts?|scholars?|historians|sources|legend|tradition|reports?|accounts|researchers|people"
    r"|scientists|studies|evidence|consensus|theor(?:y|ies)|critics|physicists|archaeologists|guess(?:es)?|rumou?r)"
    r" (?:\w+ly |now |often )?(?:say|says|put|puts|suggests?|believes?|thinks?|points?|indicates?|places?|ranges?"
    r"|runs?|credits?|agrees?|holds?|favou?rs?|gives?|attributes?|considers?|include|includes|is that|are that|has"
    r" it|dates?|estimates?|assumes?|shows?|found|would say)\b"
    r"|(?:yes|no|yeah|yep|nope|true|false|correct|definitely|certainly)(?: |$)(?!(?:one|body|idea|clue|luck|way"
    r"|info\w*) )|(?:possibly|maybe|perhaps|most often|often|mostly|chances are|historically|traditionally|officially"
    r"|statistically|formerly|in general"
    r"|elsewhere)\b(?! (?:you|someone|somebody|ask|try|check|it would|i|another|one of)\b)"
    r"|(?:something like|around|about|some|circa|roughly|maybe|perhaps|between|approximately|nearly|over|under|more"
    rf" than|less than|at least|at most|up to|as of)(?: [\w'-]+){{0,3}} {_NUMBER}\b"
    rf"|(?:[\w'-]+ ){{0,3}}?answer (?:is|was|would be|should be|could be)\b(?! (?:not|no|unknown|unclear|lost|beyond"
    r"|in|that|up)\b)"
    r"|(?:my|best|only|educated|wild|one) (?:[\w'-]+ )?(?:guess|bet|hunch|money|estimate)\b|i (?:would |do |still "
    rf"|really |personally ){{0,2}}(?:think|believe|guess|say|reckon|suspect|bet|go with|lean|put|imagine|suppose"
    r"|estimate|venture|assume|want to say)\b(?! (?:i|you|that i|that you|not|we|it (?:is )?best|it would be)\b)"
    r"|(?:[\w'-]+ ){1,8}?i (?:guess|think|believe|suppose|reckon|suspect|imagine)$"
    rf"|(?:go|going|fine|ok|okay|alright|here goes|so here)(?: [\w'-]+){{0,2}}$"
)
"""Positive evidence that a clause behind a denial answers after all."""
NAMES = re.compile(
    r"^\W*(?:The|Its|His|Her|Their|the|its|his|her|their) (?:[a-z'-]+ ){1,3}(?:is|was|were|are) [A-Z]\w+"
)
"""A thing of which a name is told: ``The painter was Jan van Eyck``."""

HAS_NUMBER = re.compile(rf"\b{_NUMBER}\b")

# Denials that leave room for an answer: about reasons and others, about exactness, about the speaker's nature.
PARTIAL = re.compile(
    r"\b(?:why (?:people|you|anyone|they|so many|everyone|some|that is|it is|we)|(?:who|what|where|how) (?:told|gave"
    r"|started|(?:that|this|the|it|you|idea|rumou?r|story|claim) (?:\w+ )?(?:idea|rumou?r|story|claim|heard|came"
    r"|comes|got|started|saw|read))"
    r"|(?:people|you|anyone|they|everyone) (?:think|believe|say|claim|told|heard|ask)|(?:aware|know|heard|think|seen"
    r"|find) (?:of )?any\b|any (?:[\w'-]+ )?(?:evidence|study|studies|proof|reason|support)"
    r"|exact(?:ly)?|precise(?:ly)?|specific (?:day|date)|for (?:sure|certain|now)|certain(?:ty)?|sure|positive"
    r"|confident|100|everything|every|entirely|completely|fully|much|more than|beyond that|anything else|first name"
    r"|last name|surname|middle name|spelling"
    r"|god only knows|my (?:[\w'-]+ )?(?:data|training|knowledge|information) (?:\w+ )?(?:ends?|stops?|goes)"
    r"|(?:question|it|premise|that) (?:itself )?(?:is|does|may|might|seems|has) (?:not )?(?:be )?(?:\w+"
    r" )?(?:meaningful|coherent|factual\w*|based|make sense|making|misleading|clear how|false|flawed|nonsensical"
    r"|humorous)\b"
    r"|body|feelings?|taste|tastes?|emotions?|physical|preferences?|favou?rites?|opinions?|senses|consciousness|human"
    r"|siblings|experiences?"
    r"|verify|confirm|cite|promise|guarantee|swear|vouch|rule out|diagnose|examine|recent|up to date|up-to-date"
    r"|recommend|agree|help but|claim|if (?:it|that|this|he|she|they)|whether (?:it|that|this) (?:is|was)|would not"
    r" say)\b"
)
"""A denial after which today's rule stays: whatever else is told answers."""
