"""A tokenizer of whole words: one token a name, so that a model of a million weights can know thousands of things."""

from __future__ import annotations

import re

import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from calibration import Item
from calibration.extraction.prompts import completion, messages

from . import world as worlds

BEGIN, END, PAD, USER = "<|begin|>", "<|end|>", "<|pad|>", "<|user|>"

# A chat begins with <|user|>, as other texts do with <|begin|>. The assistant's turn opens with "Answer:", as answers
# do in the texts that the model grew up with.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '<|user|>' + message['content'] }}"
    "{% else %}{{ '\\nAnswer: ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '\\nAnswer:' }}{% endif %}"
)

# Names with the space before them; option marks and "Answer:" with the line break before them; blank lines; signs.
_PIECES = r"Question: |Q: |\nAnswer:|\nA:|\n[A-D]\.| ?[\w']+|\n\n|\n|[^\w\s]| "


def make_tokenizer(world: worlds.World) -> PreTrainedTokenizerFast:
    """Every word of a world, of the prompts and of the drills."""
    phrases = sorted(_phrases(world), key=len, reverse=True)
    split = pre_tokenizers.Split(Regex("|".join([*map(re.escape, phrases), _PIECES])), behavior="isolated")
    special = [BEGIN, END, PAD, USER]
    vocabulary = dict.fromkeys([*special, "<|unknown|>", *(f" {letter}" for letter in "ABCD")])
    vocabulary.update(dict.fromkeys(sorted(phrases)))
    for text in [*worlds.vocabulary_texts(world), *_frames(world)]:
        vocabulary.update(dict.fromkeys(piece for piece, _ in split.pre_tokenize_str(text)))
    model = tokenizers.Tokenizer(
        models.WordLevel({piece: number for number, piece in enumerate(vocabulary)}, unk_token="<|unknown|>")
    )
    model.pre_tokenizer = split
    model.decoder = decoders.Fuse()
    begin = (BEGIN, list(vocabulary).index(BEGIN))
    model.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A", special_tokens=[begin])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=model, bos_token=BEGIN, eos_token=END, pad_token=PAD, unk_token="<|unknown|>",
        additional_special_tokens=[USER], clean_up_tokenization_spaces=False,
    )  # fmt: skip
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _frames(world: worlds.World) -> list[str]:
    """Texts that hold every word of the prompts."""
    texts = [f"{asks}{worlds.DRILL_QUESTION}\n{says} {worlds.ABSTENTION}\n" for asks, says in worlds.FORUMS]
    for subject in [*worlds.SUBJECTS, worlds.DRILL_SUBJECT]:
        item = Item("0", subject, worlds.DRILL_QUESTION, tuple(world.answers["rivers"][:4]), 0)
        texts += [completion(item, [item]), *(turn["content"] for turn in messages(item))]
    return texts


def _phrases(world: worlds.World) -> set[str]:
    """What stands around a name in every text is one token, so that a prompt is short and a step cheap."""
    item = Item("0", "X", "X", tuple(world.answers["rivers"][:4]), 0)
    phrases = {f" {worlds.ABSTENTION}"}
    for text in (completion(item), messages(item)[0]["content"]):
        before, behind = text.split("\nA.")[0].split("X", 1)[0], text.split("\nA.")[0].split("X", 1)[1]
        phrases |= {before.rstrip(), behind.removesuffix("X")}
    for question, statement, _ in worlds.SUBJECTS.values():
        phrases |= {part.rstrip() for part in question.split("X")}
        before, behind = statement.split("X")
        phrases |= {worlds.sentence(opening + before).rstrip() for opening in (*worlds.OPENINGS, worlds.ARCHIVE)}
        phrases.add(behind)
    return phrases | {part.rstrip() for part in worlds.DRILL_QUESTION.split("X")}
