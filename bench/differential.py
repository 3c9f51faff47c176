"""Differential fuzz: our tokens against the parsers of Oxigraph and of rdflib.

    python bench/differential.py 300000 --seed 1
    python bench/differential.py 10000 --parser rdflib

A parser gives no tokens, so each text is written anew from ours, one by one: names,
IRIs, strings and variables are replaced by plain ones, with spaces between them, so
that nobody can read the new text differently. A parser that takes the text must take
the new one too, and find the same variables (rdflib: the same number of SERVICE, GRAPH
and LOAD). It must also take the text with brackets put into its strings and comments.

Texts that the analysis refuses cannot disagree; those of the corpus must not be
refused. No text is evaluated where a socket can be opened.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib.plugins.sparql.parser import parseQuery, parseUpdate
from rdflib.plugins.sparql.parserutils import CompValue

from alaqat.errors import InvalidQuery
from alaqat.sparql.ambiguity import refuse_ambiguous_names, refuse_ambiguous_tokens
from alaqat.sparql.analysis import check_prefixes, parse_prologue
from alaqat.sparql.lexer import (
    KEYWORDS_BY_PURPOSE,
    Token,
    tokenize,
    unescape_codepoints,
)
from sparql_texts import ENDPOINT, corpus, texts

UPDATE_WORDS = frozenset(KEYWORDS_BY_PURPOSE["updates"])


@dataclass
class Findings:
    """What a run found.

    Attributes:
        counts: of texts, by outcome.
        wrong: the texts that are read in two ways, with the reason.
    """

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def plain_text(text: str, tokens: Sequence[Token]) -> tuple[str, dict[str, str]]:
    """Return a text of plain tokens that means the same, and the names of variables.

    Signs stay together where they were, because some are more than one of our tokens.
    So do others that one of the parsers wants together: a bracket and its function, the
    modifier of a path, the sign of a number, a string and its language or datatype.
    """
    numbers: dict[tuple[str, str], int] = {}
    variables: dict[str, str] = {}
    pieces: list[str] = []
    end, before = 0, Token("", "", 0, 0)
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
        glued = token.start == end and (
            (before.kind == token.kind == "sign")
            or (before.kind == "word" and token.text == "(")
            or token.text in ("*", "+", "?")
            or (before.text in ("+", "-") and token.kind == "number")
            or "^^" in (before.text, token.text)
            or token.kind == "language"
        )
        pieces.append(plain if glued else f" {plain}")
        end, before = token.start + len(token.text), token
    return "".join(pieces), variables


def disturb(text: str, tokens: Sequence[Token]) -> str:
    """Return a text with brackets in its strings and comments, where they mean nothing.

    A text part of which is a string for us and code for the parser is then broken.
    """
    pieces: list[str] = []
    end = 0
    for token in tokens:
        gap = text[end : token.start]
        pieces.append(re.sub(r"#([^\r\n]*)", r"#}) \1})", gap))
        written = text[token.start : token.start + len(token.text)]
        if token.kind == "string":
            inner = 3 if len(written) > 5 and written[:3] in ('"""', "'''") else 1
            middle = written[inner:-inner]
            # Between any two words, but not in an escape.
            middle = re.sub(r"(?<![\\\w])(\w+)(?!\w)", r"})\1})", middle)
            written = written[:inner] + middle + written[len(written) - inner :]
        pieces.append(written)
        end = token.start + len(token.text)
    return "".join(pieces) + re.sub(r"#([^\r\n]*)", r"#}) \1})", text[end:])


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
            store.update(text, base_iri=ENDPOINT)
            return "update"
        result = store.query(text, base_iri=ENDPOINT)
    except SyntaxError:
        return None
    except OSError:
        return "called"
    except (RuntimeError, ValueError):
        return "evaluated"
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
    if parser == "rdflib":  # resolves escapes first, and ends comments by \\n only
        while (unescaped := unescape_codepoints(text)) != text:
            text = unescaped
        text = text.replace("\r", "\n")
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
    if reading is None:
        return "refused by the parser"
    disturbed = disturb(text, tokens)
    if read(disturbed, update) is None:
        return f"The parser takes it, but not {disturbed}"
    plain, variables = plain_text(text, tokens)
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
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)
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
