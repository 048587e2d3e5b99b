"""Measures Carol beside floors and peers in the same run.

    python -m bench [--long] [--only turns,slots] [--page]

Each bench prints its table; every figure goes to `.carol/bench/`; `--page` rewrites `docs/performance.md` from this run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from bench import acks, hops, memory, report, reports, searches, slots, turns
from bench.report import Table
from bench.stage import ROOT, Server, play, server
from kit.clock import utc_now

HOME = Path(os.environ.get("CAROL_HOME", ".carol"))


def _turns(place: Server, long: bool) -> list[Table]:
    figures = play(turns.measure(place, rounds=12 if long else 5))
    return [turns.table(figures), turns.where(figures)]


BENCHES: dict[str, Callable[[Server, bool], Table | list[Table]]] = {
    "turns": _turns,
    "acks": acks.run,
    "slots": slots.run,
    "retrieval": searches.run,
    "hops": hops.run,
    "memory": memory.run,
    "reports": reports.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="more rounds")
    parser.add_argument("--only", default=",".join(BENCHES), help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--page", action="store_true", help="rewrite docs/performance.md")
    given = parser.parse_args()
    began, tables = utc_now(), list[Table]()
    with server() as place:
        for name in given.only.split(","):
            found = BENCHES[name](place.fresh(f"bench_{name}"), given.long)
            for table in found if isinstance(found, list) else [found]:
                print(report.screen(table), flush=True)
                tables.append(table)
    path = report.keep(tables, HOME, at=began, load=os.getloadavg()[1])
    print(f"\n{path}  ({(utc_now() - began).total_seconds():.0f} s)")
    if given.page:
        (ROOT / "docs" / "performance.md").write_text(report.page(tables, at=began, load=os.getloadavg()[1]), "utf-8")


if __name__ == "__main__":
    main()
