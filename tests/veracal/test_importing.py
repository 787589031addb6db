"""Logs that become run folders, whatever names them: files or the folder that they lie in."""

from __future__ import annotations

from pathlib import Path

import veracal as vc


def test_a_folder_is_imported_as_its_files_are(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "letters.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    (folder / "notes.txt").write_text("no log")
    (by_folder,) = vc.import_logs(folder, tmp_path / "run")
    (by_file,) = vc.import_logs(folder / "letters.csv", tmp_path / "run")  # of the same file: the same run
    assert (by_folder.path, by_folder.n_items) == (by_file.path, by_file.n_items) == (tmp_path / "run", 1)
