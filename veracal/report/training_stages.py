"""Whether two models are a base model and a post-trained one, by their names."""

from __future__ import annotations

import re

_BASE = frozenset({"base", "foundation", "pretrain", "pretrained", "pretraining", "pt"})
_POST = frozenset(
    {"aligned", "alignment", "chat", "distilled", "dpo", "finetune", "finetuned", "grpo", "instruct", "instruction",
     "it", "kto", "lora", "orpo", "posttrained", "ppo", "reinforced", "rl", "rlhf", "rlvr", "sft", "tuned"}
)  # fmt: skip


def is_post_training(before: str, after: str) -> bool:
    """Whether two names are those of a base model and a post-trained one.

    That is so if the second alone has a word of post-training, and the first says that it is a base model, or has no
    word that the second lacks; and for an adapter on the first.

    Examples
    --------
    >>> is_post_training("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B-Instruct"), is_post_training("Pretrained", "After RL")
    (True, True)
    >>> is_post_training("gpt-4o", "claude-instruct"), is_post_training("before", "after")
    (False, False)
    """
    if after.startswith(f"{before}+"):
        return True
    first, last = _words(before), _words(after)
    return bool(last & _POST) and not first & _POST and (bool(first & _BASE) or (bool(first) and first <= last))


def _words(name: str) -> frozenset[str]:
    text = re.sub(r"(fine|post|pre)[-_ ](?=t)", r"\1", name.casefold())
    return frozenset(re.findall(r"[^\W_]+(?:\.[^\W_]+)*", text))
