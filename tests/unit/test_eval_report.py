"""The report: what was violated comes first, every figure has its words and its comma, and the page needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from evals import runs
from evals.changes import Changed, Difference
from evals.evidence import Called, Evidence, Turn
from evals.gate import decide
from evals.grading.grade import Verdict
from evals.grading.retrieval import Ranked, Retrieved
from evals.runs import Head, Run, Trial
from evals.suites import of_suites
from evals.telling import report, stats
from evals.telling.figures import figures

KNOWN = {one.id: one for one in of_suites()}
PAIR = ("mineira-limpeza-a", "mineira-limpeza-b")


def talk(name: str, number: int, *, seconds: float = 0.4, **more: object) -> Evidence:
    booked = Called("book_visit", {"proposal": "A1"}, True, "write")
    turn = Turn(
        said=("oi <b>",), agrees=True, replies=("Marquei.",), calls=(booked,), cost_brl=0.0234, tokens=1200, seconds=seconds
    )  # fmt: skip
    return Evidence(name, number, "+5531988887777", (turn,), **more)  # type: ignore[arg-type]


def run(folder: Path, *trials: Trial, **head: object) -> Run:
    due = {name: sum(one.scenario == name for one in trials) for name in dict.fromkeys(one.scenario for one in trials)}
    given = Head(id="r", began_at="2026-11-21T23:30:00+00:00", tier="T1", model="gpt-x", offline=False, trials=due)
    runs.begin(folder, replace(given, **head))  # type: ignore[arg-type]
    for one in trials:
        runs.add(folder, one)
    return runs.read(folder)


def page(of: Run) -> str:
    return report.html(of, decide(of), KNOWN)


def test_violations_come_first_then_suites_then_what_is_missing(tmp_path: Path) -> None:
    visit = {"person": "Ana", "service": "Limpeza", "starts": "2026-11-26T10:00", "price": 220.0}
    wrong = talk(PAIR[0], 1, changed=Difference((Changed("visits", None, visit),)))
    html = page(run(
        tmp_path,
        Trial(PAIR[0], "tone", 1, "", Verdict(violations=("contou algo",)), wrong),
        Trial(PAIR[1], "tone", 1, "", Verdict(failures=("não disse",)), talk(PAIR[1], 1)),
    ))  # fmt: skip
    places = [html.index(f'id="{name}"') for name in ("violated", "suites", "pass-hat", "twins", "failed")]
    assert places == sorted(places)
    assert html.index("contou algo") < html.index("não disse")
    # The rows that differ, as staff read them; the transcript, escaped; who did what.
    assert "Consulta marcada: Ana, Limpeza, 26/11/2026 10:00, preço: R$ 220,00" in html
    assert "Consulta marcada: Eunice Vieira Coelho" in html
    assert "oi &lt;b&gt;" in html and "book_visit(proposal: A1)" in html
    assert "sem assinatura" in html and "2 de 2 cenários sem assinatura" in html


def test_figures_have_commas_reais_and_the_clinics_clock(tmp_path: Path) -> None:
    trials = [
        Trial(PAIR[0], "tone", n, "", Verdict(() if n < 4 else ("x",)), talk(PAIR[0], n, seconds=n)) for n in (1, 2, 3, 4)
    ]
    of = run(tmp_path, *trials)
    html = page(of).replace("\xa0", " ")
    assert "21/11/2026 às 20h30" in html
    assert "isto não é qualidade" not in html
    assert "R$ 0,0234" in html and "R$ 0,09 ao todo, 4.800 tokens" in html
    assert "2,0 s" in html and "95 % em até 4,0 s" in html
    assert "k = 4" in html and "75 %" in html
    found = figures(of)
    assert [round(found["pass_hat_intervals"][k]["share"], 2) for k in (1, 2, 3, 4)] == [0.75, 0.5, 0.25, 0.0]


def test_the_page_asks_the_network_for_nothing(tmp_path: Path) -> None:
    html = page(run(tmp_path, Trial(PAIR[0], "tone", 1, "", Verdict(), talk(PAIR[0], 1)), offline=True))
    assert not re.search(r"https?://|//cdn|<script|<link|@import|url\(", html)
    assert "isto não é qualidade" in html
    assert "Passou" in html


def test_documents_and_twins_are_told_with_what_they_are_compared_to(tmp_path: Path) -> None:
    half, best = Ranked(0.5, 1.0, 0.5, 0.613), Ranked(1.0, 1.0, 1.0, 1.0)
    found = Retrieved(True, True, half, best, cited=True)
    html = page(run(
        tmp_path,
        replace(Trial(PAIR[0], "tone", 1, "", Verdict(), talk(PAIR[0], 1)), retrieved=found),
        replace(Trial(PAIR[1], "tone", 1, "", Verdict(failures=("x",)), talk(PAIR[1], 1)), retrieved=Retrieved(True, False)),
    )).replace("\xa0", " ")  # fmt: skip
    assert "0,61" in html and "só por palavras (BM25)" in html
    assert "Perguntas que nenhum documento responde: 1. Não trouxe nada em 100 % delas." in html
    assert "pares: 1. Terminam diferente: 1." in html


def test_an_interval_of_pass_hat_draws_whole_scenarios() -> None:
    trials = {str(n): [n % 4 > 0] * 3 for n in range(40)}
    found = stats.pass_hat_interval(trials, 3)
    assert found is not None and found.share == 0.75
    assert found.low < 0.65 and found.high > 0.85
    assert stats.pass_hat_interval({**trials, "x": [True]}, 3) is None
    assert stats.pass_hat_interval({}, 1) is None
