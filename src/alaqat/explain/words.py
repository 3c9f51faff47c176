"""Terms, triples, rules and axioms in words, in Arabic and English."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal

from alaqat.i18n import FSI, LANGUAGES, PDI, isolated
from alaqat.reason.compiler import read_list
from alaqat.terms import ONTOLOGY_GRAPH, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rdflib import URIRef
    from rdflib.term import Node

    from alaqat.reason.rules import Rule, Triple

# What each rule's axiom says. {s} and {o} are the subject and object of its first
# triple, {on} the property it is on, {chain} the properties of its body in order.
_AXIOMS: dict[str, dict[str, str]] = {
    "prp-dom": {
        "en": "whatever has “{s}” is of the class “{o}”",
        "ar": "كل ما له «{s}» فهو من صنف «{o}»",
    },
    "prp-rng": {
        "en": "whatever “{s}” leads to is of the class “{o}”",
        "ar": "كل ما تصل إليه «{s}» فهو من صنف «{o}»",
    },
    "prp-fp": {
        "en": "“{s}” leads to one thing at most",
        "ar": "«{s}» لا تصل إلا إلى شيء واحد",
    },
    "prp-ifp": {
        "en": "“{s}” comes from one thing at most",
        "ar": "«{s}» لا تأتي إلا من شيء واحد",
    },
    "prp-symp": {
        "en": "“{s}” holds in both directions",
        "ar": "«{s}» تصح في الاتجاهين",
    },
    "prp-trp": {
        "en": "“{s}” passes on from one to the next",
        "ar": "«{s}» متعدية من واحد إلى ما يليه",
    },
    "prp-spo1": {
        "en": "where “{s}” holds, so does “{o}”",
        "ar": "«{o}» تصح حيث تصح «{s}»",
    },
    "prp-spo2": {
        "en": "{chain} together make “{s}”",
        "ar": "«{s}» تلزم عن {chain}",
    },
    "prp-eqp": {
        "en": "“{s}” and “{o}” say the same",
        "ar": "«{s}» و«{o}» بمعنى واحد",
    },
    "prp-inv": {
        "en": "“{s}” and “{o}” say the same from either end",
        "ar": "«{s}» و«{o}» متعاكستان",
    },
    "prp-key": {
        "en": "things of the class “{s}” that agree in {chain} are one and the same",
        "ar": "ما اتفق من صنف «{s}» في {chain} فهو شيء واحد",
    },
    "cls-int": {
        "en": "“{s}” is what is of all these classes: {members}",
        "ar": "«{s}» ما كان من هذه الأصناف كلها: {members}",
    },
    "cls-uni": {
        "en": "“{s}” is what is of any of these classes: {members}",
        "ar": "«{s}» ما كان من أحد هذه الأصناف: {members}",
    },
    "cls-oo": {
        "en": "“{s}” is made up of: {members}",
        "ar": "«{s}» مؤلف من: {members}",
    },
    "cls-svf": {
        "en": "what has “{on}” to something of the class “{o}” is of the class “{s}”",
        "ar": "ما كان له «{on}» إلى شيء من صنف «{o}» فهو من صنف «{s}»",
    },
    "cls-avf": {
        "en": "for what is “{s}”, “{on}” leads only to the class “{o}”",
        "ar": "«{on}» لا تصل مما هو «{s}» إلا إلى صنف «{o}»",
    },
    "cls-hv": {
        "en": "“{s}” is what has “{on}” to “{o}”",
        "ar": "«{s}» ما كان له «{on}» إلى «{o}»",
    },
    "cls-max": {
        "en": "for what is “{s}”, “{on}” leads to one thing at most",
        "ar": "«{on}» لا تصل مما هو «{s}» إلا إلى شيء واحد",
    },
    "cax-sco": {"en": "every “{s}” is a “{o}”", "ar": "كل «{s}» فهو «{o}»"},
    "cax-eqc": {
        "en": "“{s}” and “{o}” are the same class",
        "ar": "«{s}» و«{o}» صنف واحد",
    },
    "eq-": {
        "en": "what is true of a thing is true of it under its other names",
        "ar": "ما صح في الشيء صح فيه بأسمائه الأخرى",
    },
    "scm-": {
        "en": "what the axioms say together",
        "ar": "ما تقوله البديهيات مجتمعة",
    },
}
_UNKNOWN = {"en": "the rule {rule}", "ar": "القاعدة {rule}"}

# How a class without a name is told: by the property that makes it what it is.
_NAMELESS: dict[Node, dict[str, str]] = {
    OWL.allValuesFrom: {
        "en": "that whose “{on}” is always “{o}”",
        "ar": "ما لا تكون «{on}» له إلا «{o}»",
    },
    OWL.someValuesFrom: {
        "en": "that which has “{on}” to some “{o}”",
        "ar": "ما له «{on}» إلى «{o}» ما",
    },
    OWL.hasValue: {
        "en": "that which has “{on}” to “{o}”",
        "ar": "ما له «{on}» إلى «{o}»",
    },
    OWL.unionOf: {"en": "any of {members}", "ar": "أيٌّ من {members}"},
    OWL.intersectionOf: {"en": "all of {members}", "ar": "كلٌّ من {members}"},
}
_IS = {"en": "is of the class", "ar": "من صنف"}
_QUOTES = {"en": "“{}”", "ar": "«{}»"}
_THEN = {"en": " and then ", "ar": " ثم "}  # one property leads on to the next
_AND = {"en": " and ", "ar": " و"}
_OF = {"en": ", ", "ar": "، "}


class Words:
    """Tells terms and rules in one language.

    Args:
        graphs: all named graphs; their labels are used.
        language: ``ar`` or ``en``; a term without a label in it keeps its short IRI.
        bare: for programs, without the marks that keep directions apart.
    """

    def __init__(
        self, graphs: Mapping[URIRef, Graph], language: str, *, bare: bool = False
    ) -> None:
        self.language, self._bare = language, bare
        self._ontology = graphs.get(ONTOLOGY_GRAPH, Graph())
        self._labels: dict[Node, str] = {}
        for graph in graphs.values():
            for label in (SKOS.prefLabel, RDFS.label):
                for node, text in graph.subject_objects(label):
                    if isinstance(text, Literal) and text.language == language:
                        self._labels.setdefault(node, str(text))
        self.term = cache(self._term)

    @classmethod
    def both(cls, graphs: Mapping[URIRef, Graph]) -> dict[str, Words]:
        """The words of every language, for programs."""
        return {code: cls(graphs, code, bare=True) for code in LANGUAGES}

    def apart(self, text: str) -> str:
        """A text kept apart from neighbours that may run the other way."""
        if self._bare:
            return text
        return isolated(text) if self.language == "en" else f"{FSI}{text}{PDI}"

    def triple(self, triple: Triple) -> str:
        """A triple as three names in a row, each kept apart from its neighbours."""
        subject, predicate, value = triple
        verb = _IS[self.language] if predicate == RDF.type else self.term(predicate)
        return " — ".join(map(self.apart, (self.term(subject), verb, self.term(value))))

    def axiom(self, rule: Rule) -> str:
        """What the axiom of a rule says."""
        form = next(
            (_AXIOMS[key] for key in _AXIOMS if rule.name.startswith(key)), None
        )
        blank = (RDF.nil, RDF.nil, RDF.nil)
        subject, _, value = rule.axiom[0] if rule.axiom else blank
        on = (o for _, p, o in rule.axiom if p == OWL.onProperty)
        body = (predicate for _, predicate, _ in rule.body if predicate != RDF.type)
        return (form or _UNKNOWN)[self.language].format(
            s=self.apart(self.term(subject)),
            o=self.apart(self.term(value)),
            on=self.apart(self.term(next(on, RDF.nil))),
            chain=self._each(
                dict.fromkeys(body), _THEN if rule.name == "prp-spo2" else _AND
            ),
            members=self._each(self._members(value), _OF),
            rule=rule.name,
        )

    def _each(self, terms: Iterable[Node], between: Mapping[str, str]) -> str:
        quote = _QUOTES[self.language]
        return between[self.language].join(
            quote.format(self.apart(self.term(term))) for term in terms
        )

    def _members(self, head: Node) -> Iterable[Node]:
        return read_list(self._ontology, head)[1]

    def _term(self, node: Node) -> str:
        if node in self._labels:
            return self._labels[node]
        if isinstance(node, BNode):
            return self._nameless(node)
        return str(node) if isinstance(node, Literal) else short(str(node))

    def _nameless(self, node: BNode) -> str:
        """A class without a name, by what makes it what it is."""
        for makes, form in _NAMELESS.items():
            value = self._ontology.value(node, makes)
            if value is not None:
                on = self._ontology.value(node, OWL.onProperty) or RDF.nil
                members = self._members(value)
                return form[self.language].format(
                    on=self.apart(self.term(on)),
                    o=self.apart(self.term(value)) if not members else "",
                    members=self._each(members, _OF),
                )
        return f"_:{node}"
