"""The words of the code: names carry a noun, docstrings begin with a short line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("calibration", "factuality", "plots", "veracal")
BANNED = frozenset({"found", "place", "there", "told", "said", "one", "each"})
LONGEST = 14
LINES = 3


def modules() -> list[str]:
    """Modules of the packages, by path."""
    return sorted(str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def short_loops(tree: ast.Module) -> Iterator[ast.expr]:
    """Variables of loops and comprehensions of up to three lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            targets = [node.target]
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            targets = [generator.target for generator in node.generators]
        else:
            continue
        if (node.end_lineno or node.lineno) - node.lineno < LINES:
            yield from targets


def faults(module: str) -> list[str]:
    """Banned names that are assigned or parameters, and long first lines of docstrings."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    free = {id(name) for target in short_loops(tree) for name in ast.walk(target)}
    lines = []
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in free:
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.MatchAs | ast.MatchStar):
            name = node.name or ""
        if name in BANNED:
            lines.append(f"{module}:{getattr(node, 'lineno', 1)}: the name {name} says nothing")
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if len(first.split()) > LONGEST:
                lines.append(f"{module}:{node.body[0].lineno}: more than {LONGEST} words: {first}")
    return lines


def test_names_carry_a_noun_and_first_lines_are_short() -> None:
    assert [line for module in modules() for line in faults(module)] == []
