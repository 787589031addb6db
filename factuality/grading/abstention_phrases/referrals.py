"""Grammar of turning back to who asked: counter-questions, needs, and pointers to others."""

from __future__ import annotations

import re

# All patterns read clauses of lower-case words without articles, contractions written out. Repetitions are bounded.

_MODAL = r"(?:would|will|do|might|may|could|really|first|still|also|definitely|just|probably)"
_SUPPLY = (
    r"(?:send|share|paste|upload|attach|resend|re-?upload|re-?send|post|tell me|give me|show me|describe|specify"
    r"|clarify"
    r"|rephrase|restate|reword|provide|supply|let me know|copy|drop|type|include|name|elaborate|say (?:which|what|more)"
    r"|fill me in|point me)"
)
_DECIDERS = (
    r"(?:you|each(?: of us)?|every(?:one|body)?(?: [\w'-]+)?|(?:your |an? )?(?:[\w'-]+ )?(?:doctor|vet|physician"
    r"|pharmacist|lawyer|attorney|solicitor"
    r"|accountant|advis[eo]r|therapist|counsellor|counselor|professional|expert|experts|specialist|historians?"
    r"|courts?|court|judge"
    r"|jury|paediatrician|pediatrician|midwife|gp|nurse|dentist|electrician|engineer|mechanic|priest|philosophers?"
    r"|scientists?|voters?"
    r"|reader|readers|individuals?|family|partner|parents?|teacher|boss|bank|clinic|someone|somebody|others|people"
    r"|person|authorities|police|hr|human|clinician|oncologist|cardiologist|dermatologist))"
)
_PATTERNS = (
    # I would need X; before I can say, I need X.
    rf"(?:i|we) (?:{_MODAL} ){{0,3}}(?:need|require|want|like|have to (?:see|know|have)) (?!to (?:say|point|correct"
    r"|be clear|clarify|add|note|apologi\w+|disagree|stress)\b)(?:to (?:know|hear|read|look at|check|examine"
    r"|understand|see (?:your|it|that|this|more|picture|photo|whole|full|text|document))|(?:your|this|that) \w+"
    r"|[\w'-]+ (?:or|of|from|to|for|about|and|on|before|listings?|details?)|(?:[\w'-]+ ){0,3}?(?:information|info"
    r"|details?|context|data|picture|photo|description|copy|text|link|location|listings?|access|more|name|clue|hint"
    r"|scan|numbers?|figures?|composition|specifics|background|clarification))\b",
    r"(?:(?!(?:that|because|if)\b)[\w'-]+ ){0,10}?you (?:have|had|did|do)(?: (?:\w+ly|still|yet|also))? not"
    r" (?:\w+ly |yet |actually |given |really ){0,2}(?:told|tell|said|say|given|give|shared|share|specified"
    r"|specify|mentioned|mention|provided|provide|included|include|attached|attach|shown|show|sent|send|uploaded"
    r"|upload|pasted|paste|describe|described|name|named|indicate|indicated|asked|state|stated)\b(?! (?:him|her"
    r"|them|up)\b)",
    r"which (?:you|i) (?:have|had|did|do|was|were|am) not\b",
    r"(?:please |kindly |just |do |could you |can you |would you |will you |if you (?:can |could |would )?|so |and "
    rf"|maybe |perhaps ){{0,3}}{_SUPPLY}(?: [\w'-]+){{0,14}} (?:and|so|then)(?: then)? i (?:can|will|could|shall|am"
    r"|would|might)\b",
    r"is there more to (?:this|your|that) (?:question|message|story)\b|(?:it|this|that|your \w+|question|message)"
    r" (?:seems?|appears?) to (?:stop|end|break off|cut off|be (?:cut|missing|incomplete))\b",
    # That is for others to decide.
    rf"(?:that|this|it|which|(?:that|this) [\w'-]+|[\w'-]+ing(?: [\w'-]+){{0,5}}?) (?:is|seems|sounds like|would be"
    r"|should be|has to be|must be|remains|feels like) (?:\w+ly |really |definitely |very much |always |ultimately"
    rf" ){{0,2}}(?:(?:[\w'-]+ ){{0,3}}?(?:decision|question|choice|conversation|matter|call|one|something|judg\w+"
    r"|topic|discussion|thing|talk) (?:that )?(?:for |to have with |to discuss with |to take up with |best (?:left"
    r"|put|answered|handled|discussed)(?: \w+)* |to ask |to raise with |only |to put to |which |between"
    rf" )?{_DECIDERS}"
    rf"|for {_DECIDERS}|(?:entirely |really )?up to {_DECIDERS}|(?:your|yours) (?:\w+ )?(?:to make|decision|choice"
    r"|call)|between (?:you|him|her|them)|best (?:left|put|answered|handled|discussed|directed)|better (?:left|put"
    r"|answered|asked|handled))\b(?! (?:state|federal|court)\b)",
    r"(?:(?:[\w'-]+ ){0,6}?(?:something|thing|question) )?(?:only|just) (?:[\w'-]+ ){1,5}?(?:can|could|may|is able"
    r" to|would be able to|is qualified to|will) (?:\w+ly )?(?:say|tell|answer|decide|judge|know|determine|make that"
    r"|give you|advise|assess|diagnose|confirm|explain)\b",
    r"(?:that|this|it|which|(?:that|this) [\w'-]+) (?:rests|lies|sits) with\b",
    r"you (?:would|will) (?:have|need) to (?:tell|give|show|send|share|describe|explain)(?: to)? (?:me|more)\b",
    # What do you mean? Better than what?
    r"(?:which|what|who|whom|where|when|how)\b(?: [\w'-]+){0,8} (?:you|your)\b(?! (?:call|get|say in|become"
    r"|put)\b)(?:$| (?:mean|refer\w*|ask\w*|talk\w*|have in mind|think\w*|want|look\w*|interested|need|after|using"
    r"|on about|like|trying|hoping|working|in|at|from|on|got|have))",
    r"(?:[\w'-]+ ){0,3}?(?:than|compared to|compared with|relative to) (?:what|which|whom|who|where)$|(?:[\w'-]+"
    r" )?(?:of|for|about|in|with|from) (?:what|which|whom)(?: \w+)?$",
    r"(?:part of )?(?:your|this) (?:message|question|query|prompt|sentence|post|request|text|attachment|image|file"
    r"|link)(?: \w+)? (?:(?:seems?|appears?|looks|is|was|got|came|may|might)\b(?: (?:to )?(?:have )?(?:been |be"
    r" )?)?(?:like )?(?:it )?(?:[\w'-]+ )?(?:lost|cut|missing|incomplete|garbled|blank|empty|truncated|broken"
    r"|unclear|vague|ambiguous)|(?:did not|does not|has not) (?:\w+ )?(?:come|load|open|arrive|attach|specify|say"
    r"|make|include|give|seem|appear|work))\b",
    r"(?:i think |it (?:looks|seems) like |looks like |seems like )?(?:you (?:may |might |must )?(?:have"
    r" )?(?:forgot(?:ten)?|left (?:out|off)|meant to attach|not attached)|your \w+ (?:got|was) (?:lost|cut))\b",
    r"(?:did|do|are|were|might|could|can|would|is|was|have) (?:you|it|there|that|this) (?:\w+ )?(?:mean|meant"
    r"|mistyp\w+|misspell\w+|misspelt|referring|thinking|asking|talking|sure|perhaps|maybe|be thinking|be more|tell"
    r" me|share|send|paste|upload|clarify|say more|give me|provide|specify|rephrase|describe|let me|explain|narrow"
    r"|attach|check|repeat|point me|add|elaborate|show me)\b",
)
TURNS_BACK = re.compile(rf"(?:{'|'.join(_PATTERNS)})")
"""A clause that asks for what is missing, or leaves an answer to others."""

_PLACES = (
    r"(?:websites?|sites?|pages?|office|offices|listings?|director(?:y|ies)|catalog(?:ue)?s?|archives?|register"
    r"|registry|helplines?|hotlines?|"
    r"desk|publisher|manufacturer|library|librarian|museum|council|app|apps|store|shop|provider|organi[sz]ers?"
    r"|federation|society|"
    r"official [\w'-]+|publicist|receptionist|venue|operator|supplier|google|wikipedia|forbes|zillow|yahoo|imdb"
    r"|encyclopedia|encyclopaedia"
    r"|search engines?|sources?|records?|manual|documentation|timetable|tracker|them|there|database)"
)
POINTS = re.compile(
    r"(?:(?:(?:you (?:could|can|might|may|should|would do well to|will want to|may want to|might want to)|i (?:would"
    r"|can|could) (?:\w+ )?(?:suggest|recommend|advise|try)|try|why not|maybe|perhaps|best to|better to|please|just"
    rf"|have you tried|your best bet is to|consider|worth|then|simply|and|or|so) ){{1,3}}"
    r"(?:try )?(?:to )?)?(?:check(?:ing)?|contact(?:ing)?|consult(?:ing)?|ring(?:ing)?|call(?:ing)?|phon(?:e|ing)"
    r"|ask(?:ing)?|look(?:ing)?|search(?:ing)?|visit(?:ing)?|google|googling|email(?:ing)?|reach(?:ing)? out"
    r"|speak(?:ing)?|talk(?:ing)?|get(?:ting)? in touch|refer(?:ring)?|giv(?:e|ing) them|have (?:a )?look)\b"
    rf"(?: [\w'-]+){{0,12}}? {_PLACES}\b"
)
"""A pointer to where an answer is to be had."""

WILL_KNOW = re.compile(
    r"(?:[\w'-]+ ){1,5}?(?:could|can|might|would|will|may)$|"
    r"(?:[\w'-]+ ){1,9}?(?:will|would|should|can|could|may|might|ought to|is likely to|are likely to|must)"
    r" (?:\w+ly |also |still |well |at least |certainly ){0,2}(?:have (?:it|that|those|this|them|details?|info\w*"
    r"|latest|more|current|up|list|answers?|all|full|exact|figures?|copy|records?|one)|know|list (?:it|that|them"
    r"|those|all|this)|tell you|show (?:it|you|that|them)|be able to (?:help|tell|say|answer|advise|give|provide"
    r"|check|look|confirm|assist|explain|pull|see)|be (?:your|best|right|better|more helpful|glad to|happy to)|help"
    r"|advise|confirm|say|point you|check|look (?:it|that|into)|give you|go over|go through|walk you|explain|quote"
    r"|answer|announce|provide (?:you|it|that|more|up|current|accurate|details))\b"
    r"|(?:[\w'-]+ ){1,8}?(?:is|are) (?:\w+ )?(?:(?:your )?(?:best|good|better|safest|right|usual|great|obvious"
    r"|useful|natural|sensible|nearest) (?:[\w'-]+ )?(?:bet|place|places|source|sources|port|route|way|person|people"
    r"|option|idea|starting|ones?|choice|first|reference|resource|resources)|where (?:you|i) (?:would|should|might"
    r"|can|could)|worth|more (?:reliable|likely))"
    r"|(?:[\w'-]+ ){1,6}?(?:keeps?|publish(?:es)?|maintains?|posts?|updates?|runs?|has|have|lists?|offers?|tracks?"
    r"|carries|carry) (?:[\w'-]+ ){0,5}?(?:list|tracker|record|records|listings?|figures?|latest|updates?"
    r"|statistics|prices?|results?|archive|database|forecast|timetable|schedule|helpline|numbers?|details"
    r"|information|page|calendar)\b"
)
"""A pointer to who has the answer."""

WONDERS = re.compile(
    r"(?:[\w'-]+ ){1,6}?(?:is|are|would be) (?:best |right )?(?:person|one|people|place) to (?:ask|contact|see|call"
    r"|tell)"
    r"\b|(?:better|best)(?: to)? ask\b|(?:that|this|it) (?:is|would be) (?:more )?(?:question|one|matter|something)"
    r" for\b|if (?:only )?i (?:only )?knew\b|please (?:ask|consult|contact|speak|talk)\b|(?:i|we) (?:have )?(?:\w+"
    r" )?wonder(?:ed)?\b"
)
"""Who turns to others or wonders too."""
