"""Nesting and entities of documents, checked before a parser recurses or expands them.

The scans are linear, and skip strings, IRIs and comments as the parsers do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from alaqat.errors import InvalidData
from alaqat.rdf.formats import (
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    Format,
)

MAX_DEPTH = 1000
"""Levels of brackets, or of XML elements: some parsers take quadratic time for more."""

MAX_TERM_DEPTH = 100
"""Levels of triple terms, which parsers and stores read by recursion."""

MAX_EXPANSION = 1_000_000
"""Characters to which the entities of an XML document may expand in all."""

MAX_ENTITY_DEPTH = 4
"""Levels of entities within entities."""

# Unclosed strings and IRIs run to the end, as they do for the parser.
_TOKENS = re.compile(
    rb"#[^\r\n]*|\\.|<[^<>\x00-\x20]*+>"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?|'(?:[^'\\\n]|\\.)*+'?"
    rb"|(?P<opens><<|[\[(])|(?P<closes>>>|[\])])",
    re.DOTALL,
)
_JSON_TOKENS = re.compile(
    rb'"(?:[^"\\]|\\.)*+"?|(?P<opens>[\[{])|(?P<closes>[\]}])', re.DOTALL
)
_XML_TAGS = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    rb"""|<(?P<tag>/?)(?:[^<>"']|"[^"]*"|'[^']*')*+>""",
    re.DOTALL,
)
_ENTITY = re.compile(rb"""<!ENTITY\s+([^\s%"'<>&;]+)\s+("[^"]*+"|'[^']*+')\s*>""")
_ENTITY_KEYWORD = b"<!ENTITY"
_REFERENCE = re.compile(rb"&([^\s#&;<>]+);")
_PREDEFINED = frozenset((b"lt", b"gt", b"amp", b"apos", b"quot"))
_BRACKETS = frozenset((b"[", b"]", b"(", b")"))
_TERM_MARKS = frozenset((b"<<", b">>"))
_JSON_MARKS = frozenset((b"[", b"]", b"{", b"}"))

Step = tuple[int, int]
"""+1 or -1, and the offset where a level begins or ends."""


def check_nesting(content: bytes, form: Format) -> None:
    """Check that a document is not nested too deeply.

    Raises:
        InvalidData: it is.
    """
    if form == RDF_XML:
        _check_depth(content, _element_steps(content), MAX_DEPTH)
    elif form == JSON_LD:
        opening = content.count(b"[") + content.count(b"{")
        if opening > MAX_DEPTH:
            _check_depth(content, _steps(content, _JSON_TOKENS, _JSON_MARKS), MAX_DEPTH)
    else:
        check_triple_terms(content)
        opening = content.count(b"[") + content.count(b"(")
        if form not in (N_TRIPLES, N_QUADS) and opening > MAX_DEPTH:
            _check_depth(content, _steps(content, _TOKENS, _BRACKETS), MAX_DEPTH)


def check_triple_terms(content: bytes) -> None:
    """Check that triple terms are not nested too deeply.

    Raises:
        InvalidData: they are.
    """
    if content.count(b"<<") > MAX_TERM_DEPTH:
        _check_depth(content, _steps(content, _TOKENS, _TERM_MARKS), MAX_TERM_DEPTH)


def check_entities(content: bytes) -> None:
    """Check that the entities of an XML document are internal and expand to little.

    Raises:
        InvalidData: one is external, a parameter entity, or nested too deeply; or they
            expand to too much.
    """
    if _ENTITY_KEYWORD not in content:
        return
    found = {name: text[1:-1] for name, text in _ENTITY.findall(content)}
    if len(found) < content.count(_ENTITY_KEYWORD):
        raise InvalidData(
            "It declares an external entity, a parameter entity, or one twice.",
            remedy="Declare internal entities, each once: <!ENTITY name 'text'>.",
        )
    sizes: dict[bytes, int] = {}
    pending = dict(found)
    for _ in range(MAX_ENTITY_DEPTH):
        ready = {
            name: text
            for name, text in pending.items()
            if not any(inner in pending for inner in _REFERENCE.findall(text))
        }
        sizes |= {name: _expansion(text, sizes) for name, text in ready.items()}
        pending = {n: text for n, text in pending.items() if n not in ready}
    body = _ENTITY.sub(b"", content)
    total = sum(sizes.get(name, 0) for name in _REFERENCE.findall(body))
    if pending or max(total, *sizes.values()) > MAX_EXPANSION:
        raise InvalidData(
            f"Its entities expand to more than {MAX_EXPANSION:,} characters, or are "
            f"nested more than {MAX_ENTITY_DEPTH} levels deep.",
            remedy="Write their text out.",
        )


def _expansion(text: bytes, sizes: dict[bytes, int]) -> int:
    """Return the length of a text with its entities expanded."""
    inner = _REFERENCE.findall(text)
    return len(text) + sum(sizes.get(name, 0) for name in inner)


def _check_depth(content: bytes, steps: Iterable[Step], deepest: int) -> None:
    """Raise InvalidData where the depth exceeds a limit."""
    depth = 0
    for step, place in steps:
        depth += step
        if depth > deepest:
            raise InvalidData(
                f"It is nested more than {deepest} levels deep.",
                line=content.count(b"\n", 0, place) + 1,
                remedy="Nest it less.",
            )


def _steps(
    content: bytes, tokens: re.Pattern[bytes], marks: Collection[bytes]
) -> Iterator[Step]:
    """Yield the levels that some tokens begin and end."""
    for found in tokens.finditer(content):
        if found.lastgroup and found[0] in marks:
            yield 1 if found.lastgroup == "opens" else -1, found.start()


def _element_steps(content: bytes) -> Iterator[Step]:
    """Yield the levels that XML elements begin and end."""
    for found in _XML_TAGS.finditer(content):
        if found["tag"] == b"/":
            yield -1, found.start()
        elif found["tag"] is not None and not found[0].endswith(b"/>"):
            yield 1, found.start()
