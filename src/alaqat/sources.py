"""Which files feed which graph, and where in them a node is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from rdflib import RDF, Graph, Literal

from alaqat.errors import InvalidData
from alaqat.rdf.graphs import new_graph
from alaqat.rdf.reading import read_turtle
from alaqat.terms import (
    AL,
    DOC,
    KIND,
)
from alaqat.text.document import Document, read_document

_PREFIX = re.compile(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"^(?:<([^>]*)>|([\w-]*):([\w.\\/%-]+))")


@dataclass(frozen=True)
class DocumentSource:
    """A document with what its curators wrote about it, and the folder of it all."""

    folder: Path
    document: Document
    description: Graph
    facts: Graph
    notes: Graph


@dataclass(frozen=True)
class Sources:
    """All that a build reads."""

    ontology: Graph
    alignments: Graph
    shapes: Graph
    entities: Graph
    documents: tuple[DocumentSource, ...]
    index: SourceIndex
    files: tuple[Path, ...]


class SourceIndex:
    """Where in the Turtle files each subject is written.

    RDF parsers give no lines for nodes, so the files are read as text: in the house
    style a subject stands at the start of its line.
    """

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        self._root = root
        self._lines: dict[Path, list[str]] = {}
        self._places: dict[str, list[tuple[Path, int]]] = {}
        for path in files:
            self._add(path)

    def where(self, iri: str, words: str = "") -> tuple[Path, int] | None:
        """The file and 1-based line of a subject, or of words said of it.

        Args:
            iri: the subject.
            words: text written below the subject; the subject's own line if empty
                or not found.
        """
        places = self._places.get(str(iri), [])
        for path, line in places if words else ():
            offset = self._offset_of(words, self._block(path, line))
            if offset is not None:
                return path, line + offset
        return places[-1] if places else None

    def _add(self, path: Path) -> None:
        """Remember the subjects of one file."""
        lines = path.read_text(encoding="utf-8").splitlines()
        shown = path.relative_to(self._root)
        self._lines[shown] = lines
        prefixes: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if declared := _PREFIX.match(line):
                prefixes[declared[1]] = declared[2]
            elif subject := _SUBJECT.match(line):
                iri = subject[1] or prefixes.get(subject[2], "") + subject[3]
                self._places.setdefault(iri, []).append((shown, number))

    def _block(self, path: Path, line: int) -> Iterator[str]:
        """The lines of a subject, up to the next one."""
        yield self._lines[path][line - 1]
        for text in self._lines[path][line:]:
            if _SUBJECT.match(text):
                return
            yield text

    @staticmethod
    def _offset_of(words: str, block: Iterable[str]) -> int | None:
        """How many lines below the subject the words stand."""
        escaped = words.replace("\\", "\\\\").replace('"', '\\"')
        found = (n for n, text in enumerate(block) if words in text or escaped in text)
        return next(found, None)


def knowledge_root() -> Path:
    """The folder of ontology, data and queries: a checkout's, or the wheel's."""
    packaged = Path(str(resources.files("alaqat"))) / "knowledge"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def read_sources(root: Path) -> Sources:
    """Read everything that a build needs.

    Args:
        root: the folder that holds ``ontology`` and ``data``.

    Raises:
        InvalidData: a file is missing or broken, or there is no document.
    """
    ontology, data = root / "ontology", root / "data"
    groups = {
        "ontology": [ontology / "alaqat.ttl", ontology / "kinds.ttl"],
        "alignments": [ontology / "alignments.ttl"],
        "shapes": _turtle_in(ontology / "shapes"),
        "entities": _turtle_in(data / "entities"),
    }
    folders = sorted(path.parent for path in data.glob("*/document.txt"))
    if not folders:
        raise InvalidData(
            "There is no document to build from.",
            path=data,
            remedy="Put a text at data/NAME/document.txt and describe it beside it.",
        )
    documents = tuple(_read_document(folder) for folder in folders)
    turtle = [path for paths in groups.values() for path in paths]
    turtle += [path for folder in folders for path in _turtle_in(folder, "**/*.ttl")]
    return Sources(
        **{name: _merged(paths) for name, paths in groups.items()},
        documents=documents,
        index=SourceIndex(root, turtle),
        files=(*turtle, *(folder / "document.txt" for folder in folders)),
    )


def read_shapes(root: Path) -> Graph:
    """The shapes alone, which what is written to a working store must keep to."""
    return _merged(_turtle_in(root / "ontology" / "shapes"))


def _read_document(folder: Path) -> DocumentSource:
    """One document's text, description, facts and notes."""
    slug = folder.name
    description = _merged([folder / "document.ttl"])
    text, headings = folder / "document.txt", _heading_lines(description)
    document = read_document(text, slug, headings)
    if (DOC[slug], RDF.type, AL.Document) not in description:
        raise InvalidData(
            f"doc:{slug} is not described as an al:Document.",
            path=folder / "document.ttl",
            remedy="Give it its title, language, source and sections.",
        )
    facts = _merged(_turtle_in(folder / "facts"))
    notes = _merged(_notes(folder))
    return DocumentSource(folder, document, description, facts, notes)


def _heading_lines(description: Graph) -> list[int]:
    """The lines that are headings: those of the sections, but for the lead's."""
    lead = (AL.kind, KIND["lead-section"])
    return [
        line.value
        for section in description.subjects(RDF.type, AL.Section)
        for line in description.objects(section, AL.line)
        if isinstance(line, Literal)
        and isinstance(line.value, int)
        and (section, *lead) not in description
    ]


def _notes(folder: Path) -> list[Path]:
    """The files of curators' notes; a document may have none."""
    notes = folder / "notes"
    return sorted(notes.glob("*.ttl")) if notes.is_dir() else []


def _turtle_in(folder: Path, pattern: str = "*.ttl") -> list[Path]:
    """The Turtle files of a folder, at least one."""
    found = sorted(folder.glob(pattern), key=os.fspath)
    if not found:
        raise InvalidData(
            "No Turtle file is here.",
            path=folder,
            remedy="Write at least one file that ends in .ttl.",
        )
    return found


def _merged(paths: Iterable[Path]) -> Graph:
    """The triples of several files in one graph."""
    merged = new_graph()
    for path in paths:
        graph = read_turtle(path)
        if not graph:
            remedy = "Write what it is for, or remove it."
            raise InvalidData("The file says nothing.", path=path, remedy=remedy)
        merged += graph
    return merged
