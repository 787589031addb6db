"""Failed assertions of the cases show their values as those of tests do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    *(
        f"tests.cases.{name}"
        for name in ("answers", "files", "numbers", "pages", "prompts", "run_folders", "servers", "weights")
    )
)
