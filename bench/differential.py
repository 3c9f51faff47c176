"""Differential fuzz: our tokens against the parsers of Oxigraph and of rdflib.

    python bench/differential.py 300000 --seed 1
    python bench/differential.py 10000 --parser rdflib

A parser gives no tokens, so each text is written anew from ours, one by one: names, IRIs,
strings and variables are replaced by plain ones, with spaces between them, so that
nobody can read the new text differently. A parser that takes the text must take the new
one too, and find the same variables and the same SERVICE, GRAPH and LOAD in both. What
it takes only as written, our tokens misread.

Texts that the analysis refuses cannot disagree; those of the corpus must not be refused.
The corpus is the project's queries and, if they are here, the W3C's test suites. No text
is evaluated where a socket can be opened.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate
from rdflib.plugins.sparql.parserutils import CompValue

from alaqat.errors import InvalidQuery
from alaqat.sparql.ambiguity import refuse_ambiguous_names, refuse_ambiguous_tokens
from alaqat.sparql.analysis import check_prefixes, parse_prologue
from alaqat.sparql.lexer import KEYWORDS_BY_PURPOSE, Token, tokenize

ROOT = Path(__file__).parents[1]
W3C = Path(os.environ.get("ALAQAT_W3C") or ROOT.parent / "shared" / "w3c")
BASE = "http://base.example/"
UPDATE_WORDS = frozenset(KEYWORDS_BY_PURPOSE["updates"])
# Nobody listens there, and nobody could: no process of this bench opens a socket.
ENDPOINT = "http://127.0.0.1:9/"

PROLOGUE = (
    "PREFIX a: <http://a/> PREFIX : <http://n/> PREFIX b.c: <http://e:80> "
    "PREFIX GRAPHa: <http://g/> PREFIX e: <http://e/#> PREFIX SERVICEa: <http://s/#> "
)
HOSTILE: tuple[str, ...] = tuple(
    json.loads((ROOT / "bench" / "hostile_fragments.json").read_text())
)


@dataclass
class Findings:
    """What a run found.

    Attributes:
        counts: of texts, by outcome.
        wrong: the texts that are read in two ways, with the reason.
    """

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)


# Texts ------------------------------------------------------------------------------


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
        return PROLOGUE + self.pick(
            self.select, self.select, self.construct, self.update
        )

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
            lambda: f"VALUES ?z{{{self.many(self.value)}}}",
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


# Comparison -------------------------------------------------------------------------


def plain_text(text: str, tokens: Sequence[Token]) -> tuple[str, dict[str, str]]:
    """Return a text of plain tokens that means the same, and the names of variables.

    Signs stay together where they were, because some are more than one of our tokens,
    and so does a bracket with the name of its function.
    """
    numbers: dict[tuple[str, str], int] = {}
    variables: dict[str, str] = {}
    pieces: list[str] = []
    end, before = 0, ""
    for token in tokens:
        written = text[token.start : token.start + len(token.text)]
        number = numbers.setdefault(
            (token.kind, token.text.replace("$", "?")), len(numbers)
        )
        plain = written
        match token.kind:
            case "iri":
                plain = f"<http://i.example/{number}>"
            case "string":
                plain = f'"s{number}"'
            case "variable":
                plain = f"?v{number}"
                variables[written[1:]] = f"v{number}"
            case "blank":
                plain = f"_:b{number}"
            case "language":
                plain = "@en--ltr" if "--" in written else "@en"
            case "name":
                prefix = numbers.setdefault(("prefix", token.prefix), len(numbers))
                plain = f"p{prefix}:" + (f"n{number}" if token.local_name else "")
        is_glued = before == "sign" and token.kind == "sign"
        is_call = before == "word" and token.text == "("
        glued = (is_glued or is_call) and token.start == end
        pieces.append(plain if glued else f" {plain}")
        end, before = token.start + len(token.text), token.kind
    return "".join(pieces), variables


def is_update(tokens: Sequence[Token]) -> bool:
    """Return whether the first keyword after the prologue is one of an update."""
    words = (token.text for token in tokens if token.kind == "word")
    first = next((w for w in words if w not in ("PREFIX", "BASE", "VERSION")), "")
    return first in UPDATE_WORDS


def oxigraph_reading(text: str, update: bool) -> Any:
    """Return what the engine finds in a text; None if it does not parse it.

    A query's answer is not consumed, so that nothing is evaluated.
    """
    store = ox.Store()
    try:
        if update:
            store.update(text, base_iri=BASE)
            return "update"
        result = store.query(text, base_iri=BASE)
    except SyntaxError:
        return None
    except (OSError, RuntimeError, ValueError) as error:
        return "evaluated" if not isinstance(error, UnicodeError) else None
    if isinstance(result, ox.QuerySolutions):
        return frozenset(variable.value for variable in result.variables)
    return type(result).__name__


def rdflib_reading(text: str, update: bool) -> Any:
    """Return the names of graphs and endpoints in rdflib's parse; None if it fails."""
    try:
        tree = (parseUpdate if update else parseQuery)(text)
    except Exception:  # noqa: BLE001 # pyparsing, rdflib and Python's own, all kinds
        return None
    names: Counter[str] = Counter()
    pending: list[Any] = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, CompValue):
            names[part.name] += part.name in WATCHED
            pending += part.values()
        elif isinstance(part, (list, tuple)) or type(part).__name__ == "ParseResults":
            pending += list(part)
    return +names


WATCHED = ("ServiceGraphPattern", "GraphGraphPattern", "Load", "QuadsNotTriples")
READINGS: dict[str, Callable[[str, bool], Any]] = {
    "oxigraph": oxigraph_reading,
    "rdflib": rdflib_reading,
}


def renamed(reading: Any, variables: dict[str, str]) -> Any:
    """Return a reading with the variables of the plain text."""
    if not isinstance(reading, frozenset):
        return reading
    return frozenset(variables.get(name, "") for name in reading)


def compare(text: str, parser: str) -> str:
    """Return the outcome of one text; it is wrong if it begins with a capital."""
    tokens = tokenize(text)
    try:
        refuse_ambiguous_tokens(text, tokens)
        prefixes, _, body = parse_prologue(tokens)
        check_prefixes(text, body, prefixes)
        refuse_ambiguous_names(text, body, prefixes)
    except InvalidQuery:
        return "refused by us"
    read, update = READINGS[parser], is_update(tokens)
    reading = read(text, update)
    plain, variables = plain_text(text, tokens)
    if reading is None:
        return "refused by the parser"
    expected = read(plain, update)
    if expected is None:
        return f"The parser takes it, but not {plain}"
    if (
        "evaluated" not in (reading, expected)
        and renamed(reading, variables) != expected
    ):
        return f"The parser finds {reading} instead of {expected} in {plain}"
    return "read alike"


def seal() -> None:
    """Let this process open no more files or sockets."""
    corpus()
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, used + 1))


def run(count: int, seed: int, parser: str) -> Findings:
    """Compare some texts in this process."""
    found = Findings()
    for text in texts(random.Random(seed), count):
        outcome = compare(text, parser)
        is_wrong = outcome[0].isupper()
        found.counts["WRONG" if is_wrong else outcome] += 1
        if is_wrong and len(found.wrong) < 50:
            found.wrong.append((text, outcome))
    return found


def falsely_refused() -> list[str]:
    """Return the texts of the corpus that the engine takes and we refuse."""
    wrong = []
    for text in corpus():
        is_refused = compare(text, "oxigraph") == "refused by us"
        if is_refused and oxigraph_reading(text, is_update(tokenize(text))) is not None:
            wrong.append(text)
    return wrong


def run_in_processes(count: int, seed: int, parser: str, processes: int) -> Findings:
    """Compare texts in sealed processes, and return all that they found."""
    size = max(1, min(5_000, count // processes))
    jobs = range(seed * 1_000_000, seed * 1_000_000 + -(-count // size))
    total = Findings()
    with ProcessPoolExecutor(processes, initializer=seal) as pool:
        sizes, parsers = [size] * len(jobs), [parser] * len(jobs)
        for found in pool.map(run, sizes, jobs, parsers):
            total.counts += found.counts
            total.wrong += found.wrong
    return total


def main() -> int:
    """Print what was compared, and every text that is read in two ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parser", choices=tuple(READINGS), default="oxigraph")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    given = parser.parse_args()
    began = time.perf_counter()
    found = run_in_processes(given.count, given.seed, given.parser, given.processes)
    seconds = time.perf_counter() - began
    for text, outcome in found.wrong[:40]:
        print(f"{text!r}\n    {outcome}")
    with ProcessPoolExecutor(1, initializer=seal) as pool:
        refused = pool.submit(falsely_refused).result()
    for text in refused:
        print(f"refused, though the engine takes it: {text!r}")
    total = found.counts.total()
    print(f"{total} texts in {seconds:.0f} s: {total / seconds:.0f} a second")
    for outcome, number in found.counts.most_common():
        print(f"{number:9} {outcome}")
    print(f"{len(corpus()):9} texts of the corpus, {len(refused)} of them refused")
    return 1 if found.counts["WRONG"] or refused else 0


if __name__ == "__main__":
    sys.exit(main())
