"""Folding forgets what people write in different ways, and where it came from not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaqat.text.normalize import fold, mapped

ARABIC = st.text(alphabet=[chr(code) for code in range(0x600, 0x700)] + ["\ufefb", " "])
TEXTS = st.one_of(st.text(), ARABIC)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("أذربيجان", "اذربيجان"),
        ("إيران", "ايران"),
        ("آسيا", "اسيا"),
        ("ٱلله", "الله"),
        ("سفارة", "سفاره"),
        ("مصطفى", "مصطفي"),
        ("مؤتمر", "موتمر"),
        ("هيئة", "هييه"),
        ("شيء", "شي"),
        ("كـــازاخستان", "كازاخستان"),
        ("مُعَاهَدَةٌ", "معاهده"),
        ("\ufefb", "لا"),
        ("کیش", "كيش"),
        ("٢٠١٠", "2010"),
        ("۲۰۱۰", "2010"),
        ("a\u200fb", "ab"),
        ("São Tomé", "sao tome"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ａｌａｑａｔ", "alaqat"),
        ("  two\u00a0 words\n", "two words"),
        ("", ""),
    ],
)
def test_a_text_is_folded(written: str, folded: str) -> None:
    """Letters, marks, case, digits and spaces."""
    assert fold(written) == folded


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    """What is folded stays as it is."""
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_every_character_knows_where_it_came_from(text: str) -> None:
    """A stretch of the folded text maps to a stretch that folds to it."""
    found = mapped(text)
    assert len(found.starts) == len(found.text) + 1
    for at in range(len(found.text)):
        start, end = found.original(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert found.text[at] == " " or found.text[at] in fold(text[start:end])
    if found.text:
        start, end = found.original(0, len(found.text))
        assert fold(text[start:end]) == found.text


@given(TEXTS, TEXTS)
def test_words_fold_by_themselves(first: str, second: str) -> None:
    """A space keeps two texts apart."""
    assert fold(f"{first} {second}") == f"{fold(first)} {fold(second)}".strip()
