"""A report written in a rich editor is read as somebody would see it, and nothing of it is lost or run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.primecare.rows import born
from clinic.reports.models import Medication, SourceReport
from clinic.reports.patterns import detect
from clinic.reports.rich_text import plain_text
from clinic.reports.source_text import source_text

AT = datetime(2026, 11, 20, 11, 10, tzinfo=UTC)
REPORT = SourceReport("r", "s", "Maria", "Sueli", AT, AT, "")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("<p>Passou bem.</p><p>Nega <b>febre</b>&nbsp;e dor.</p>", "Passou bem.\nNega febre e dor."),
        ("Dormiu bem<br/>\nAceitou a dieta<BR>Sem queixas", "Dormiu bem\nAceitou a dieta\nSem queixas"),
        ("<div>nega\nfebre</div>", "nega febre"),
        ("linha um\nlinha <b>dois</b>", "linha um\nlinha dois"),
        ("<ul><li>banho</li><li>almo&ccedil;o</li></ul>", "- banho\n- almoço"),
        ("<table><tr><td>PA</td><td>13x8</td></tr><tr><td>FC</td><td>80</td></tr></table>", "PA 13x8\nFC 80"),
        ("<style>p{color:red}</style><p>Bem</p><script>if (1<2) alert('x')</script>", "Bem"),
        ("<p>Bem</p><script>caiu da cama", "Bem\ncaiu da cama"),
        ("<!--[if mso]><xml>x</xml><![endif]--><p>Bem</p>", "Bem"),
        ("<p>Bem</p><!-- caiu da cama", "Bem\ncaiu da cama"),
        ("<p>Sat &lt; 90% &#38; FC &#x3E; 100</p>", "Sat < 90% & FC > 100"),
        ('<p onclick="x()">Olhe <a href="http://x.y">aqui</a><img src=x onerror=y></p>', "Olhe aqui"),
        ('<span style="display:none">caiu</span> bem', "caiu bem"),
        ("<p>ver <anexo 2> e sat <90%</p>", "ver <anexo 2> e sat <90%"),
        ("Sat <90% e FC>100, ver <anexo>", "Sat <90% e FC>100, ver <anexo>"),
        ("Alimenta&ccedil;&atilde;o boa &amp; sono bom, T&D, a&b;", "Alimentação boa & sono bom, T&D, a&b;"),
        ("Passou bem.\n\nDormiu.", "Passou bem.\n\nDormiu."),
    ],
)
def test_tags_go_and_words_stay(written: str, seen: str) -> None:
    assert plain_text(written) == seen


@given(st.text(alphabet="<>/&;pbrscript!-= \"'ab\n", max_size=80))
def test_any_text_is_read(text: str) -> None:
    assert plain_text(text) is not None


def test_spans_count_in_what_reviewers_see() -> None:
    body = "<p>PA&nbsp;13x8.</p><p>&Agrave;s 14h <b>caiu</b> no banho</p>"
    text = source_text(replace(REPORT, body=body, medications=(Medication("AAS", note="<i>cuspiu</i>"),)), ZoneInfo("UTC"))
    assert text.splitlines() == ["PA 13x8.", "Às 14h caiu no banho", "", "AAS: sem registro se foi dada (cuspiu)"]
    (fall,) = detect(text)
    assert (fall.key, text[fall.span.start : fall.span.end]) == ("fall", "caiu")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("1941-05-02", date(1941, 5, 2)), ("02/05/1941", date(1941, 5, 2)), ("1941-05-02 00:00:00", date(1941, 5, 2)),
        (date(1941, 5, 2), date(1941, 5, 2)), (datetime(1941, 5, 2, 3), date(1941, 5, 2)),
        ("0000-00-00", None), ("ontem", None), ("", None), (None, None), (7, None), ("1241-05-02", None),
    ],
)  # fmt: skip
def test_a_date_of_birth_that_cannot_be_read_is_none(value: object, day: date | None) -> None:
    assert born(value) == day
