"""Software bill of materials: what a release is built from and depends on, as SPDX.

    python tools/sbom.py FILE.spdx.json    write it (SPDX 2.3)

It lists the packages of requirements.lock and of web/package-lock.json with their
licences. These come from the metadata of the installed packages or, where those do not
say, from tools/licences.toml.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = "alaqat"
DEPENDS, CONTAINS, BUILDS = "DEPENDS_ON", "CONTAINS", "BUILD_DEPENDENCY_OF"

_LOCKED = re.compile(r"^([\w.-]+)==([\w.]+)(?: ; (.+?))? \\$", re.MULTILINE)


@dataclass(frozen=True)
class Component:
    """A package that the release depends on, contains, or is built with.

    Attributes:
        kind: ``pypi`` or ``npm``.
        name: normalised.
        version: as locked.
        licence: an SPDX expression.
        role: how the release is related to it, as SPDX names it.
        sha512: of the archive, in hexadecimal; empty if several archives are locked.
    """

    kind: str
    name: str
    version: str
    licence: str
    role: str
    sha512: str = ""

    @property
    def purl(self) -> str:
        """The package URL."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def locked(lock: str) -> dict[str, str]:
    """Return the versions of the packages that a lock file has for this platform."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {
        canonicalize_name(name): version
        for name, version, marker in _LOCKED.findall(text)
        if not marker or Requirement(f"{name}; {marker}").marker.evaluate()  # type: ignore[union-attr] # it has a marker
    }


def python_licence(name: str) -> str:
    """Return the licence of an installed package as an SPDX expression.

    Raises:
        LookupError: neither its metadata nor ``licences.toml`` say it.
    """
    fields = metadata.metadata(name)
    for field in ("License-Expression", "License"):
        if stated := _spdx(fields.get(field)):
            return stated
    listed = listed_licences().get(canonicalize_name(name))
    if listed is None:
        raise LookupError(
            f"{name} {metadata.version(name)} does not state an SPDX licence. "
            "Add it to tools/licences.toml."
        )
    return listed["licence"]


def listed_licences() -> dict[str, dict[str, str]]:
    """Return the licences that are listed by hand, by package."""
    text = (ROOT / "tools" / "licences.toml").read_text(encoding="utf-8")
    listed: dict[str, dict[str, str]] = tomllib.loads(text)["python"]
    return listed


def components() -> Iterator[Component]:
    """Yield all components, those of Python first."""
    yield from _python_components()
    yield from _web_components()


def _python_components() -> Iterator[Component]:
    needed = _needed(PROJECT)
    for name, version in locked("requirements.lock").items():
        role = DEPENDS if name in needed else BUILDS
        yield Component("pypi", name, version, python_licence(name), role)


def _needed(name: str) -> set[str]:
    """Return what a package requires on this platform, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for line in metadata.requires(waiting.pop()) or ():
            requirement = Requirement(line)
            other = canonicalize_name(requirement.name)
            marker = requirement.marker
            if other not in found and (not marker or marker.evaluate({"extra": ""})):
                found.add(other)
                waiting.append(other)
    return found


def _web_components() -> Iterator[Component]:
    """Yield what is bundled into the front end, and what bundles it."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    for path, entry in lock["packages"].items():
        if path:
            role = BUILDS if entry.get("dev") else CONTAINS
            digest = base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex()
            name = path.rpartition("node_modules/")[2]
            yield Component(
                *("npm", name, entry["version"], entry["license"], role, digest)
            )


def document(parts: list[Component], created: datetime) -> dict[str, Any]:
    """Return the bill of materials of the release, as SPDX 2.3 writes it in JSON."""
    version = metadata.version(PROJECT)
    release = _package(PROJECT, version, "Apache-2.0 AND CC-BY-SA-4.0", PROJECT)
    packages, relations = [release], [_relation("DOCUMENT", "DESCRIBES", PROJECT)]
    for number, part in enumerate(parts, start=1):
        reference = {
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": part.purl,
        }
        package = _package(part.name, part.version, part.licence, f"{number}")
        package["externalRefs"] = [reference]
        if part.sha512:
            digest = {"algorithm": "SHA512", "checksumValue": part.sha512}
            package["checksums"] = [digest]
        packages.append(package)
        ends = (PROJECT, str(number))
        subject, other = reversed(ends) if part.role == BUILDS else ends
        relations.append(_relation(subject, part.role, other))
    listing = "\n".join(part.purl for part in parts)
    space = uuid5(NAMESPACE_URL, f"{version}\n{listing}")
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{PROJECT}-{version}",
        "documentNamespace": f"https://w3id.org/alaqat/sbom/{version}/{space}",
        "creationInfo": {
            "created": f"{created:%Y-%m-%dT%H:%M:%SZ}",
            "creators": ["Tool: tools/sbom.py"],
        },
        "packages": packages,
        "relationships": relations,
    }


def _package(name: str, version: str, licence: str, identifier: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{identifier}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseDeclared": licence,
    }


def _relation(subject: str, kind: str, other: str) -> dict[str, str]:
    return {
        "spdxElementId": f"SPDXRef-{subject}",
        "relationshipType": kind,
        "relatedSpdxElement": f"SPDXRef-{other}",
    }


def _spdx(text: str | None) -> str:
    """Return a text if it is a valid SPDX expression; else an empty one."""
    if not text or "\n" in text:
        return ""
    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return ""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    bill = document(list(components()), datetime.now(UTC))
    text = json.dumps(bill, ensure_ascii=False, indent=1)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
