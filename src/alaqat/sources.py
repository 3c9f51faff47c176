"""Source files of a build: the graphs they feed, and the line of each subject."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
    """A document, its curated graphs, and the folder of their files."""

    folder: Path
    document: Document
    description: Graph
    facts: Graph
    notes: Graph


@dataclass(frozen=True)
class Sources:
    """The input of a build."""

    ontology: Graph
    alignments: Graph
    shapes: Graph
    entities: Graph
    documents: tuple[DocumentSource, ...]
    index: SourceIndex
    files: tuple[Path, ...]


class SourceIndex:
    """The file and line of each subject in the Turtle files.

    RDF parsers report no lines for nodes, so the files are scanned as text: by the
    project's convention, a subject begins its line.
    """

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        self._root = root
        self._lines: dict[Path, list[str]] = {}
        self._places: dict[str, list[tuple[Path, int]]] = {}
        for path in files:
            self._add(path)

    def where(self, iri: str, text: str = "") -> tuple[Path, int] | None:
        """Return the file and 1-based line of a subject, or of text in its block.

        Args:
            iri: the subject.
            text: text in the subject's block; if it is empty or not found, the line is
                that of the subject.
        """
        places = self._places.get(str(iri), [])
        for path, line in places if text else ():
            offset = self._offset_of(text, self._block(path, line))
            if offset is not None:
                return path, line + offset
        return places[-1] if places else None

    def _add(self, path: Path) -> None:
        """Index the subjects of one file."""
        lines = path.read_text(encoding="utf-8").splitlines()
        relative = path.relative_to(self._root)
        self._lines[relative] = lines
        prefixes: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if declared := _PREFIX.match(line):
                prefixes[declared[1]] = declared[2]
            elif subject := _SUBJECT.match(line):
                iri = subject[1] or prefixes.get(subject[2], "") + subject[3]
                self._places.setdefault(iri, []).append((relative, number))

    def _block(self, path: Path, line: int) -> Iterator[str]:
        """Yield the lines of a subject, up to the next subject."""
        yield self._lines[path][line - 1]
        for text in self._lines[path][line:]:
            if _SUBJECT.match(text):
                return
            yield text

    @staticmethod
    def _offset_of(text: str, block: Iterable[str]) -> int | None:
        """Return the offset of the first line of a block that contains a text."""
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        found = (n for n, line in enumerate(block) if text in line or escaped in line)
        return next(found, None)


def read_sources(root: Path) -> Sources:
    """Read everything that a build needs.

    Args:
        root: the folder that contains ``ontology`` and ``data``.

    Raises:
        InvalidData: a file is missing or invalid, or there is no document.
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
            remedy="Add data/NAME/document.txt, and document.ttl to describe it.",
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
    """Return the SHACL shapes, by which writes to a writable store are validated."""
    return _merged(_turtle_in(root / "ontology" / "shapes"))


def _read_document(folder: Path) -> DocumentSource:
    slug = folder.name
    description = _merged([folder / "document.ttl"])
    text, headings = folder / "document.txt", _heading_lines(description)
    document = read_document(text, slug, headings)
    if (DOC[slug], RDF.type, AL.Document) not in description:
        raise InvalidData(
            f"doc:{slug} is not described as an al:Document.",
            path=folder / "document.ttl",
            remedy="Describe its title, language, source and sections.",
        )
    facts = _merged(_turtle_in(folder / "facts"))
    notes = _merged(_notes(folder))
    return DocumentSource(folder, document, description, facts, notes)


def _heading_lines(description: Graph) -> list[int]:
    """Return the lines of the section headings; the lead section has none."""
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
    """Return the files of the curators' notes, which a document may lack."""
    notes = folder / "notes"
    return sorted(notes.glob("*.ttl")) if notes.is_dir() else []


def _turtle_in(folder: Path, pattern: str = "*.ttl") -> list[Path]:
    """Return the Turtle files of a folder, at least one."""
    found = sorted(folder.glob(pattern), key=os.fspath)
    if not found:
        raise InvalidData(
            "The folder has no Turtle file.",
            path=folder,
            remedy="Add at least one file that ends in .ttl.",
        )
    return found


def _merged(paths: Iterable[Path]) -> Graph:
    """Return the triples of several files in one graph."""
    merged = new_graph()
    for path in paths:
        graph = read_turtle(path)
        if not graph:
            remedy = "Add triples to it, or remove it."
            raise InvalidData("The file has no triples.", path=path, remedy=remedy)
        merged += graph
    return merged
