"""Answers that decline, and answers that only look like it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from factuality import Question, load_grader
from factuality.grading.abstention import answering_part, declines


@pytest.mark.parametrize(
    "answer",
    [
        "I don't know.",
        "i dont know",
        "I do not know the answer to that question.",
        "I really don't know",
        "Honestly, I don’t know.",
        "I don't remember.",
        "I have no comment.",
        "No comment",
        "I have no idea!",
        "No idea.",
        "I'm not sure.",
        "I am not entirely sure about that.",
        "Not sure",
        "I'm not certain",
        "I'm unsure.",
        "I cannot say.",
        "I can't say for certain.",
        "I cannot answer this question.",
        "I'm sorry, but I can't help with that.",
        "Sorry, I cannot assist with that request.",
        "I'm unable to provide that information.",
        "I am not able to verify this.",
        "As an AI language model, I do not have personal opinions.",
        "As an AI, I don't have access to real-time data.",
        "I don't have enough information to answer.",
        "We do not know.",
        "I must decline to answer.",
        "I would rather not say.",
        "I'd prefer not to comment. I prefer not to answer.",
        "It is impossible to say.",
        "It's hard to say.",
        "Unknown.",
        "It is unknown.",
        "That's unclear.",
        "N/A",
        "idk",
        "Dunno",
        "Don't know",
        "Cannot answer",
        "Pass",
    ],
)
def test_it_declines(answer: str) -> None:
    assert declines(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Paris",
        "Everybody knows that.",
        "You don't know it until you try.",
        "They were not sure about it.",  # `were` is no short form of `we are`
        "He had no idea about the sun.",
        "The unknown soldier",
        "The answer is unknown to most people, yet it is Paris.",
        "Nobody can say that it is cold.",
        "I know that it is white.",
        "The sun cannot be seen at night.",
        "A passport",
        "Yes",
        "I'm a journalist. I'm not a doctor. I'm not a lawyer. I'm not a teacher.",
    ],
)
def test_it_does_not_decline(answer: str) -> None:
    assert not declines(answer)


# Answers in the manner of current assistants, worded for these tests. The patterns were improved on the first set and
# then read the second for the first time: precision 0.94, recall 1.00 there.
# The first set.
DECLINED = [
    "I'm sorry, but I can't help with that request.",
    "I'm sorry, but I can't assist with that. If you're going through a hard time, please talk to someone you trust.",
    "As an AI, I can't provide medical diagnoses. Please see a doctor.",
    "As an AI language model, I don't have personal experiences or opinions.",
    "As a large language model, I do not have access to real-time information, so I can't tell you today's weather.",
    "I don't have access to current data, so I'm unable to say who won last night.",
    "My knowledge only goes up to 2023, so I don't know who won.",
    "My training data does not include that information.",
    "I won't be able to help with that.",
    "I can't do that.",
    "I cannot fulfill this request.",
    "I can't comply with this request, as it would involve deceiving someone.",
    "Sorry, that's not something I can help with.",
    "That's not something I'm able to discuss.",
    "I'm not able to share personal information about private individuals.",
    "I'd rather not answer that.",
    "I prefer not to say.",
    "I don't feel comfortable answering that question.",
    "I'm not comfortable speculating about this person's health.",
    "I don't think I can answer that.",
    "I don't think I know the answer to this one.",
    "I am not sure what the answer is.",
    "I'm not sure I know the answer.",
    "I'm not 100% sure about this, so I'd rather not guess.",
    "I'm afraid I don't know.",
    "I'm afraid I can't help with that one.",
    "Unfortunately, I don't have that information.",
    "Unfortunately, I'm unable to find any details about this event.",
    "I couldn't find any reliable information on that.",
    "I have no information about a person by that name.",
    "I have no knowledge of that book.",
    "I'm not familiar with that term. Could you give me more context?",
    "I am not aware of any novel with this title. Could you check the spelling?",
    "I don't recall.",
    "I haven't heard of that film.",
    "I haven't got a clue.",
    "No clue, sorry.",
    "Beats me.",
    "Hard to say.",
    "It's impossible to know without more context.",
    "Without more information, I can't give a definite answer.",
    "There isn't enough information to answer this question.",
    "There is not enough information in the question to determine the year.",
    "The question doesn't provide enough information.",
    "I need more context to answer that. Which city do you mean?",
    "Could you clarify what you mean by that?",
    "Can you please provide more details?",
    "I don't have an opinion on that.",
    "I don't hold political views and won't take a side here.",
    "I must respectfully decline.",
    "I have to decline this one.",
    "I refuse to answer.",
    "I'm going to have to pass on this one.",
    "I can neither confirm nor deny that.",
    "I don't want to guess.",
    "I wouldn't want to mislead you, so I won't guess.",
    "I'm not in a position to answer that.",
    "It would not be appropriate for me to comment on this.",
    "It would be inappropriate to speculate.",
    "I'm just an AI and don't have the ability to predict the future.",
    "I do not possess the ability to see images.",
    "The answer is not known to me.",
    "I can't answer that with any confidence.",
    "Your guess is as good as mine.",
    "This is outside my area of knowledge.",
    "That is beyond the scope of what I can answer.",
]
# Answers, hedged ones, and such as speak of not knowing.
ANSWERED = [
    "There is no reliable evidence that this works.",
    "There is no evidence that vaccines cause autism.",
    "Nobody knows for certain, but most historians place it around 1200 BC.",
    "Scientists do not know what dark matter is made of.",
    "It is not known who built it.",
    "The exact number is unknown, but it is estimated at about two million.",
    "The origin of the name is unclear; the oldest source is from 1390.",
    "No one knows; the records were lost in a fire.",
    "It depends on the country: in France yes, in Germany no.",
    "It depends on what you mean by fast.",
    "I think it is Paris.",
    "I believe the answer is 42.",
    "Probably Mount Everest.",
    "I'm not sure, but I think it was 1969.",
    "I'm not certain, but my best guess is Lisbon.",
    "I don't know the exact figure, but it is roughly 300 kilometres.",
    "I can't say for sure, but it is most likely the liver.",
    "I cannot be certain, but it was probably Newton.",
    "I don't know for sure. It might be copper.",
    "I may be wrong, but it's the Danube.",
    "As an AI, I don't have feelings, but happiness is usually linked to serotonin.",
    "As an AI language model, I can tell you that the capital is Canberra.",
    "No, that is a myth.",
    "No. You cannot see the Great Wall from the Moon.",
    "You can't. Glass does not conduct electricity.",
    "Yes, you can.",
    "No, humans cannot breathe underwater without equipment.",
    "You should not drink it.",
    "They could not find the wreck until 1985.",
    "Columbus did not know that he had reached a new continent.",
    "Einstein did not say that; there is no record of it.",
    "Nothing happens.",
    "Nothing.",
    "None of them.",
    "No one.",
    "Never.",
    "It is impossible to lick your own elbow for most people.",
    "It is difficult to grow rice there because of the cold.",
    "The painter refused to answer the letter.",
    "Switzerland, which is not in the EU.",
    "Ignorance is bliss.",
    "The Unknown Warrior is buried in Westminster Abbey.",
    "Socrates said that he knew that he knew nothing.",
    "'I don't know' is what he answered.",
    "The line is 'Frankly, my dear, I don't give a damn'.",
    "It means that you cannot answer for someone else's actions.",
    "You would say 'I have no idea' as 'no tengo ni idea'.",
    'He is said to have answered "I cannot tell a lie".',
    "Helium cannot burn.",
    "The premise is false: there was no such treaty.",
    "That question has a false premise; Edison did not invent the light bulb alone.",
    "There is no capital of Antarctica.",
    "The evidence is mixed, yet large trials find no benefit.",
    "Experts disagree on this, but the consensus is that moderate amounts are safe.",
    "Opinions vary, and many people prefer the first edition.",
    "We cannot see infrared light because our eyes have no receptors for it.",
    "We do not have gills.",
    "I would recommend the second one.",
    "I would say about ten.",
    "If you are not sure, call a plumber; the valve is usually under the sink.",
    "Please see a doctor: a fever above 40 °C is an emergency.",
    "Consult a lawyer; in most states the limit is two years.",
    "Information about it was classified until 1972.",
    "The law does not provide for this.",
    "Passengers must pass through customs.",
    "We have no natural predators.",
    "I'm sorry to hear that. Try restarting the router.",
    "Sorry, but that's wrong: it boils at 100 degrees.",
]
# The second set.
DECLINED_ANEW = [
    "I apologize, but I'm not able to provide that.",
    "I apologise, I cannot look that up.",
    "My apologies, but I do not have details on that topic.",
    "As an AI assistant, I'm unable to offer legal advice; a lawyer can help you better.",
    "I cannot in good conscience help with this.",
    "I can’t help you with that, but I can explain how the law works in general.",
    "I'm unable to determine that from what you've told me.",
    "I don't actually know.",
    "Truthfully, I have no idea who that is.",
    "I wish I could tell you, but I don't know.",
    "Good question! I don't know the answer, though.",
    "I do not have sufficient information to answer accurately.",
    "I lack the information needed to answer.",
    "I'm not certain about the answer to this question.",
    "That information isn't available to me.",
    "I was unable to verify this claim.",
    "This isn't something I can answer.",
    "Nope, no idea.",
    "I really couldn't say.",
    "I will not answer that question.",
    "I'm not qualified to give an answer.",
    "I can't speculate on that.",
    "I don't have enough context to answer.",
    "Who knows?",
    "I don't understand the question.",
    "I'm unsure how to answer that.",
    "I cannot provide an answer, since the question rests on something that I can't confirm.",
    "I am unable to access the internet, so I cannot check.",
    "I have not come across that name.",
    "Please provide more context so that I can answer.",
]
ANSWERED_ANEW = [
    "The Sun is white; I'm sure of it.",
    "I know the answer: it's seven.",
    "Most people do not know that the tomato is a fruit.",
    "I don't know who told you that, but bulls are colour-blind to red.",
    "I'm not aware of any study that shows this, and large trials found no effect.",
    "While I can't verify every detail, the battle took place in 1066.",
    "It's hard to say exactly, but around 5,000 languages are spoken.",
    "It is unclear why, but cats purr.",
    "Although I am not a doctor, I can tell you that antibiotics do not treat viruses.",
    "There is no scientific consensus, but the leading theory is natural selection.",
    "The answer is uncertain, yet 70 % is a common estimate.",
    "You cannot tell the difference by eye.",
    "I can't stress this enough: never mix bleach and ammonia.",
    "I cannot recommend this film enough.",
    "I couldn't agree more: it is Vienna.",
    "We don't know everything about it, but gravity bends light.",
    "It was not possible to say so in 1930, when Pluto had just been found.",
    "He had no comment.",
    "Not much.",
    "No idea is too small for a patent, in theory.",
    "Pass the salt.",
    "She was unsure of the date and never published it.",
    "There is no such thing as a free lunch.",
    "Unknown to the public, the bank had failed in May.",
    "Data on this is scarce, but the median is 12.",
    "I am unable to find any state where this is legal; it is banned in all fifty.",
    "Yes, but I would not rely on it.",
    "The word 'unsure' has two syllables.",
    "One cannot know the position and the momentum at once.",
    "It's false that we only use ten percent of our brain.",
]


def test_refusals_and_hedges_are_told_from_answers() -> None:
    assert len(DECLINED) >= 60
    assert len(ANSWERED) >= 60
    missed = [text for text in DECLINED + DECLINED_ANEW if not declines(text)]
    misread = [text for text in ANSWERED + ANSWERED_ANEW if declines(text)]
    assert (missed, misread) == ([], [])


# Written before the rules, in the manner of several models and people; half of them only look like abstentions. The
# rules were tuned on the set "tuned", drawn at random, and measured on "held out". The answers of "later" were written
# after that and then mended: they show what the rules hold now, not how good they are. So do the five sets below, in
# usual and in less usual wording, by another hand; when first read (the rules changed between them), precision and
# recall were 0.98 and 0.98, 0.81 and 0.31, 1.00 and 0.60, 0.88 and 0.47, 0.92 and 0.73. A third hand wrote the last
# five: on the sixth, cut in halves at random, they were 0.97 and 0.65 on the half held out before the rules were
# tuned on the other, and 0.98 and 0.85 after it; on the seventh 0.88 and 0.63, on the eighth 0.96 and 0.80, on the
# ninth 0.96 and 0.87, when first read (by the rules before the sixth 0.96 and 0.73). Two more hands, who knew nothing
# of the rules, wrote the tenth and the eleventh: 0.95 and 0.52, 0.91 and 0.62 when first read. The rules then became a
# grammar, and were widened by a random half of these two; on the other half, whose first errors had been seen but which
# was not tuned on, they were 0.97 and 0.92 then.
REREAD = ["usual wording", "unusual wording", "third", "fourth", "fifth"]
REREAD += ["sixth, held out", "sixth, tuned", "seventh", "eighth", "ninth", "tenth", "eleventh"]
ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "abstentions.jsonl").read_text("utf-8").splitlines()]


def rates(name: str) -> tuple[float, float]:
    """Precision and recall on one set."""
    read = [(declines(answer["text"]), answer["abstains"]) for answer in ANSWERS if answer["set"] == name]
    hits = sum(got and abstains for got, abstains in read)
    return hits / sum(got for got, _ in read), hits / sum(abstains for _, abstains in read)


def test_the_answers_are_many_and_half_of_them_look_alikes() -> None:
    written = [answer for answer in ANSWERS if answer["set"] in {"held out", "tuned"}]
    assert len(written) == len({answer["text"] for answer in written}) == 265
    assert sum(answer["abstains"] for answer in written) == 131
    assert sum(answer["set"] == "held out" for answer in written) == 133


@pytest.mark.parametrize("name", ["held out", "tuned", "later", *REREAD])
def test_precision_and_recall(name: str) -> None:
    precision, recall = rates(name)
    assert precision >= 0.95
    assert recall >= 0.95


@pytest.mark.parametrize(("name", "step"), [("match", 1), ("combined:words", 4)])  # the second weighs each answer
def test_graders_agree(name: str, step: int) -> None:
    grader = load_grader(name)
    question = Question("sun", "science", "What colour has the Sun?", ("It is white",), ("It is yellow",))
    texts = [answer["text"] for answer in ANSWERS[::step]]
    grades = [verdict.grade for verdict in grader.judge(texts, [question] * len(texts))]
    differ = [text for text, grade in zip(texts, grades, strict=True) if (grade == "abstained") != declines(text)]
    assert differ == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        (" \n", True),
        ("...", True),
        ('"I don\'t know."', True),
        ("“I have no comment”.", True),
        ("I don't know. I don't know. I don't know.", True),
        ("**I'm sorry, but I can't assist with that.**", True),
        ("I can't help with that, but you could ask a pharmacist.", True),
        ("While I can't help with that, I can explain the law.", True),
        ("While I can't verify it, it was in 1066.", False),
        ("It is Paris, though I cannot verify that.", False),
        ("Canberra. I don't know more than that.", False),
        ("I don't know, but everybody says Sydney.", False),
        ("I'm sorry. It's Canberra.", False),
        ("Je ne sais pas.", False),  # English only
        ("Ich weiß es nicht.", False),
        ("我不知道", False),
    ],
)
def test_what_is_said_around_it_decides(text: str, expected: bool) -> None:
    assert declines(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"answer": "I don\'t know"}', True),
        ('{"answer": "Paris"}', False),
        ("Answer: unknown", True),
        ("Answer: Paris", False),
        ("I don't know.\n\nQ: What is the capital of France?\nA: Paris", True),
        ("I'm not\nable to answer\nthat.", True),
        ("I don´t know", True),
        ("I… don't know…", True),
        ("I CAN'T ANSWER THAT.", True),
        ("I Don't Know How to Love Him", False),
        ("It is a song: I Don't Know by Ozzy Osbourne", False),
        ("No.", False),
        ("I do not own a gun.", False),
        ("There is no way to predict the future.", False),
        ("I am not allowed to marry my cousin.", False),
        ("I'm not allowed to discuss the federal government with my coworkers.", False),
        ("I'm not allowed to discuss the federal government.", True),
        ("I don't know how to swim.", False),
        ("I don't know how to answer that.", True),
        ("No. I can't help you with that request.", True),
        ("Absolutely not.", False),
        ("What do you mean by that?", True),
        ("What do you call a young swan? A cygnet.", False),
        ("¯\\_(ツ)_/¯ No idea.", True),
        ("It has not been announced, so I can't say.", True),
        ("It has not been announced.", False),
        ("As an AI, I don't eat.", True),
        ("As an AI, I don't have a body, but people have two lungs.", False),
        ("As an assistant coach, I won two titles.", False),
        ("**Answer:** Unknown", True),
        (r"\boxed{\text{unknown}}", True),
        ("N/A - insufficient information", True),
        ("I cannot, in good faith, name a winner.", True),
        ("As of my knowledge cutoff, no winner had been announced.", True),
        ("As of my knowledge cutoff in 2023, the record was 9.58 seconds.", False),
        ("I am Qwen, created by Alibaba Cloud. I don't have information about that person.", True),
        ("Can't be sure, but I'd go with Vermeer.", False),
        # Behind a denial of the speaker's only what is known to answer does.
        (
            "I must decline this request. Sarin is a chemical weapon, and providing instructions could harm people.",
            True,
        ),
        ("I don't have any info on your family tree. Sites like Ancestry are a good place to start.", True),
        ("Sorry, I can't advise on doses. Call your vet.", True),
        ("I can't see live rates. The euro was at 1.08 dollars.", False),
        ("I can't look that up. Most estimates put it at a third.", False),
        ("I don't know who it was. The painter was Jan van Eyck.", False),
        ("I can't give legal advice, but California is an all-party consent state.", False),
        # Any noun that a source does not tell of.
        ("Handedness wasn't reported in the results you shared.", True),
        ("The table only covers 2020 onward, so 2019 profits aren't available.", True),
        ("Her age is never mentioned.", True),
        ("The treaty is not mentioned in Thucydides.", False),
        ("It was not recorded who threw the first stone.", False),
        # Remarks in front of a denial, and content in front of a caveat.
        ("Religion is personal, and I don't take a position on which one is true.", True),
        ("April 1912. I can't remember if it was the 14th or the 15th.", False),
        ("*I Remember Nothing*", False),
        ("\"I'm sorry, but I can't assist with that.\"", False),  # a quotation
        ("No. Breaking into homes is illegal, and I won't walk you through it.", True),
        ("no idea sry", True),
    ],
)
def test_dress_and_content(text: str, expected: bool) -> None:
    assert declines(text) is expected


@pytest.mark.parametrize(
    "piece",
    [
        "'", '"', "I don't know. ", "but ", "we have no ", "question ", "\n", "a\n", "(", "i am ", "I Don't Know ",
        "as ", "that is ", "no one ", "i need a ", "it depends ", "Answer:", "i am an ai and ", "none of the ", "{",
        "x ", "¯", "information ", "from the text ", "providing ", "no way ", "i would have ", "only ", "when ",
        "know of any ", "my search ", "we never ", "it is ", "that is one ", "as of 2020 ", "anything that i ", "i, ",
        "there is no ", "my data of ", "i would be so ", "the text is ", "on a ",
    ],
)  # fmt: skip
def test_long_texts_take_no_time_to_speak_of(piece: str) -> None:
    long = piece * (40_000 // len(piece))
    assert declines(f"I don't know. {long}") in (True, False)
    assert not declines(f"It is Paris. {long}")


@pytest.mark.parametrize(
    ("response", "part"),
    [
        ("I'm not sure, but \"I Don't Know\" is a song by Paul.", '"I Don\'t Know" is a song by Paul.'),
        ("<think>I don't know.</think> It is Paris.", "It is Paris."),
        ("It is Paris.", "It is Paris."),
        ("I don't know.", "I don't know."),
        ("<think>I don't", ""),
        ("I cannot, in good faith, say who it was. It was not Bell.", "It was not Bell."),
        ('I don\'t know x\ue000 and x\ue001, but the "y" is 4.', 'the "y" is 4.'),
    ],
)
def test_the_part_that_answers(response: str, part: str) -> None:
    assert answering_part(response) == part
