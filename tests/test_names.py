"""Public functions and classes have one meaning: no name is defined in two modules."""

from __future__ import annotations

import ast
from collections import defaultdict

from api.settings import ROOT

SOURCES = sorted(file for folder in ("api", "tools") for file in (ROOT / folder).rglob("*.py"))
MAX_LINES = 250


def test_no_public_function_or_class_is_defined_in_two_modules() -> None:
    modules: dict[str, list[str]] = defaultdict(list)
    for file in SOURCES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(str(file.relative_to(ROOT)))
    assert {name: places for name, places in modules.items() if len(places) > 1} == {}


def test_no_file_is_longer_than_250_lines() -> None:
    files = [
        *SOURCES,
        *(file for suffix in ("html", "xml") for file in (ROOT / "api" / "pages" / "templates").rglob(f"*.{suffix}")),
    ]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}
