"""Hours and months as Brazilians say them: one o'clock is singular."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from kit import ptbr

NOW = datetime(2026, 11, 23, 0, 10)


def test_one_oclock_is_singular_wherever_an_hour_is_said() -> None:
    one, three = time(1, 30), time(3)
    assert ptbr.at(time(1)) == "à 1h"
    assert ptbr.at(time(13)) == "às 13h"
    assert ptbr.moment(NOW.replace(hour=1)) == "segunda, 23 de novembro, à 1h10"
    assert ptbr.until(NOW.replace(hour=1), now=NOW) == "hoje até a 1h10"
    assert ptbr.until(datetime(2026, 11, 24, 9), now=NOW) == "amanhã até as 9h"
    assert ptbr.until(datetime(2026, 11, 27, 1), now=NOW) == "sexta, 27 de novembro, até a 1h"
    assert ptbr.span(one, three) == "da 1h30 às 3h"
    assert ptbr.span(time(22), one) == "das 22h à 1h30"
    assert ptbr.span(one, None) == "a partir da 1h30"
    assert ptbr.span(None, one) == "até a 1h30"
    assert ptbr.span(time(8), None) == "a partir das 8h"
    assert ptbr.span(None, None) == ""


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("março", 3),
        ("MARCO", 3),
        ("mar", 3),
        ("dezembro", 12),
        ("Dez", 12),
        ("maio", 5),
        ("marc", None),
        ("", None),
        ("dia", None),
    ],
)
def test_a_month_is_known_by_its_name_or_its_first_letters(said: str, number: int | None) -> None:
    assert ptbr.month_number(said) == number
