"""Digests: against the hashes that every system's sha256sum gives."""

from __future__ import annotations

from pathlib import Path

from calibration.files.digest import digest, file_digest


def test_a_text_and_a_file_of_it_have_the_digest_of_their_bytes(tmp_path: Path) -> None:
    """FIPS 180-4 gives ba7816bf 8f01cfea … for "abc"."""
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    assert digest("abc") == digest(b"abc") == file_digest(file) == "ba7816bf8f01cfea"
