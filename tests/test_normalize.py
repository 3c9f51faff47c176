"""Text normalization: folding, and the mapping of folded text to the original."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaqat.text.normalize import fold, fold_with_offsets

ROOT = Path(__file__).parents[1]
ARABIC = st.text(alphabet=[chr(code) for code in range(0x600, 0x700)] + ["\ufefb", " "])
TEXTS = st.one_of(st.text(), ARABIC)


# The pages' scripts are tested with the same cases, in web/src/text/fold.test.ts.
CASES = json.loads(
    (ROOT / "tests/data/shared/folding.json").read_text(encoding="utf-8")
)
IN_A_SCRIPT = """
import {{ fold }} from "{module}";
import {{ text }} from "node:stream/consumers";
const texts = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(texts.map(fold)));
"""


@pytest.mark.parametrize(
    ("written", "folded"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_text_is_folded(written: str, folded: str) -> None:
    """Letters, marks, case, digits and spaces."""
    assert fold(written) == folded


def test_scripts_fold_every_character_alike() -> None:
    """The server's search and the browser's scripts find the same."""
    # Of the Basic Multilingual Plane: beyond it, versions of Unicode still change.
    assigned = [
        chr(code)
        for code in range(0x10000)
        if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"}
    ]
    # Alone, within a word, and after one.
    texts = [form.format(one) for one in assigned for form in ("{}", "x{}ي", "A {}")]
    script = IN_A_SCRIPT.format(module=(ROOT / "web/src/text/fold.ts").as_uri())
    node = Path(sys.executable).with_name("node")
    done = subprocess.run(
        [node, "--input-type=module", "--eval", script],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = zip(texts, json.loads(done.stdout), strict=True)
    assert not {text: other for text, other in found if other != fold(text)}


@given(TEXTS)
def test_folding_is_idempotent(text: str) -> None:
    """A folded text folds to itself."""
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_every_folded_character_has_an_original_span(text: str) -> None:
    """A span of the folded text maps to an original span that folds to it."""
    found = fold_with_offsets(text)
    assert len(found.starts) == len(found.text) + 1
    for at in range(len(found.text)):
        start, end = found.original_span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert found.text[at] == " " or found.text[at] in fold(text[start:end])
    if found.text:
        start, end = found.original_span(0, len(found.text))
        assert fold(text[start:end]) == found.text


@given(TEXTS, TEXTS)
def test_words_fold_independently(first: str, second: str) -> None:
    """Texts joined by a space fold to their folded texts joined by a space."""
    assert fold(f"{first} {second}") == f"{fold(first)} {fold(second)}".strip()
