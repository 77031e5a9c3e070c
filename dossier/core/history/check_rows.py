"""The entries of each row against one another and against the live row (AUD-1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import models
from django.utils.translation import gettext as _
from psycopg import sql

from dossier.core.db.after_migrate import tracked_models, trigger_arguments
from dossier.core.history.faults import MOST_NAMED, Fault

# Most rows have one entry alone, that of their coming: it is the whole row and needs no folding. The others
# (`several`) are laid over one another once, which gives both what stood before each entry and the end.
#
# Columns that are not recorded (of customers the longest ones) are not read: half the time of a customer.
#
# The images of a row are compared whole before they are compared by column: equal as a whole is equal in each.
_ROWS = """
WITH several AS MATERIALIZED (
  SELECT row_id FROM public.history_entry WHERE table_name = {name} GROUP BY row_id
  HAVING count(*) > 1 OR min(op) <> 'I'
), line AS MATERIALIZED (
  SELECT id, row_id, op, before, after,
    lag(op) OVER (PARTITION BY row_id ORDER BY id) AS previous,
    public.history_fold(coalesce(after, '{{}}')) OVER (
      PARTITION BY row_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS stood,
    lead(id) OVER (PARTITION BY row_id ORDER BY id) IS NULL AS is_last
  FROM public.history_entry
  WHERE table_name = {name} AND row_id IN (SELECT row_id FROM several)
), known AS (
  SELECT e.row_id, e.after AS image, false AS is_gone FROM public.history_entry e
  WHERE e.table_name = {name} AND NOT EXISTS (SELECT FROM several s WHERE s.row_id = e.row_id)
  UNION ALL
  SELECT row_id, coalesce(stood, '{{}}') || coalesce(after, '{{}}'), op = 'D' FROM line WHERE is_last
), live AS (
  SELECT j ->> {key} AS row_id, public.history_image(j, {skip}::text[], {secret}::text[]) AS image
  FROM (SELECT to_jsonb(t) AS j FROM (SELECT {columns} FROM {table}) t OFFSET 0) x
), held AS (
  SELECT coalesce(k.row_id, l.row_id) AS row_id, k.image AS known, l.image AS live,
    k.row_id IS NULL OR k.is_gone AS is_unknown, l.row_id IS NULL AS is_absent
  FROM known k FULL JOIN live l ON l.row_id = k.row_id
  WHERE CASE WHEN l.row_id IS NULL THEN NOT k.is_gone
             WHEN k.row_id IS NULL OR k.is_gone THEN true
             WHEN k.image = l.image THEN false
             ELSE EXISTS (SELECT 1 FROM jsonb_each(l.image) e
                          WHERE coalesce(k.image -> e.key, 'null'::jsonb) <> e.value) END
)
(SELECT CASE WHEN is_absent THEN 'row_gone' WHEN is_unknown THEN 'row_without_history' ELSE 'row_differs' END,
   row_id, NULL::bigint, CASE WHEN NOT is_absent AND NOT is_unknown THEN
     (SELECT string_agg(e.key, ', ' ORDER BY e.key) FROM jsonb_each(live) e
      WHERE coalesce(known -> e.key, 'null'::jsonb) <> e.value) END
 FROM held LIMIT {most})
UNION ALL
(SELECT 'entry_out_of_line', row_id, id, NULL FROM line
 WHERE CASE op WHEN 'I' THEN coalesce(previous, 'D') <> 'D' OR after IS NULL
               WHEN 'U' THEN coalesce(previous, 'D') = 'D' OR before IS NULL OR after IS NULL OR EXISTS (
                 SELECT 1 FROM jsonb_each(before) e WHERE coalesce(stood -> e.key, 'null'::jsonb) <> e.value)
               WHEN 'D' THEN coalesce(previous, 'D') = 'D' OR before IS NULL OR EXISTS (
                 SELECT 1 FROM jsonb_each(before) e WHERE coalesce(stood -> e.key, 'null'::jsonb) <> e.value)
               ELSE true END
 ORDER BY id LIMIT {most})
"""


_SIZES = """
SELECT relname, reltuples FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s::text[])
"""
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL(%s::text[]) ORDER BY attnum
"""


def tables_to_check(connection: psycopg.Connection[Any]) -> deque[type[models.Model]]:
    """The recorded tables, the largest first; several connections may each take the next one from the left.

    The largest left for the end would keep one connection at work while the other has nothing to do.
    """
    models_ = tracked_models()
    names = [model._meta.db_table for model in models_]
    rows = dict(connection.execute(_SIZES, [names]).fetchall())
    return deque(sorted(models_, key=lambda model: -rows.get(model._meta.db_table, 0)))


def check_rows(
    connection: psycopg.Connection[Any], tables: deque[type[models.Model]]
) -> list[Fault]:
    """The entries of each row, laid over one another, give the live row; a deleted one has none.

    Each entry must also follow from the one before it: what it says stood before did stand there, a row comes
    once and leaves once. A column added by a migration stood nowhere before: the first entry that names it
    says null. Takes tables until none is left.
    """
    found: list[Fault] = []
    while True:
        try:
            model = tables.popleft()
        except (
            IndexError
        ):  # another connection may have taken the last one between a look and the taking
            return found
        found += _table(connection, model._meta.db_table, *trigger_arguments(model))


def _table(
    connection: psycopg.Connection[Any], table: str, key: str, skip: str, secret: str
) -> Iterator[Fault]:
    place = sql.Identifier("public", table)
    recorded = connection.execute(_COLUMNS, [place.as_string(connection), skip]).fetchall()
    query = sql.SQL(_ROWS).format(
        name=sql.Literal(table),
        table=place,
        columns=sql.SQL(", ").join(sql.Identifier(name) for (name,) in recorded),
        key=sql.Literal(key),
        skip=sql.Literal(skip),
        secret=sql.Literal(secret),
        most=sql.Literal(MOST_NAMED),
    )
    texts = {
        "row_without_history": _(
            "%(table)s %(row)s is there, but the history does not know it came."
        ),
        "row_gone": _("%(table)s %(row)s is gone, but the history does not know it left."),
        "row_differs": _("%(table)s %(row)s differs from its history in: %(fields)s."),
        "entry_out_of_line": _(
            "History entry %(n)s of %(table)s %(row)s does not follow from the one before it: one was removed, added or edited."
        ),
    }
    for code, row, entry, columns in connection.execute(query):
        facts = {"table": table, "row": row, "fields": columns or "", "n": entry}
        yield Fault(code, texts[code] % facts, table, row, entry, columns=columns or "")
