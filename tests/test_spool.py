"""The spool of large replies: errors of the disk, and the space that it takes."""

from __future__ import annotations

import errno
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from alaqat.errors import CannotWrite
from alaqat.http.representation import (
    MAX_IN_MEMORY,
    SpooledBody,
    problem_response,
    serialize,
    to_response,
)
from alaqat.rdf.formats import N_TRIPLES

LARGE = b"x" * (3 * MAX_IN_MEMORY)


def write_large(out: IO[bytes]) -> None:
    """Write more than is held in memory."""
    out.write(LARGE)


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def space(folder: Path) -> int:
    """Return the bytes of this process's temporary files in a folder."""
    links = Path("/proc/self/fd")
    taken = 0
    for link in links.iterdir():
        try:
            if str(link.readlink()).startswith(str(folder)):
                taken += link.stat().st_size
        except OSError:  # the descriptor of the listing itself
            continue
    return taken


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_reply_that_does_not_fit_is_507(spool: Path) -> None:
    """The error tells that there is no space, and the space is free again."""
    with file_size_limit(2 * MAX_IN_MEMORY), pytest.raises(CannotWrite) as raised:
        serialize(N_TRIPLES, write_large)
    assert problem_response(raised.value).status == 507
    assert space(spool) == 0


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO]
)
@pytest.mark.parametrize("step", ["write", "flush"])
def test_an_error_of_the_disk_is_507(
    spool: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str
) -> None:
    """Whatever the error is, and also if it shows only when buffers are written."""

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    body = SpooledBody()
    body.write(LARGE)
    monkeypatch.setattr(body._file, step, fail)  # there is no such disk
    with pytest.raises(CannotWrite, match=os.strerror(number)):
        body.write(LARGE) if step == "write" else body.flush()
    assert space(spool) == 0
    assert list(body) == []


def test_a_missing_folder_of_temporary_files_is_507(spool: Path) -> None:
    """The folder may be removed while the server runs."""
    spool.rmdir()
    with pytest.raises(CannotWrite):
        serialize(N_TRIPLES, write_large)


def test_nothing_is_left_to_be_written_while_it_is_sent(spool: Path) -> None:
    """A disk that fills up later cannot break a reply that has begun."""
    representation = serialize(N_TRIPLES, write_large)
    with file_size_limit(0):
        assert b"".join(to_response(representation).body) == LARGE
    assert space(spool) == len(LARGE)


def test_the_space_is_free_at_the_end_of_the_response(spool: Path) -> None:
    """Closing the response of the last client removes the file."""
    representation = serialize(N_TRIPLES, write_large)
    first, second = to_response(representation), to_response(representation)
    del representation
    assert b"".join(first.body) == LARGE
    first.body.close()  # type: ignore[attr-defined] # servers call it if it exists
    assert space(spool) == len(LARGE)
    sent = iter(second.body)
    assert next(sent)
    second.body.close()  # type: ignore[attr-defined] # servers call it if it exists
    assert space(spool) == 0
    assert list(sent) == []
