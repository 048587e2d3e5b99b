"""Who is who in a rehearsal: people to rehearse as, conversations to go on with."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from clinic.patients.models import Dependant, RelationshipKind
from clinic.rehearsals.models import Part, Talk
from db.session import Session

PARTS_MOST = 50
_PHONE = re.compile(r"[\d\s()+.-]+")


async def parts(s: Session, asked: str, *, now: datetime) -> list[Part]:
    """People to rehearse as, at most 50, those with visits ahead first; `asked` is part of a name or of a phone."""
    asked = " ".join(asked.replace("\x00", " ").split())
    rows = await s.all(
        # Looked up contact by contact: a fresh copy has no statistics, and joins of whole tables would be planned for a few.
        """WITH told AS (
             SELECT n.person, k.display_name, t.people, t.visits FROM contacts k
             CROSS JOIN LATERAL (
               SELECT a.value AS person FROM contact_aliases a
               WHERE a.clinic_id = k.clinic_id AND a.contact_id = k.id AND a.kind IN ('phone', 'console')
               ORDER BY a.kind = 'console', a.created_at, a.value LIMIT 1) n
             CROSS JOIN LATERAL (
               SELECT coalesce(sum((SELECT count(*) FROM appointments v WHERE v.clinic_id = r.clinic_id
                        AND v.person_id = r.person_id AND v.starts_at > %(now)s AND v.status IN ('booked', 'confirmed'))), 0)
                        AS visits,
                      coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'kind', r.kind)
                        ORDER BY r.kind <> 'self', r.created_at, p.id), '[]') AS people
               FROM relationships r JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
               WHERE r.clinic_id = k.clinic_id AND r.contact_id = k.id) t
             WHERE k.clinic_id = %(clinic)s)
           SELECT person, coalesce(people -> 0 ->> 'name', display_name, '') AS name, people, visits::int FROM told
           WHERE (%(digits)s <> '' AND strpos(person, %(digits)s) > 0)
              OR strpos(plain_text(concat_ws(' ', person, display_name, jsonb_path_query_array(people, '$[*].name')::text)),
                        plain_text(%(asked)s)) > 0
           ORDER BY visits DESC, name, person LIMIT %(most)s""",
        {
            "clinic": s.clinic_id,
            "now": now,
            "asked": asked,
            "digits": re.sub(r"\D", "", asked) if _PHONE.fullmatch(asked) else "",
            "most": PARTS_MOST,
        },
    )
    return [
        Part(
            person=row["person"],
            name=row["name"],
            people=tuple(Dependant(UUID(p["id"]), p["name"], RelationshipKind(p["kind"])) for p in row["people"]),
            visits=row["visits"],
        )
        for row in rows
    ]


async def talks(s: Session) -> list[Talk]:
    """The rehearsal's conversations, the one spoken in last first."""
    rows = await s.all(
        """SELECT c.id, c.reply_to AS person, c.last_message_at AS last_at, coalesce(
               (SELECT p.name FROM relationships r JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
                WHERE r.clinic_id = c.clinic_id AND r.contact_id = c.contact_id
                ORDER BY r.kind <> 'self', r.created_at LIMIT 1),
               k.display_name, '') AS name
           FROM conversations c JOIN contacts k ON k.clinic_id = c.clinic_id AND k.id = c.contact_id
           WHERE c.clinic_id = %(clinic)s ORDER BY c.last_message_at DESC NULLS LAST, c.id""",
        {"clinic": s.clinic_id},
    )
    return [Talk(**row) for row in rows]
