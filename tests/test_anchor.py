"""Anchoring: quotes become claims on their exact words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import PROV, RDF, BNode, Graph, Literal, URIRef

from alaqat.errors import (
    InvalidData,
    QuoteAmbiguous,
    QuoteNotFound,
)
from alaqat.terms import (
    AL,
    CITO,
    DOC,
    EDTF,
    OA,
)
from alaqat.text.anchor import CONTEXT_LENGTH, QuoteAnchor
from alaqat.text.document import Document

TEXT = (
    "مقدمة\n"
    "لأرمينيا سفارة في ألماتي منذ عام 1992[1]. ولكازاخستان سفارة في يريفان.\n"
    "- لروسيا سفارة في أستانا[2] · [3]\n"
)
FACT = URIRef("https://w3id.org/alaqat/id/fact/text/embassy")
NOTE = URIRef("https://w3id.org/alaqat/id/note/text/doubt")
SECTION = DOC["text/section/lead"]


def where(iri: str, words: str) -> tuple[Path, int]:
    """Place every fact in line 7."""
    assert iri
    assert isinstance(words, str)
    return Path("facts.ttl"), 7


def anchor(text: str = TEXT) -> QuoteAnchor:
    """Return an anchor on a text of a single section."""
    layout = Graph()
    layout.add((SECTION, RDF.type, AL.Section))
    layout.add((SECTION, AL.start, Literal(0)))
    layout.add((SECTION, AL.end, Literal(len(text))))
    return QuoteAnchor(Document("text", text), layout, where)


def quoting(*quotes: str, **more: str) -> Graph:
    """Return a fact with quotes, and with one as a node if more is given."""
    graph = Graph()
    for quote in quotes:
        graph.add((FACT, AL.quote, Literal(quote, lang="ar")))
    if more:
        node = BNode()
        graph.add((FACT, AL.quote, node))
        for name, value in more.items():
            graph.add((node, OA[name], Literal(value)))
    return graph


def only_claim(graph: Graph) -> URIRef:
    """Return the only claim of a graph."""
    (claim,) = graph.subjects(RDF.type, AL.Claim)
    assert isinstance(claim, URIRef)
    return claim


def test_a_claim_has_its_words_offsets_and_context() -> None:
    """Position and quote selectors agree with the text, code point by code point."""
    words = "سفارة في ألماتي"
    anchored = anchor().anchor_facts(quoting(words))
    claim, start = only_claim(anchored), TEXT.index(words)
    position, quote = URIRef(f"{claim}#position"), URIRef(f"{claim}#quote")
    assert anchored.value(position, OA.start).toPython() == start
    assert anchored.value(position, OA.end).toPython() == start + len(words)
    assert anchored.value(quote, OA.exact) == Literal(words)
    assert (
        str(anchored.value(quote, OA.prefix))
        == TEXT[start - 15 : start][-CONTEXT_LENGTH:]
    )
    assert anchored.value(claim, OA.hasBody) == FACT
    assert anchored.value(claim, PROV.wasQuotedFrom) == DOC.text


def test_a_claim_has_its_sentence_its_section_and_its_footnotes() -> None:
    """The footnote that closes the clause is cited; the next sentence's is not."""
    claim_graph = anchor().anchor_facts(quoting("سفارة في ألماتي منذ عام 1992"))
    claim = only_claim(claim_graph)
    assert claim_graph.value(claim, AL.inSection) == SECTION
    assert claim_graph.value(claim, AL.inSentence) is not None
    cited = set(claim_graph.objects(claim, CITO.citesAsEvidence))
    assert cited == {DOC["text/reference/1"]}


def test_adjacent_footnotes_are_all_cited() -> None:
    """Two markers joined by a dot close the same words."""
    anchored = anchor().anchor_facts(quoting("لروسيا سفارة في أستانا"))
    cited = set(anchored.objects(only_claim(anchored), CITO.citesAsEvidence))
    assert cited == {DOC["text/reference/2"], DOC["text/reference/3"]}


def test_no_quote_or_blank_node_remains() -> None:
    """Neither reaches the dataset."""
    anchored = anchor().anchor_facts(quoting(exact="سفارة في", suffix=" يريفان"))
    assert not list(anchored.triples((None, AL.quote, None)))
    assert not any(isinstance(term, BNode) for triple in anchored for term in triple)


def test_context_resolves_an_ambiguous_quote() -> None:
    """Words that occur three times are found by what follows them."""
    anchored = anchor().anchor_facts(quoting(exact="سفارة في", suffix=" يريفان"))
    position = URIRef(f"{only_claim(anchored)}#position")
    assert anchored.value(position, OA.start).toPython() == TEXT.index(
        "سفارة في يريفان"
    )


@pytest.mark.parametrize(
    ("quote", "error"),
    [
        ("سفارة في باكو", QuoteNotFound),
        ("سفارة في", QuoteAmbiguous),
        ("1992[1]. ولكازاخستان", InvalidData),
        ("", InvalidData),
    ],
)
def test_a_wrong_quote_is_an_error_with_file_and_line(
    quote: str, error: type[InvalidData]
) -> None:
    """Missing, ambiguous, longer than a sentence, empty: each error has a place."""
    with pytest.raises(error) as caught:
        anchor().anchor_facts(quoting(quote))
    assert str(caught.value).startswith("facts.ttl:7: ")
    assert caught.value.remedy


def test_all_wrong_quotes_are_reported_at_once() -> None:
    """A curator can correct them in one round."""
    with pytest.raises(InvalidData) as caught:
        anchor().anchor_facts(quoting("سفارة في باكو", "سفارة في"))
    assert str(caught.value).count("facts.ttl:7: ") == 2


def test_the_same_words_twice_for_one_fact_are_an_error() -> None:
    """A literal and a node that quote the same span would be one claim."""
    with pytest.raises(InvalidData, match="given twice"):
        anchor().anchor_facts(quoting("سفارة في ألماتي", exact="سفارة في ألماتي"))


def test_a_claim_carries_the_date_that_it_states() -> None:
    """The fact's date goes to its only claim, or to the one that states it."""
    alone = quoting("لأرمينيا سفارة")
    alone.add((FACT, AL.edtf, Literal("1992/", datatype=EDTF.EDTF)))
    anchored = anchor().anchor_facts(alone)
    assert str(anchored.value(only_claim(anchored), AL.edtf)) == "1992/"
    two = alone + quoting("سفارة في ألماتي")
    claims = anchor().anchor_facts(two)
    assert all(
        (claim, AL.edtf, None) not in claims for claim in claims.subjects(OA.hasBody)
    )


def test_claims_have_the_same_iris_in_every_build() -> None:
    """The IRI depends on the fact and the span alone."""
    quote = quoting("سفارة في ألماتي")
    assert set(anchor().anchor_facts(quote)) == set(anchor().anchor_facts(quote))


def test_a_note_doubts_the_claims_that_overlap_its_words() -> None:
    """Of a fact's two claims, only the one whose words are doubted is linked."""
    facts = anchor().anchor_facts(quoting("سفارة في ألماتي", "سفارة في يريفان"))
    notes = Graph().add((NOTE, AL.about, FACT))
    notes.add((NOTE, AL.quote, Literal("يريفان", lang="ar")))
    about = set(anchor().anchor_notes(notes, facts).objects(NOTE, AL.about))
    (claim,) = about - {FACT}
    quoted = facts.value(URIRef(f"{claim}#quote"), OA.exact)
    assert str(quoted) == "سفارة في يريفان"


def test_a_note_without_words_doubts_all_claims_of_its_fact() -> None:
    """Nothing distinguishes between them."""
    facts = anchor().anchor_facts(quoting("سفارة في ألماتي", "سفارة في يريفان"))
    notes = Graph().add((NOTE, AL.about, FACT))
    about = set(anchor().anchor_notes(notes, facts).objects(NOTE, AL.about))
    assert about == {FACT, *facts.subjects(OA.hasBody, FACT)}


words = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters=".؟!…[]"
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(words, min_size=1, max_size=8), st.data())
def test_any_words_are_found_at_their_span(
    parts: list[str], data: st.DataObject
) -> None:
    """In any script, the anchored words are the quoted ones, at their offset."""
    text = "".join(f"{number}{part} " for number, part in enumerate(parts, 10)).strip()
    number = data.draw(st.integers(0, len(parts) - 1))
    quote = f"{number + 10}{parts[number]}"
    if text.count(quote) != 1:
        return
    anchored = anchor(text).anchor_facts(quoting(quote))
    position = URIRef(f"{only_claim(anchored)}#position")
    start = anchored.value(position, OA.start).toPython()
    end = anchored.value(position, OA.end).toPython()
    assert text[start:end] == quote


def test_a_quote_of_a_blank_node_is_refused() -> None:
    """A claim needs a fact that can be named."""
    graph = Graph()
    graph.add((BNode(), AL.quote, Literal("سفارة", lang="ar")))
    with pytest.raises(InvalidData, match="belongs to a blank node") as caught:
        anchor().anchor_facts(graph)
    assert caught.value.remedy == "Give the fact an IRI."
