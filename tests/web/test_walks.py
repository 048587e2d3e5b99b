"""A browser walks through the console, over the real stack: one test for each `web/e2e/*.spec.ts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.conftest import WEB, Served, walk

SPECS = sorted((WEB / "e2e").glob("*.spec.ts"))


@pytest.mark.timeout(900)  # the first one builds the console and starts her
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_walk_ends_well(spec: Path, served: Served) -> None:
    walked = walk(spec, served)
    assert walked.returncode == 0, walked.stdout[-6000:] + walked.stderr[-2000:]


def test_there_are_walks() -> None:
    assert SPECS
