"""SPARQL texts for the differential fuzz: generated, mutated, with hostile parts.

The corpus is the project's queries and, if they are here, the W3C's test suites.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
W3C = Path(os.environ.get("ALAQAT_W3C") or ROOT.parent / "shared" / "w3c")
# Nobody listens there, and nobody could: no process of the fuzz opens a socket.
ENDPOINT = "http://127.0.0.1:9/"

PROLOGUE = (
    "PREFIX a: <http://a/> PREFIX : <http://n/> PREFIX b.c: <http://e:80> "
    "PREFIX GRAPHa: <http://g/> PREFIX e: <http://e/#> PREFIX SERVICEa: <http://s/#> "
)
HOSTILE: tuple[str, ...] = tuple(
    json.loads((ROOT / "bench" / "hostile_fragments.json").read_text())
)


@cache
def corpus() -> tuple[str, ...]:
    """Return the queries and updates of the project and of the W3C's suites."""
    paths = chain(
        (ROOT / "queries").rglob("*.rq"), W3C.rglob("*.rq"), W3C.rglob("*.ru")
    )
    texts = (path.read_bytes().decode("utf-8", "replace") for path in sorted(paths))
    return tuple(text for text in texts if len(text) < 4_000)


class Grammar:
    """Writes texts that follow the grammar, with as little white space as it can."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.depth = 0

    def pick(self, *options: str | Callable[[], str]) -> str:
        """Return one of some texts."""
        option = self.rng.choice(options)
        return option if isinstance(option, str) else option()

    def many(self, part: Callable[[], str], most: int = 3, least: int = 0) -> str:
        """Return several parts."""
        return "".join(part() for _ in range(self.rng.randint(least, most)))

    def gap(self) -> str:
        """Return white space, a comment or mostly nothing."""
        return self.pick("", "", "", "", " ", "\n", "#\n", "#>\n", "# ' <\n")

    def text(self) -> str:
        """Return a query or an update."""
        self.depth = 0
        forms = (self.select, self.select, self.construct, self.update)
        if self.rng.random() < 0.9:
            return PROLOGUE + self.pick(*forms)
        pattern = self.pick("VALUES ?z{", "?s ?p", "FILTER(1=", "?s ?p(", "FILTER<f>(")
        end = self.pick("", "}", ")", ")}", "}}")
        return f"{PROLOGUE}SELECT*{{{pattern}{self.pick(self.trap, self.iri)}{end}\n}}"

    def select(self) -> str:
        """Return a query, or a subquery."""
        head = self.pick("*", " ?x", "(1<2 AS?n)", "(COUNT(*)AS?c)", " DISTINCT*")
        where = self.pick("", "WHERE", " WHERE ")
        return f"SELECT{head}{where}{self.group()}{self.modifiers()}"

    def construct(self) -> str:
        """Return a query of another form."""
        return self.pick(
            lambda: (
                f"CONSTRUCT{{{self.triples()}}}WHERE{self.group()}{self.modifiers()}"
            ),
            lambda: f"ASK{self.group()}",
            lambda: f"DESCRIBE {self.iri()}{self.gap()}{self.group()}",
        )

    def modifiers(self) -> str:
        """Return solution modifiers."""
        return self.gap() + self.pick(
            "",
            "LIMIT 1",
            lambda: f"ORDER BY{self.bracketed()}{self.call()}?x",
            lambda: f"ORDER BY ASC{self.bracketed()}LIMIT 5",
            lambda: f"GROUP BY ?x {self.call()}{self.gap()}HAVING{self.bracketed()}",
            lambda: f"VALUES(?x ?y){{{self.many(self.row)}}}",
        )

    def update(self) -> str:
        """Return an update."""
        return self.pick(
            lambda: f"INSERT DATA{{{self.quads()}}}",
            lambda: f"DELETE{{{self.quads()}}}WHERE{self.group()}",
            lambda: f"WITH {self.iri()}INSERT{{{self.quads()}}}WHERE{self.group()}",
            lambda: f"INSERT{{}}USING {self.iri()}WHERE{self.group()};DELETE WHERE{{}}",
            lambda: f"LOAD SILENT {self.iri()}INTO GRAPH {self.iri()}",
            lambda: f"CLEAR GRAPH {self.iri()};DROP ALL;COPY {self.iri()}TO DEFAULT",
        )

    def quads(self) -> str:
        """Return triples, some in a graph."""
        return self.triples() + self.pick(
            "", lambda: f"GRAPH {self.pick('?g', self.iri)}{{{self.triples()}}}"
        )

    def group(self) -> str:
        """Return a group graph pattern."""
        self.depth += 1
        body = self.many(self.pattern) if self.depth < 5 else self.triples()
        self.depth -= 1
        return f"{{{self.gap()}{body}{self.gap()}}}"

    def pattern(self) -> str:
        """Return a part of a group."""
        return self.gap() + self.pick(
            self.triples,
            self.triples,
            lambda: f"FILTER{self.bracketed()}",
            lambda: f"FILTER {self.call()}",
            lambda: f"FILTER NOT EXISTS{self.group()}",
            lambda: f"BIND({self.expression()} AS ?v{self.rng.randint(0, 99)})",
            lambda: f"VALUES(?x ?y){{{self.many(self.row)}}}",
            lambda: f"VALUES ?z{{{self.many(self.value)}}}{self.gap()}",
            lambda: f"GRAPH {self.pick('?g', self.iri)}{self.group()}",
            lambda: f"SERVICE {self.pick('', 'SILENT ')}{self.iri()}{self.group()}",
            lambda: f"{self.group()}UNION{self.group()}",
            lambda: f"OPTIONAL{self.group()}MINUS{self.group()}",
            lambda: f"{{{self.select()}}}",
        )

    def row(self) -> str:
        """Return a row of VALUES."""
        return f"({self.value()}{self.gap()}{self.value()})"

    def value(self) -> str:
        """Return a value of VALUES."""
        return self.pick(self.iri, self.literal, "UNDEF ", "<<(<a><b><c>)>>")

    def triples(self) -> str:
        """Return one or more triples."""
        more = self.pick(
            "", lambda: f";{self.verb()} {self.term()}", lambda: f",{self.term()}"
        )
        end = self.pick(".", ".", "")
        return f"{self.term()}{self.gap()}{self.verb()} {self.term()}{more}{end}"

    def verb(self) -> str:
        """Return a predicate or path."""
        path = self.pick(
            "*", "+", "?", "/<q>", "|^a:b", "/(<p>|<q>)*", "/!(a|^<p>)", ""
        )
        return self.pick(
            " ?p", " a", lambda: self.iri() + path, lambda: "^" + self.iri()
        )

    def term(self) -> str:
        """Return a subject or object."""
        return self.gap() + self.pick(
            "?s",
            "?o",
            "$x",
            self.iri,
            self.iri,
            self.literal,
            lambda: f"_:b{self.rng.randint(0, 999)} ",
            "[]",
            "()",
            lambda: (
                f"({self.term()}{self.gap()}{self.term()})" if self.depth < 9 else "1"
            ),
            lambda: f"[{self.verb()} {self.literal()}]",
            "<<?s<p>?o>>",
            "<<(?s a<o>)>>",
            "<<<s><p>1~<r>>>",
        )

    def iri(self) -> str:
        """Return an IRI or a prefixed name."""
        return self.pick(
            *(
                "<b>",
                "<#>",
                "<u:x>",
                f"<{ENDPOINT}>",
                "<a)>",
                "<x#'>",
                "<=b>",
                "<?s&&?p>",
            ),
            *(
                "a:b",
                ":x",
                "a:b.c",
                "a:-x"[:2],
                "a:\\#x",
                "a:%41",
                ":a:b",
                "b.c:/".rstrip("/"),
            ),
        )

    def literal(self) -> str:
        """Return a literal."""
        if self.rng.random() < 0.1:
            return self.trap()
        return self.pick(
            *(
                '"x"',
                "'y'",
                '"""z"""',
                "'''#'''",
                '"<"',
                '">"@en',
                '"x"@en--ltr',
                '"1"^^<i>',
            ),
            *(
                "1",
                "1.5",
                ".5",
                "1e5",
                "1.e5",
                "true",
                "false",
                '"\\""',
                "'\\u0041'",
                '"#"^^a:t',
            ),
        )

    def trap(self) -> str:
        """Return a string or an IRI with anything in it."""
        quotes = self.pick('"', "'", '"""', "'''")
        inner = "".join(self.rng.choices(HOSTILE, k=self.rng.randint(1, 8)))
        code = self.pick("", "}SERVICE<u>{}#", "<2)SERVICE#>\n<u>{}", ")}#")
        odd = self.pick("", "\\uD800", "\\x", "\\", "\n")
        begin = self.pick("", "x" + quotes[0], inner)
        return f"{quotes}{begin}{code}{self.pick('', inner)}{odd}{quotes}"

    def bracketed(self) -> str:
        """Return an expression in brackets."""
        return f"({self.gap()}{self.expression()}{self.gap()})"

    def call(self) -> str:
        """Return a call."""
        return self.pick(
            lambda: f"{self.iri()}({self.expression()})",
            lambda: f"REGEX(?x,'<',{self.expression()})",
            lambda: f"STR({self.expression()})",
            "RAND()",
        )

    def expression(self) -> str:
        """Return an expression."""
        self.depth += 1
        deep = self.depth > 6
        left = self.operand(deep)
        sign = self.pick(
            "<", "<", "<=", ">", ">=", "=", "!=", "&&", "||", "+", "-", "*", "/"
        )
        found = (
            left
            if deep or self.rng.random() < 0.3
            else left + sign + self.operand(deep)
        )
        if self.rng.random() < 0.1:
            found += f" IN({self.literal()},{self.iri()})"
        self.depth -= 1
        return found + self.gap()

    def operand(self, deep: bool) -> str:
        """Return an operand."""
        plain = (
            "?x",
            "?y",
            "$z",
            "<<(<a>?p<c>)>>",
            self.iri,
            self.literal,
            self.literal,
        )
        nested = (self.bracketed, self.call, lambda: f"!{self.bracketed()}")
        groups = (lambda: f"EXISTS{self.group()}",)
        return self.gap() + self.pick(*plain, *(() if deep else (*nested, *groups)))


def texts(rng: random.Random, count: int) -> Iterator[str]:
    """Yield texts: generated, mutated, with hostile parts."""
    grammar, known = Grammar(rng), corpus()
    for _ in range(count):
        is_generated = rng.random() < 0.6 or not known
        text = grammar.text() if is_generated else rng.choice(known)
        first = len(PROLOGUE) if is_generated and rng.random() < 0.95 else 0
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            text = text[:first] + mutated(rng, text[first:])
        yield text.encode("utf-8", "replace").decode()


def mutated(rng: random.Random, text: str) -> str:
    """Return a text with one change."""
    start = rng.randint(0, len(text))
    match rng.randrange(8):
        case 0 | 1 | 2:
            return text[:start] + rng.choice(HOSTILE) + text[start:]
        case 3:
            return (
                text[:start] + rng.choice(HOSTILE) + text[start + rng.randint(1, 6) :]
            )
        case 4:
            return text[:start] + text[start + rng.randint(1, 3) :]
        case 5:
            spaces = [match.start() for match in re.finditer(r"[ \n]", text)]
            at = rng.choice(spaces or [0])
            return text[:at] + rng.choice(("", "", "#\n", "\t")) + text[at + 1 :]
        case 6:
            end = start + rng.randint(1, 30)
            return text[:end] + text[start:end] + text[end:]
        case _:
            pieces = re.findall(r"\w+|\s+|[^\w\s]", text) or [""]
            first, second = (rng.randrange(len(pieces)) for _ in range(2))
            pieces[first], pieces[second] = pieces[second], pieces[first]
            return "".join(pieces)
