-- The history of every business table, written by the database itself (AUD-1).
-- Run by the owner after each migration; every statement may be repeated.
-- Functions belong to the owner, run as the owner (SECURITY DEFINER) with a fixed search path, so the
-- application's role can neither write the history tables itself nor change or skip these functions.

INSERT INTO public.history_clock (id, xid_offset) VALUES (1, 0) ON CONFLICT DO NOTHING;

-- The four helpers below name their search path nowhere, because PostgreSQL writes a function into the query
-- that calls it only then (half of a trigger's time). They are called where the path is fixed: in the trigger
-- function, which fixes it, and in verification, which fixes it for its transaction.

-- Secrets are kept as a digest.
CREATE OR REPLACE FUNCTION public.history_hidden(row_image jsonb, secret text[])
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(
    jsonb_object_agg(s, 'sha256:' || left(encode(sha256(convert_to(row_image ->> s, 'UTF8')), 'hex'), 16)), '{}'::jsonb)
  FROM unnest(secret) s WHERE row_image ->> s IS NOT NULL
$$;

-- The image of a row that the history keeps: derived columns left out, secrets as a digest.
CREATE OR REPLACE FUNCTION public.history_image(row_image jsonb, skip text[], secret text[])
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN secret = '{}' THEN row_image - skip
    ELSE (row_image - skip) || public.history_hidden(row_image, secret) END
$$;

-- The columns of `image` whose value differs from `other`.
CREATE OR REPLACE FUNCTION public.history_changed(image jsonb, other jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}'::jsonb)
  FROM jsonb_each(image) e WHERE other -> e.key IS DISTINCT FROM e.value
$$;

-- The digest of the JSON array [id, xid, table, row, op, before, after] as jsonb prints it; joined from its parts,
-- so that the row's image is not copied into an array first.
CREATE OR REPLACE FUNCTION public.history_entry_digest(
  id bigint, xid bigint, table_name text, row_id text, op text, before jsonb, after jsonb)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to('[' || id || ', ' || xid || ', ' || to_json(table_name) || ', ' || to_json(row_id) || ', '
    || to_json(op) || ', ' || coalesce(before::text, 'null') || ', ' || coalesce(after::text, 'null') || ']', 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION public.history_transaction_digest(
  xid bigint, at timestamptz, context jsonb, db_user text, client text)
RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(xid, extract(epoch FROM at), context, db_user, client)::text, 'UTF8'))
$$;

-- The number of the running transaction; its first change records who, when, from where and why.
CREATE OR REPLACE FUNCTION public.history_transaction_id()
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tx bigint;
  said text := nullif(current_setting('dossier.context', true), '');
  who jsonb;
  whence text;
BEGIN
  SELECT pg_current_xact_id()::text::bigint + c.xid_offset INTO STRICT tx FROM public.history_clock c;
  PERFORM 1 FROM public.history_transaction t WHERE t.xid = tx;
  IF FOUND THEN
    RETURN tx;
  END IF;
  BEGIN
    who := coalesce(said::jsonb, '{}'::jsonb);
  EXCEPTION WHEN invalid_text_representation THEN
    who := jsonb_build_object('unreadable', said);
  END;
  whence := coalesce(inet_client_addr()::text, 'local') || ' ' || coalesce(current_setting('application_name', true), '');
  INSERT INTO public.history_transaction (xid, at, context, db_user, client, digest)
  VALUES (tx, now(), who, session_user, left(whence, 100),
    public.history_transaction_digest(tx, now(), who, session_user, left(whence, 100)));
  RETURN tx;
END $$;

-- A changed key would be a row that left and another that came.
CREATE OR REPLACE FUNCTION public.history_key_changed(table_name text)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the key of a row of % cannot be changed', table_name;
END $$;

-- The trigger of every business table. Arguments: key column, columns left out, secret columns.
-- What a session may choose (time zone, how bytes, numbers and intervals are written) does not show in an image.
-- Old and new rows are never joined by a nested loop: the planner knows nothing of their number and, expecting
-- few, would compare each with each. The transaction is asked for where the first entry is made, so a statement
-- that changes nothing kept here writes nothing.
CREATE OR REPLACE FUNCTION public.history_record()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET bytea_output = 'hex'
SET extra_float_digits = 1
SET intervalstyle = 'postgres'
SET enable_nestloop = off AS $$
DECLARE
  pk text := TG_ARGV[0];
  skip text[] := TG_ARGV[1]::text[];
  secret text[] := TG_ARGV[2]::text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO public.history_entry (id, xid, table_name, row_id, op, before, after, digest)
    SELECT i.id, i.tx, TG_TABLE_NAME, i.row_id, 'I', NULL, i.image,
      public.history_entry_digest(i.id, i.tx, TG_TABLE_NAME, i.row_id, 'I', NULL, i.image)
    FROM (SELECT nextval('public.history_entry_id_seq') AS id, (SELECT public.history_transaction_id()) AS tx,
            r.j ->> pk AS row_id, public.history_image(r.j, skip, secret) AS image
          FROM (SELECT to_jsonb(n) AS j FROM new_rows n OFFSET 0) r OFFSET 0) i;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO public.history_entry (id, xid, table_name, row_id, op, before, after, digest)
    SELECT i.id, i.tx, TG_TABLE_NAME, i.row_id, 'D', i.image, NULL,
      public.history_entry_digest(i.id, i.tx, TG_TABLE_NAME, i.row_id, 'D', i.image, NULL)
    FROM (SELECT nextval('public.history_entry_id_seq') AS id, (SELECT public.history_transaction_id()) AS tx,
            r.j ->> pk AS row_id, public.history_image(r.j, skip, secret) AS image
          FROM (SELECT to_jsonb(o) AS j FROM old_rows o OFFSET 0) r OFFSET 0) i;
  ELSE
    INSERT INTO public.history_entry (id, xid, table_name, row_id, op, before, after, digest)
    SELECT i.id, i.tx, TG_TABLE_NAME, i.row_id, 'U', i.before, i.after,
      public.history_entry_digest(i.id, i.tx, TG_TABLE_NAME, i.row_id, 'U', i.before, i.after)
    FROM (
      SELECT nextval('public.history_entry_id_seq') AS id, (SELECT public.history_transaction_id()) AS tx, c.row_id,
        public.history_changed(c.was, c.becomes) AS before, public.history_changed(c.becomes, c.was) AS after
      FROM (
        SELECT CASE WHEN o.j IS NULL OR n.j IS NULL THEN public.history_key_changed(TG_TABLE_NAME)
            ELSE o.j ->> pk END AS row_id,
          public.history_image(o.j, skip, secret) AS was, public.history_image(n.j, skip, secret) AS becomes
        FROM (SELECT to_jsonb(o) AS j FROM old_rows o OFFSET 0) o
        FULL JOIN (SELECT to_jsonb(n) AS j FROM new_rows n OFFSET 0) n ON n.j -> pk = o.j -> pk
        OFFSET 0) c
      WHERE c.was IS DISTINCT FROM c.becomes OFFSET 0) i;
  END IF;
  RETURN NULL;
END $$;

-- The state of a row from its entries: each entry's `after` laid over the ones before.
DROP AGGREGATE IF EXISTS public.history_fold(jsonb);
CREATE AGGREGATE public.history_fold(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}');

REVOKE ALL ON FUNCTION public.history_record(), public.history_transaction_id(),
  public.history_key_changed(text) FROM PUBLIC;

-- The clock's offset for the application, which may not read the clock itself.
CREATE OR REPLACE VIEW public.history_offset AS SELECT xid_offset FROM public.history_clock;
