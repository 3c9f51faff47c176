"""Documents: lines, sentences, markers, quote lookup, and reading files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaqat.errors import (
    InvalidData,
    QuoteAmbiguous,
    QuoteNotFound,
)
from alaqat.text.document import (
    MAX_BYTES,
    Document,
    read_document,
)
from alaqat.text.segments import (
    Marker,
    Sentence,
    Span,
)

FILE = Path(__file__).parents[1] / "data" / "kazakhstan" / "document.txt"
SHA256 = "0ed937b01f3827d1f168bf32cd0450b8f92b2d594e92fb738e73734608b900b9"

HEADINGS = [2, 4, 7, 9, 11, 13, 16, 18, 20, 22, 24, 25, 29, 31, 33, 34, 36, 38, 39]
HEADINGS += [41, 43, 45, 47, 49]

# By line: where its sentences begin and end.
SENTENCES = {
    1: "0-125 126-317 318-512 513-619 620-736 737-814 815-908",
    3: "936-1108 1109-1227 1228-1330 1331-1409",
    5: "1431-1678 1679-1752",
    6: "1753-1882 1883-1977 1978-2097 2098-2222 2223-2370",
    8: "2389-2523",
    10: "2532-2587 2588-2672",
    12: "2682-2729 2730-2759 2760-2846 2847-2995 2996-3064",
    14: "3071-3196 3197-3307 3308-3408 3409-3486 3487-3632",
    15: "3633-3746",
    17: "3764-3922 3923-4041 4042-4150 4151-4382 4383-4748",
    19: "4760-4880 4881-5067",
    21: "5078-5184",
    23: "5191-5302 5303-5364",
    26: "5387-5439",
    27: "5442-5494",
    28: "5495-5555 5556-5595 5596-5681",
    30: "5699-5793 5794-5847 5848-5921 5922-6002",
    32: "6056-6094",
    35: "6114-6300",
    37: "6309-6619",
    40: "6651-6802",
    42: "6819-7055 7056-7172",
    44: "7191-7336 7337-7523",
    46: "7539-7679 7680-7769 7770-7899",
    48: "7911-8043",
    50: "8052-8183",
    51: "8186-8271",
    52: "8274-8359",
    53: "8362-8546",
    54: "8549-8682",
    55: "8685-8859",
    56: "8862-9004",
    57: "9007-9089",
    58: "9092-9212",
    59: "9215-9341",
    60: "9344-9482",
    61: "9485-9598",
    62: "9601-9716",
    63: "9719-9786",
    64: "9789-9998",
}
ITEMS = {26, 27, *range(50, 65)}

MARKERS = [2365, 2488, 2513, 2519, 3622, 3628, 4224, 4271, 4744, 5062, 5676, 7050, 7331]
MARKERS += [7518, 7674]

# Letters of several scripts, marks, spaces that are no line ends, punctuation.
CHARACTERS = st.one_of(
    st.sampled_from(list(" \n\u2028\u0085\t.؟!…،\"'«»()[]-·0123")),
    st.sampled_from(list("اليكةىًُّـabcҚқ𐤀🇰🇿\u200f\u061c\u0301")),
    st.characters(codec="utf-8", exclude_characters="\r\0"),
)
TEXTS = st.one_of(
    st.text(CHARACTERS),
    st.lists(
        st.sampled_from(["كلمة", "- ", "[1]", ". ", "\n", '"', "(", ")", " · ", "1.5"])
    ).map("".join),
)


@pytest.fixture(scope="module")
def document() -> Document:
    """Return the text about Kazakhstan, with its headings."""
    return read_document(FILE, "kazakhstan", HEADINGS)


def words(document: Document) -> list[str]:
    """Return the sentences and items as text."""
    return [document.slice(sentence.span) for sentence in document.sentences]


def test_document_is_the_published_one(document: Document) -> None:
    """The text has the hash, code points and lines that all offsets rely on."""
    assert document.sha256 == SHA256
    assert (len(document.text), len(document.lines)) == (9998, 64)


def test_every_sentence_has_the_known_span(document: Document) -> None:
    """Number, line, offsets and kind of each sentence are those noted by hand."""
    spans = [
        (line, *(int(offset) for offset in span.split("-")))
        for line, row in SENTENCES.items()
        for span in row.split()
    ]
    assert document.sentences == tuple(
        Sentence(n, Span(start, end), line, "item" if line in ITEMS else "sentence")
        for n, (line, start, end) in enumerate(spans, 1)
    )


def test_headings_are_not_sentences(document: Document) -> None:
    """Lines that a description names as headings are numbered separately."""
    assert [heading.line for heading in document.headings] == HEADINGS
    assert document.headings[3] == Sentence(4, Span(2524, 2531), 9, "heading")
    assert document.sentence_at(2524) is None


def test_every_marker_has_the_known_offset(document: Document) -> None:
    """The fifteen footnote markers are numbered in order."""
    assert document.markers == tuple(
        Marker(n, Span(start, start + len(f"[{n}]")))
        for n, start in enumerate(MARKERS, 1)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("أولى. ثانية؟ ثالثة! رابعة… خامسة", 5),
        ("هذه المنظمة . أصبحت", 2),
        ("بقيمة 1.92 € و 4,4.", 1),
        ("جملة[3] · [4]. أخرى.[5] · [6] ثالثة. [7]", 3),
        ('قال: "لا. نعم." ثم', 2),
        ("قال «لا. نعم» ثم سكت.", 1),
        ("عقدت (في آستانا. ثم ألماتي) القمة.", 1),
        ('وحدة القياس " هنا. ثم تلت.', 2),
        ("No U.S. Base in Kazakhstan. J. Abizaid said.", 2),
        ("Қазақстан. Ресей.", 2),
        ("Wait... What?! Yes", 3),
        ("سطر\nسطر", 2),
        ("سطر\u2028سطر", 1),
        ("- بند. وفيه جملتان.", 1),
        ("-لا بند. بل جملتان.", 2),
        ("- ", 1),
        ("* بند. له تتمة.\n• بند. له تتمة.", 2),
        ("", 0),
        (" \n\t\u00a0", 0),
    ],
)
def test_sentences_end_as_a_reader_expects(text: str, expected: int) -> None:
    """Marks end a sentence before a space, but not in numbers, quotes or initials."""
    assert len(Document("x", text).sentences) == expected


def test_an_item_is_one_unit_without_its_bullet() -> None:
    """The dash that opens an item is layout, not part of its text."""
    document = Document("x", "قبل:\n- بند. وفيه جملتان.\n  - آخر ")
    assert words(document) == ["قبل:", "بند. وفيه جملتان.", "آخر"]
    kinds = [sentence.kind for sentence in document.sentences]
    assert kinds == ["sentence", "item", "item"]


@given(TEXTS, st.frozensets(st.integers(1, 5)))
def test_units_partition_the_text(text: str, headings: frozenset[int]) -> None:
    """Each character except spaces and bullets lies in exactly one trimmed unit."""
    document = Document("x", text, headings)
    units = sorted(
        (*document.headings, *document.sentences), key=lambda unit: unit.span
    )
    rest, end = "", 0
    for unit in units:
        slice_ = document.slice(unit.span)
        assert slice_ == slice_.strip() != ""
        assert "\n" not in slice_
        assert document.line_of(unit.span.start) == unit.line
        assert end <= unit.span.start
        rest, end = rest + text[end : unit.span.start], unit.span.end
    items = sum(unit.kind == "item" for unit in units)
    left = "".join((rest + text[end:]).split())
    assert len(left) == items
    assert set(left) <= set("-*•")


@given(TEXTS)
def test_offsets_find_their_sentence_and_line(text: str) -> None:
    """Every offset in a sentence leads back to it; line numbers never decrease."""
    document = Document("x", text)
    lines = [document.line_of(offset) for offset in range(len(text) + 1)]
    assert lines == sorted(lines)
    assert [1 + text.count("\n", 0, offset) for offset in range(len(text) + 1)] == lines
    inside = [document.sentence_at(offset) for offset in range(len(text))]
    for offset, found in enumerate(inside):
        holding = [s for s in document.sentences if s.span.start <= offset < s.span.end]
        assert holding == ([found] if found else [])


@given(TEXTS, st.data())
def test_a_slice_is_found_again_by_its_context(text: str, data: st.DataObject) -> None:
    """All the text before and after a slice makes it unambiguous."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    document, span = Document("x", text), Span(start, end)
    exact = document.slice(span)
    if exact.strip():
        assert document.find(exact, text[:start], text[end:]) == span


@given(TEXTS, st.data())
def test_a_slice_without_context_is_found_or_ambiguous(
    text: str, data: st.DataObject
) -> None:
    """It is never found in the wrong place."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    document, exact = Document("x", text), text[start:end]
    places = [at for at in range(len(text)) if text.startswith(exact, at)]
    if exact.strip() and len(places) == 1:
        assert document.find(exact) == Span(start, end)
    elif exact.strip():
        with pytest.raises(QuoteAmbiguous):
            document.find(exact)


@given(TEXTS, TEXTS)
def test_missing_words_are_a_quote_error(text: str, exact: str) -> None:
    """For any text and words, the error has a remedy."""
    document = Document("x", text)
    if exact in text and exact.strip():
        return
    with pytest.raises(QuoteNotFound) as caught:
        document.find(exact)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("exact", "start", "end"),
    [
        ("بدأت العلاقات الدبلوماسية بين البلدين في 27 أغسطس 1992", 2532, 2586),
        ("ومنذ عام 1992، وأرمينيا لديها سفارة في ألماتي", 2588, 2633),
        ("ولدى كازاخستان كذلك سفارة في باكو منذ 16 ديسمبر 1994", 2760, 2812),
        ("والتي ترأستها في عام 2010", 383, 408),
        ("والكونغو", 6463, 6471),
    ],
)
def test_quotes_are_found_at_known_offsets(
    document: Document, exact: str, start: int, end: int
) -> None:
    """The offsets were determined independently."""
    assert document.find(exact) == Span(start, end)


def test_context_resolves_ambiguous_words(document: Document) -> None:
    """The state Mali is found among the words that contain its letters."""
    span = document.find("مالي", "غامبيا و", " وبوركينا")
    assert (span, document.line_of(span.start)) == (Span(6317, 6321), 37)


def test_ambiguous_words_are_listed_with_their_lines(document: Document) -> None:
    """Each occurrence is shown; the remedy is a prefix or suffix."""
    with pytest.raises(QuoteAmbiguous) as caught:
        document.find("مالي")
    message = str(caught.value)
    assert "occurs 5 times" in message
    assert all(f"line {line}:" in message for line in (1, 3, 12, 37, 42))
    assert "oa:prefix" in message


@pytest.mark.parametrize(
    ("exact", "line", "expected"),
    [
        (
            "بدأت العلاقات الدبلوماسية بين البلدين فى 27 أغسطس 1992",
            10,
            "the text has “ي” (ARABIC LETTER YEH), "
            "the quote “ى” (ARABIC LETTER ALEF MAKSURA)",
        ),
        ("علاقات دبلوماسية مع 130", 8, "“ٍ” (ARABIC KASRATAN), the quote nothing"),
        ("سفـارة في كييف", 26, "nothing, the quote “ـ” (ARABIC TATWEEL)"),
        (
            "ومنذ عام 1992, وأرمينيا",
            10,
            "“،” (ARABIC COMMA), the quote “,” (COMMA)",
        ),
        ("سفارة  في كييف", 26, "nothing, the quote “ ” (SPACE)"),
        ("في باكو منذ 16 ديسمبر 1995", 12, "“4” (DIGIT FOUR), the quote “5”"),
        ("قزاخستان هي واحدة من الأعضاء", 5, "“ق” (ARABIC LETTER QAF)"),
        ("خمسة شنغهاي", 5, "“ا” (ARABIC LETTER ALEF), the quote nothing"),
        ("كلمات ليست فيه أبدا", None, "Nothing in it is similar."),
    ],
)
def test_the_error_for_missing_words_shows_the_nearest_and_the_differences(
    document: Document, exact: str, line: int | None, expected: str
) -> None:
    """A wrong letter, mark, space or comma is named with its line."""
    with pytest.raises(QuoteNotFound) as caught:
        document.find(exact)
    assert expected in str(caught.value)
    assert line is None or f"line {line}:" in str(caught.value)


def test_the_error_for_wrong_context_shows_where_the_words_are(
    document: Document,
) -> None:
    """Words that occur, but not in that context, are shown in theirs."""
    with pytest.raises(QuoteNotFound, match=r"does not occur between(.|\n)*line 26:"):
        document.find("سفارة في كييف", "لدى أوكرانيا ")


@pytest.mark.parametrize("exact", ["", "  ", "\n"])
def test_an_empty_quote_is_refused(document: Document, exact: str) -> None:
    """White space is not evidence."""
    with pytest.raises(QuoteNotFound, match="empty"):
        document.find(exact)


@pytest.mark.parametrize(
    "exact",
    [
        "بدأت العلاقات الدبلوماسية بين البلدين فى 28 أغسطس 1992",
        "كلمات ليست فيه أبدا",
        "ا" * 5000,
    ],
)
def test_the_nearest_is_found_in_seconds_in_the_largest_document(
    document: Document, exact: str
) -> None:
    """A typing error costs little even at the limit of size."""
    large = Document("x", document.text * 499)
    began = time.process_time()
    with pytest.raises(QuoteNotFound):
        large.find(exact)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("part", ["(", "«", '"', ".", ". ", "[1] · ", "- ", "\u0640"])
def test_segmenting_is_linear(part: str) -> None:
    """No repetition of a mark makes segmentation slow."""
    began = time.process_time()
    assert Document("x", "ا" + part * 100_000).sentences
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("exact", "numbers"),
    [
        ("وفلسطين", [2]),
        ("ومع الاتحاد الأوروبي", [3, 4]),
        ("130 كيانا سياديا", []),
        ("وفلسطين[2]) ومع الاتحاد الأوروبي[3", [2, 3, 4]),
        ("توليد الطاقة النووية", [1]),
        ("إقامة أي قواعد جوية أمريكية في كازاخستان", [5, 6]),
        ("ثم انسحبت في 2008", [7]),
        ("الدعم من الولايات المتحدة", [9]),
        ("لدى أذربيجان سفارة في أستانا", []),
        ("واليابان[12]", [12]),
        ("Silk Road Studies Program", []),
    ],
)
def test_markers_close_the_clause_before_them(
    document: Document, exact: str, numbers: list[int]
) -> None:
    """Markers within the words, or after them before the next letter or digit."""
    found = document.markers_closing(document.find(exact))
    assert [marker.number for marker in found] == numbers


def test_markers_of_the_next_line_close_nothing() -> None:
    """A marker closes a clause on its own line only."""
    document = Document("x", "كلمة\n[1] أخرى")
    assert document.markers_closing(Span(0, 4)) == ()


@pytest.mark.parametrize(
    ("raw", "message", "line"),
    [
        (b"", "is empty", None),
        (b" \n\t\n", "is empty", None),
        (b"\xef\xbb\xbfabc", "byte order mark", 1),
        (b"a\nb\r\nc", "carriage return (byte 0x0d at offset 3)", 2),
        (b"a\n\nb\0", "NUL character (byte 0x00 at offset 4)", 3),
        (b"a\nb\xe9", "is not UTF-8 (byte 0xe9 at offset 3)", 2),
        ("نص".encode("cp1256"), "is not UTF-8 (byte 0xe4 at offset 0)", 1),
        ("نص".encode("utf-16"), "is not UTF-8 (byte 0xff at offset 0)", 1),
        (b"\xed\xa0\x80", "is not UTF-8", 1),
        (b"a" * (MAX_BYTES + 1), "more than 5,000,000 bytes", None),
        (b"a" * 10_000_000, "more than 5,000,000 bytes", None),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else None,
)
def test_an_invalid_file_is_refused(
    tmp_path: Path, raw: bytes, message: str, line: int | None
) -> None:
    """The error names the problem, the file, the line and a remedy."""
    path = tmp_path / "document.txt"
    path.write_bytes(raw)
    with pytest.raises(InvalidData) as caught:
        read_document(path, "x")
    assert message in caught.value.message
    assert (caught.value.path, caught.value.line) == (path, line)
    assert caught.value.remedy


@pytest.mark.parametrize("name", [".", "missing.txt"])
def test_an_unreadable_file_is_an_error(tmp_path: Path, name: str) -> None:
    """A folder or a missing file is invalid data, not a crash."""
    with pytest.raises(InvalidData, match="cannot be read"):
        read_document(tmp_path / name, "x")


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """A file of exactly the limit is accepted, final line feed included."""
    path = tmp_path / "document.txt"
    path.write_bytes(b"a" * (MAX_BYTES - 1) + b"\n")
    assert len(read_document(path, "x").text) == MAX_BYTES
