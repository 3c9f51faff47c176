"""The systemd unit and the Dockerfile, checked statically."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from alaqat.cli.main import alaqat

ROOT = Path(__file__).parents[1]
UNIT = (ROOT / "deploy" / "alaqat.service").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def variables() -> set[str]:
    """Return the environment variables that the commands read."""
    options = (
        option for command in alaqat.commands.values() for option in command.params
    )
    return {str(option.envvar) for option in options if option.envvar}


@pytest.mark.parametrize("text", [UNIT, DOCKERFILE], ids=["unit", "Dockerfile"])
def test_only_variables_that_are_read_are_set(text: str) -> None:
    """A misspelt variable would be ignored silently."""
    used = set(re.findall(r"\b(ALAQAT_\w+)=", text))
    assert len(used) >= 3
    assert used <= variables()


def test_the_unit_is_sandboxed() -> None:
    """No root, no other folder, no other address, no new privileges."""
    lines = UNIT.splitlines()
    for line in (
        *("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"),
        *("IPAddressDeny=any", "IPAddressAllow=localhost", "CapabilityBoundingSet="),
        *("Restart=on-failure", "LimitCORE=0"),
    ):
        assert line in lines


def test_worker_processes_can_be_confined() -> None:
    """The image has libseccomp, and the unit allows the system calls that confine."""
    allowed = " ".join(re.findall(r"^SystemCallFilter=(.*)$", UNIT, re.MULTILINE))
    assert {
        *("seccomp", "landlock_create_ruleset"),
        *("landlock_add_rule", "landlock_restrict_self"),
    } <= set(allowed.split())
    image = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"apt-get install .*\blibseccomp2\b", image)


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here"
)
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """systemd-analyze reports nothing once the program exists."""
    unit = tmp_path / "alaqat.service"
    unit.write_text(UNIT.replace("/opt/alaqat/bin/alaqat", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "alaqat.service" not in checked.stderr, checked.stderr


def test_the_image_runs_without_root_and_has_a_health_check() -> None:
    """Its base is pinned, and everything installed has a hash."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert all(re.search(r":\d+\.\d+", base) for base in bases)
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert "/health" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"^ADD ", DOCKERFILE, re.MULTILINE)


def test_the_image_is_built_by_targets_that_exist() -> None:
    """The Dockerfile uses targets of the Makefile, and a lock file."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"RUN make (\w+)", DOCKERFILE)
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    assert (ROOT / "requirements.lock").exists()
