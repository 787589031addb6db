"""Chat templates: arguments that must do something, one date, turns that are opened, several without a default."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calibration.models.local.contexts import candidate_contexts, continuation_contexts
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Prompt
from calibration.models.tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat, parse_date
from calibration.models.tokenizing.chat_templates import ChatTemplate
from calibration.models.tokenizing.prompt_views import view_prompt
from tests import tiny

TURNS = [{"role": "user", "content": "Why?"}]
_TURN = "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
_TURNS = f"{{% for message in messages %}}{_TURN}{{% endfor %}}"
_OPEN = "{% if add_generation_prompt %}<|im_start|>assistant\n"
# As the families write theirs.
QWEN = (
    _TURNS
    + _OPEN
    + ("{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}")
)
R1 = _TURNS + _OPEN + "<think>\n{% endif %}"
DEEPSEEK = _TURNS + _OPEN + "{% if thinking | default(true) %}<think>{% else %}</think>{% endif %}{% endif %}"
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}{% if message.role == 'user' %}[INST] {{ message.content }} [/INST]"
    "{% else %} {{ message.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
UNOPENED = (
    "{% for message in messages %}{% if message.role == 'user' %}<|user|>{{ message.content }}{% else %}"
    "\nAnswer: {{ message.content }}{% endif %}{% endfor %}"
)
GRANITE = "Today's Date: {{ strftime_now('%B %d, %Y') }}.\n" + _TURNS + _OPEN + "{% endif %}"
LLAMA_3_1 = (
    (
        "{% if not date_string is defined %}{% set date_string = '26 Jul 2024' %}{% endif %}"
        "Today Date: {{ date_string }}\n"
    )
    + _TURNS
    + _OPEN
    + "{% endif %}"
)
LLAMA_3_2 = (
    (
        "{%- if not date_string is defined %}{%- if strftime_now is defined %}"
        "{%- set date_string = strftime_now('%d %b %Y') %}{%- else %}{%- set date_string = '26 Jul 2024' %}{%- endif %}"
        "{%- endif %}Today Date: {{ date_string }}\n"
    )
    + _TURNS
    + _OPEN
    + "{% endif %}"
)


def template(text: Any, **format: Any) -> ChatTemplate:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = text
    return ChatTemplate.of(tokenizer, "tiny", ChatFormat.of(**format))


def test_arguments_reach_the_template() -> None:
    assert template(QWEN).chat(TURNS).endswith("<|im_start|>assistant\n")
    closed = template(QWEN, template_args={"enable_thinking": False})
    assert closed.chat(TURNS).endswith("<think>\n\n</think>\n\n")
    assert closed.described == {"template_args": '{"enable_thinking": false}'}
    # What a template does by itself may be asked for by name.
    assert template(QWEN, template_args={"enable_thinking": True}).chat(TURNS) == template(QWEN).chat(TURNS)


def chat(text: str) -> Prompt:
    """A chat with that text."""
    return Prompt(text, tuple(TURNS))


@pytest.mark.parametrize("text", [R1, MISTRAL, tiny.CHAT_TEMPLATE])
def test_an_argument_that_does_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tiny: the chat template takes no notice of the argument 'enable_thinking'"):
        template(text, template_args={"enable_thinking": False})
    with pytest.raises(ValueError, match=r"takes no notice of the argument 'thinkin'"):
        template(DEEPSEEK, template_args={"thinking": False, "thinkin": False})
    with pytest.raises(ValueError, match="the tokenizer has no chat template"):
        template(None, template_args={"enable_thinking": False})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"messages": []}, "the template's argument 'messages' is set by the prompt: leave it out"),
        ({"x": {1, 2}}, "the template's arguments must be JSON values, got"),
        ({1: 2}, "the template's arguments must be an object of names and values, got"),
    ],
)
def test_what_is_no_argument_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ChatFormat(arguments=arguments)


def test_dates() -> None:
    assert parse_date("2026-02-03") == parse_date(dt.datetime(2026, 2, 3, 23, 59, tzinfo=dt.UTC)) == dt.date(2026, 2, 3)
    for wrong in ("2026-2-3", "03.02.2026", "20260203", "2026-02-30", ""):
        with pytest.raises(
            ValueError, match=rf"the date must be written like 2026-11-29 \(YYYY-MM-DD\), got '{wrong}'"
        ):
            parse_date(wrong)


@pytest.mark.parametrize(
    ("text", "written"),
    [(GRANITE, "Today's Date: February 03, 2026."), (LLAMA_3_1, "Today Date: 03 Feb 2026"),
     (LLAMA_3_2, "Today Date: 03 Feb 2026"), ("{{ strftime_now('%-d.%-m.%y %% %A') }}" + _TURNS, "3.2.26 % Tuesday")],
)  # fmt: skip
def test_one_date_is_written_whatever_the_day(text: str, written: str) -> None:
    dated = template(text, date="2026-02-03")
    assert dated.chat(TURNS).startswith(written)
    assert dated.described == {"date": "2026-02-03"}


def test_the_date_is_today_s_unless_the_template_has_one_of_its_own() -> None:
    today = dt.datetime.now().astimezone().date()
    assert template(GRANITE).described == {"date": today.isoformat()}
    assert f"{today:%B %d, %Y}" in template(GRANITE).chat(TURNS)
    assert "26 Jul 2024" in template(LLAMA_3_1).chat(TURNS)
    assert template(LLAMA_3_1).described == {}
    assert template(QWEN, date="2026-02-03").described == {}


def test_a_template_that_begins_with_a_new_line_keeps_it() -> None:
    dated = template("\n  {{ strftime_now('%Y') }}{{ messages[0].content }}", date="2026-02-03")
    assert dated.chat(TURNS) == "\n  2026Why?"


@pytest.mark.parametrize(
    ("text", "opens"),
    [(QWEN, True), (MISTRAL, True), (UNOPENED, False), (_TURNS, False), (tiny.CHAT_TEMPLATE, True), (R1, True)],
)
def test_a_turn_is_opened_by_a_mark_or_where_the_answer_follows(text: str, opens: bool) -> None:
    made = template(text)
    assert made.opens_turn is opens
    view = view_prompt(made, chat(made.chat(TURNS)))
    assert (
        any("does not open the assistant's turn (add_generation_prompt" in said for said in view.warnings) is not opens
    )


@pytest.mark.parametrize(
    ("text", "mark", "switch"),
    [(R1, "<think>", ""), (DEEPSEEK, "<think>", "thinking"), (QWEN, "", "enable_thinking"), (MISTRAL, "", "")],
)
def test_thoughts_that_a_template_opens_and_the_switch_that_closes_them(text: str, mark: str, switch: str) -> None:
    made = template(text)
    view = view_prompt(made, chat(made.chat(TURNS)))
    assert (view.opened_thoughts, view.switch) == (mark, switch)


@pytest.mark.parametrize(
    "text",
    [
        # Of a model for pictures: parts of a text are looked for in its letters.
        "{% for m in messages %}<|{{ m.role }}|>{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}"
        "{% endif %}{% endfor %}{% endfor %}<|assistant|>",
        "{% for m in messages %}{{ m.content[:3] }}{% endfor %}",
        "{{ messages[0].content }}",
        "a constant",
    ],
)
def test_a_template_that_leaves_out_what_is_asked_is_refused(text: str) -> None:
    turns = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Yes?"}, *TURNS]
    message = r"its chat template leaves out or changes what the user says: '(Hi.|Why\?)' is not in '.*--chat-template"
    for prefill in ("", "Answer:"):
        with pytest.raises(ValueError, match=message):
            template(text + "{{ messages[-1].content if messages[-1].role == 'assistant' }}").chat(
                turns, prefill=prefill
            )


def test_a_template_may_trim_what_is_asked() -> None:
    assert template("{{ messages[0].content | trim }}\n").chat([{"role": "user", "content": " Why?\n\nWho? \n"}])


def test_several_templates_without_a_default(tmp_path: Path) -> None:
    named = {"rag": R1, "tools": QWEN}
    with pytest.raises(
        ValueError, match=r"several chat templates and no default: choose one with --chat-template rag\|tools"
    ):
        template(named).chat(TURNS)
    assert template(named, chat_template="tools").chat(TURNS) == template(QWEN).chat(TURNS)
    assert template({**named, "default": MISTRAL}).chat(TURNS) == template(MISTRAL).chat(TURNS)
    (tmp_path / "mine.jinja").write_text(MISTRAL)
    mine = template(named, chat_template=str(tmp_path / "mine.jinja"))
    assert mine.chat(TURNS) == template(MISTRAL).chat(TURNS)
    assert set(mine.described) == {"chat_template"}
    with pytest.raises(
        FileNotFoundError,
        match=r"'rags' is neither a file nor a name; the tokenizer's are rag, tools; the nearest: 'rag'$",
    ):
        template(named, chat_template="rags")
    with pytest.raises(FileNotFoundError, match=r"'chat.jinja' is neither a file nor a name; the tokenizer names none"):
        template(QWEN, chat_template="chat.jinja")


def test_a_template_of_a_file_is_read_as_every_text(tmp_path: Path) -> None:
    file = tmp_path / "mine.jinja"
    text = QWEN + "\n{# the end #}\n"
    file.write_bytes(text.encode())
    plain = template(R1, chat_template=str(file))
    for end in ("\r\n", "\r"):
        file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
        copy = template(R1, chat_template=str(file))
        assert copy.chat(TURNS) == plain.chat(TURNS)
        assert copy.described == plain.described
    file.write_bytes(text.encode("utf-16"))
    with pytest.raises(ValueError, match=r"mine\.jinja: must be UTF-8, this is UTF-16; save it as UTF-8"):
        template(R1, chat_template=str(file))


def test_a_model_with_several_templates_answers_texts() -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = {"rag": R1, "tools": QWEN}
    model = LocalModel("tiny", "", tiny.network(), tokenizer)
    ((_, (written,)),) = model.generate(["Why?"], max_new_tokens=2)
    assert len(written.logprobs) == 2


@pytest.mark.parametrize(
    ("bos", "written", "expected"),
    [
        ("auto", Prompt, 1),
        ("auto", chat, 0),
        ("yes", Prompt, 1),
        ("yes", chat, 1),
        ("no", Prompt, 0),
        ("no", chat, 0),
    ],
)
def test_the_beginning_of_text_stands_as_often_as_it_should(
    bos: Any, written: Callable[[str], Prompt], expected: int
) -> None:
    model = LocalModel("tiny", "", tiny.network(), tiny.tokenizer(bos=True), "", ChatFormat(bos=bos))
    begin = model.tokenizer.bos_token_id
    options: dict[str, Any] = {"bos": bos, "window": None}
    (context,) = candidate_contexts(model.tokenizer, [written("Why?")], [" A"], **options)
    assert context.tokens.count(begin) == expected
    assert context.tokens[expected] != begin
    (twice,) = candidate_contexts(model.tokenizer, [chat("<s><s>Why?")], [" A"], **options)
    assert twice.tokens.count(begin) == {"auto": 2, "yes": 1, "no": 0}[bos]
    assert model.added_tokens(written("Why?"), " A") is not None
    (sequence,) = continuation_contexts(model.tokenizer, [written("Why?")], [[" A A"]], **options)
    assert sequence.tokens.count(begin) == expected


def test_a_beginning_of_text_that_is_missing_or_stands_twice_is_noted() -> None:
    plain = ChatTemplate.of(tiny.tokenizer(), "tiny", PLAIN_FORMAT)
    (missing,) = view_prompt(plain, Prompt("Why?")).notes
    assert missing.startswith("the tokenizer names a beginning-of-text token (<s>) and puts none in front")
    put = ChatTemplate.of(tiny.tokenizer(bos=True), "tiny", PLAIN_FORMAT)
    assert view_prompt(put, Prompt("Why?")).notes == ()
    (twice,) = view_prompt(put, Prompt("<s>Why?")).notes
    assert twice == "the prompts begin with 2 beginning-of-text tokens (<s>); --bos yes leaves one"
    assert view_prompt(put, Prompt("x" * 80)).end == "…" + repr("x" * 60)
