-- ClaimExpired
WITH links AS (
  SELECT sid FROM "session"
  WHERE ctid >= @From::text::tid AND ctid < @To::text::tid AND expire < now() AND expire < now() AND starts_with(sid, E'\x01') AND NOT starts_with(sid, E'\x01expired:')
  LIMIT @Size
  FOR UPDATE SKIP LOCKED),
dropped AS (
  DELETE FROM "session" AS old USING links WHERE old.sid = links.sid),
batch AS (
  SELECT sid, starts_with(sid, E'\x01expired:') AS is_claim, CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END AS session FROM "session"
  WHERE ctid >= @From::text::tid AND ctid < @To::text::tid AND expire < now() AND expire < now() AND (starts_with(sid, E'\x01expired:') OR NOT starts_with(sid, E'\x01')) AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
  LIMIT @Size
  FOR UPDATE SKIP LOCKED),
claimed AS (
  UPDATE "session" AS held SET
    sid = E'\x01expired:' || CASE WHEN is_claim THEN split_part(held.sid, ':', 2)::int + 1 ELSE 1 END || ':' || txid_current() || ':' || encode(sha256(convert_to(held.sid, 'UTF8')), 'base64'),
    sess = CASE WHEN is_claim THEN held.sess ELSE json_build_object('id', held.sid, 'expired', date_part('epoch', held.expire), 'subject', held.subject, 'session', session) END,
    expire = to_timestamp(ceil(date_part('epoch', clock_timestamp()) + @Lease)), subject = NULL
  FROM batch WHERE held.sid = batch.sid
  RETURNING held.sid, held.sess)
SELECT sid AS "Claim", convert_to(sess::text, 'UTF8') AS "Content" FROM claimed;

-- ConfirmExpired
DELETE FROM "session" WHERE sid = ANY ($1);

-- Get
SELECT CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END, expire, subject, clock_timestamp()
FROM "session"
WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false);

-- GetSliding
WITH due AS MATERIALIZED (
  SELECT FROM "session"
  WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND expire < clock_timestamp() + make_interval(secs => $2)
    AND CASE WHEN CASE WHEN pg_column_size(sess) < 2000 THEN false ELSE octet_length(sess::text) > 65536 END THEN false ELSE to_timestamp(ceil((SELECT greatest(0, least(least(date_part('epoch', clock_timestamp()) + $3, $4),
    date_part('epoch', clock_timestamp()) + CASE WHEN json_typeof(idle) = 'number' AND length(idle::text) < 300 AND idle::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
      THEN greatest(least(idle::text::numeric, 1e15), -1e15)::float8 END / 1000,
    CASE WHEN json_typeof(absolute) = 'number' AND length(absolute::text) < 300 AND absolute::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
      THEN greatest(least(absolute::text::numeric, 1e15), -1e15)::float8 END / 1000))
  FROM (SELECT readable -> 'cookie' -> 'originalMaxAge' AS idle, readable -> '__absolute' AS absolute
    FROM (SELECT CASE WHEN sess::text ~* '\\u(0000|d[89a-f])'
      THEN regexp_replace(sess::text, '\\(u....|.)', '_', 'g')::json ELSE sess END AS readable OFFSET 0) AS text OFFSET 0) AS members))) > expire END),
found AS MATERIALIZED (
  SELECT sess, expire AS expires_at, subject AS subject
  FROM "session"
  WHERE sid = $1 AND EXISTS (SELECT FROM due)
  FOR UPDATE),
judged AS MATERIALIZED (
  SELECT sess, expires_at, subject,
    CASE WHEN expires_at < clock_timestamp() + make_interval(secs => $2) AND slide_end > expires_at THEN slide_end END AS extended
  FROM found, LATERAL (
    SELECT CASE WHEN NOT CASE WHEN pg_column_size(sess) < 2000 THEN false ELSE octet_length(sess::text) > 65536 END THEN to_timestamp(ceil((SELECT greatest(0, least(least(date_part('epoch', clock_timestamp()) + $3, $4),
    date_part('epoch', clock_timestamp()) + CASE WHEN json_typeof(idle) = 'number' AND length(idle::text) < 300 AND idle::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
      THEN greatest(least(idle::text::numeric, 1e15), -1e15)::float8 END / 1000,
    CASE WHEN json_typeof(absolute) = 'number' AND length(absolute::text) < 300 AND absolute::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
      THEN greatest(least(absolute::text::numeric, 1e15), -1e15)::float8 END / 1000))
  FROM (SELECT readable -> 'cookie' -> 'originalMaxAge' AS idle, readable -> '__absolute' AS absolute
    FROM (SELECT CASE WHEN sess::text ~* '\\u(0000|d[89a-f])'
      THEN regexp_replace(sess::text, '\\(u....|.)', '_', 'g')::json ELSE sess END AS readable OFFSET 0) AS text OFFSET 0) AS members))) END AS slide_end OFFSET 0) AS slide
  WHERE expires_at > clock_timestamp()),
slid AS (
  UPDATE "session" SET expire = extended
  FROM judged
  WHERE sid = $1 AND extended IS NOT NULL)
SELECT CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END, coalesce(extended, expires_at), subject, clock_timestamp(), NULL
FROM judged
UNION ALL
SELECT CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END, expire, subject, clock_timestamp(), CASE WHEN CASE WHEN pg_column_size(sess) < 2000 THEN false ELSE octet_length(sess::text) > 65536 END THEN xmin::text END
FROM "session"
WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND NOT EXISTS (SELECT FROM due);

-- SlideRead
UPDATE "session" SET expire = to_timestamp(CASE WHEN 'Infinity'::float8 > 0 AND $3 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + 'Infinity'::float8, $3)) ELSE floor(least(date_part('epoch', clock_timestamp()) + 'Infinity'::float8, $3)) END)
WHERE sid = $1 AND xmin::text = $2 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
RETURNING expire, clock_timestamp();

-- Create
WITH dropped AS (
  DELETE FROM "session" WHERE sid = E'\x01' || encode(sha256(convert_to($1, 'UTF8')), 'base64'))
INSERT INTO "session" AS held (sid, sess, expire, subject)
VALUES ($1, $2, to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), $5)
ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire, subject = EXCLUDED.subject, joined = EXCLUDED.joined
WHERE (held.expire <= clock_timestamp() OR coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false))
RETURNING 1;

-- Set
WITH dropped AS (
  DELETE FROM "session" WHERE sid = E'\x01' || encode(sha256(convert_to($1, 'UTF8')), 'base64'))
INSERT INTO "session" AS held (sid, sess, expire, subject)
VALUES ($1, $2, to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), $5)
ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire, subject = EXCLUDED.subject,
  joined = CASE WHEN held.subject = EXCLUDED.subject AND held.expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false) THEN held.joined ELSE EXCLUDED.joined END;

-- Replace
WITH found AS MATERIALIZED (
  SELECT ($5::text IS NULL OR sess::text = $5 AND subject IS NOT DISTINCT FROM $7) AS same, expire AS expires_at
  FROM "session"
  WHERE sid = $1 AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
  FOR UPDATE),
judged AS MATERIALIZED (
  SELECT same FROM found WHERE expires_at > clock_timestamp()),
written AS (
  UPDATE "session" SET sess = $2, expire = to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), subject = $6, joined = CASE WHEN subject = $6 THEN joined ELSE clock_timestamp() END
  FROM judged
  WHERE sid = $1 AND same)
SELECT same FROM judged;

-- Rotate
WITH found AS MATERIALIZED (
  SELECT ($5::text IS NULL OR sess::text = $5 AND subject IS NOT DISTINCT FROM $8) AS same, expire AS expires_at
  FROM "session"
  WHERE sid = $1 AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
  FOR UPDATE),
judged AS MATERIALIZED (
  SELECT same FROM found WHERE expires_at > clock_timestamp()),
written AS (
  UPDATE "session" SET sid = $6, sess = $2, expire = to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), subject = $7, joined = CASE WHEN subject = $7 THEN joined ELSE clock_timestamp() END
  FROM judged
  WHERE sid = $1 AND same),
linked AS (
  INSERT INTO "session" (sid, sess, expire)
  SELECT E'\x01' || encode(sha256(convert_to($1, 'UTF8')), 'base64'), json_build_object('__rotatedTo', $6::text), to_timestamp(ceil(date_part('epoch', clock_timestamp()) + 300)) FROM judged WHERE same
  ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire),
dropped AS (
  DELETE FROM "session" USING judged WHERE sid = E'\x01' || encode(sha256(convert_to($6, 'UTF8')), 'base64') AND same)
SELECT same FROM judged;

-- Touch
WITH moved AS (
  UPDATE "session" SET expire = to_timestamp(CASE WHEN $2 > 0 AND $3 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $2, $3)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $2, $3)) END)
  WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND to_timestamp(CASE WHEN $2 > 0 AND $3 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $2, $3)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $2, $3)) END) > expire
  RETURNING 1)
SELECT 1 FROM moved
UNION ALL
SELECT 1 FROM "session" WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND NOT EXISTS (SELECT FROM moved);

-- GetMany
SELECT held.*, number
FROM unnest((SELECT $1::text[])) WITH ORDINALITY AS wanted (id, number), LATERAL (
  SELECT CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END AS payload, expire AS expires_at, subject AS subject, clock_timestamp() AS now
  FROM "session"
  WHERE sid = wanted.id AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) OFFSET 0) AS held;

-- SlideMany
WITH found AS MATERIALIZED (
  SELECT wanted.*, held.*
  FROM unnest((SELECT $1::text[]), (SELECT $2::float8[]), (SELECT $3::float8[]), (SELECT $4::float8[]))
    WITH ORDINALITY AS wanted (id, below, idle, ends, number), LATERAL (
    SELECT sess, expire AS expires_at, subject AS subject
    FROM "session"
    WHERE sid = wanted.id AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND expire < clock_timestamp() + make_interval(secs => wanted.below)
      AND NOT CASE WHEN pg_column_size(sess) < 2000 THEN false ELSE octet_length(sess::text) > 65536 END
    FOR UPDATE SKIP LOCKED) AS held),
judged AS MATERIALIZED (
  SELECT found.*, extended
  FROM found, LATERAL (
    SELECT to_timestamp(ceil((SELECT greatest(0, least(least(date_part('epoch', clock_timestamp()) + found.idle, found.ends),
    date_part('epoch', clock_timestamp()) + CASE WHEN json_typeof(idle) = 'number' AND length(idle::text) < 300 AND idle::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
      THEN greatest(least(idle::text::numeric, 1e15), -1e15)::float8 END / 1000,
    CASE WHEN json_typeof(absolute) = 'number' AND length(absolute::text) < 300 AND absolute::text ~ '^[-0-9.]+([eE][-+]?[0-9]{1,3})?$'
      THEN greatest(least(absolute::text::numeric, 1e15), -1e15)::float8 END / 1000))
  FROM (SELECT readable -> 'cookie' -> 'originalMaxAge' AS idle, readable -> '__absolute' AS absolute
    FROM (SELECT CASE WHEN sess::text ~* '\\u(0000|d[89a-f])'
      THEN regexp_replace(sess::text, '\\(u....|.)', '_', 'g')::json ELSE sess END AS readable OFFSET 0) AS text OFFSET 0) AS members))) AS extended OFFSET 0) AS slide
  WHERE extended > expires_at),
slid AS (
  UPDATE "session" SET expire = judged.extended
  FROM judged
  WHERE sid = judged.id AND judged.expires_at > clock_timestamp()
  RETURNING number)
SELECT CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END, extended, subject, clock_timestamp(), number
FROM judged JOIN slid USING (number);

-- CreateMany
WITH wanted AS MATERIALIZED (
  SELECT *
  FROM unnest((SELECT $1::text[]), (SELECT $2::json[]), (SELECT $3::float8[]), (SELECT $4::float8[]), (SELECT $5::text[]))
    WITH ORDINALITY AS wanted (id, payload, idle, ends, subject, number)),
written AS (
  INSERT INTO "session" (sid, sess, expire, subject)
  SELECT id, payload, to_timestamp(CASE WHEN idle > 0 AND ends > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + idle, ends)) ELSE floor(least(date_part('epoch', clock_timestamp()) + idle, ends)) END), subject
  FROM wanted
  WHERE NOT EXISTS (SELECT FROM "session" AS held WHERE held.sid = wanted.id OFFSET 0)
    AND NOT EXISTS (SELECT FROM "session" AS link WHERE link.sid = E'\x01' || encode(sha256(convert_to(wanted.id, 'UTF8')), 'base64') OFFSET 0)
  ON CONFLICT (sid) DO NOTHING
  RETURNING sid)
SELECT number FROM wanted JOIN written ON sid = id;

-- ReplaceMany
WITH found AS MATERIALIZED (
  SELECT wanted.*, held.*
  FROM unnest((SELECT $1::text[]), (SELECT $2::json[]), (SELECT $3::float8[]), (SELECT $4::float8[]), (SELECT $5::text[]), (SELECT $6::text[]), (SELECT $7::text[]))
    WITH ORDINALITY AS wanted (id, payload, idle, ends, loaded, new_subject, loaded_subject, number), LATERAL (
    SELECT sess::text = wanted.loaded AND subject IS NOT DISTINCT FROM wanted.loaded_subject AS same, expire AS expires_at
    FROM "session"
    WHERE sid = wanted.id AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
    FOR UPDATE SKIP LOCKED) AS held),
judged AS MATERIALIZED (
  SELECT found.* FROM found, (
    SELECT clock_timestamp() AS now FROM (SELECT count(*) FROM found) AS locked OFFSET 0) AS clock
  WHERE expires_at > now),
written AS (
  UPDATE "session" SET sess = judged.payload, expire = to_timestamp(CASE WHEN judged.idle > 0 AND judged.ends > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + judged.idle, judged.ends)) ELSE floor(least(date_part('epoch', clock_timestamp()) + judged.idle, judged.ends)) END), subject = judged.new_subject, joined = CASE WHEN subject = judged.new_subject THEN joined ELSE clock_timestamp() END
  FROM judged
  WHERE sid = judged.id AND same
  RETURNING judged.number)
SELECT number, true FROM written
UNION ALL
SELECT number, false FROM judged WHERE NOT same;

-- TouchMany
WITH wanted AS MATERIALIZED (
  SELECT *
  FROM unnest((SELECT $1::text[]), (SELECT $2::float8[]), (SELECT $3::float8[])) WITH ORDINALITY AS wanted (id, idle, ends, number)),
found AS MATERIALIZED (
  SELECT wanted.* FROM wanted, LATERAL (
    SELECT FROM "session"
    WHERE sid = wanted.id AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND to_timestamp(CASE WHEN wanted.idle > 0 AND wanted.ends > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + wanted.idle, wanted.ends)) ELSE floor(least(date_part('epoch', clock_timestamp()) + wanted.idle, wanted.ends)) END) > expire
    FOR UPDATE SKIP LOCKED) AS held),
moved AS (
  UPDATE "session" SET expire = to_timestamp(CASE WHEN found.idle > 0 AND found.ends > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + found.idle, found.ends)) ELSE floor(least(date_part('epoch', clock_timestamp()) + found.idle, found.ends)) END)
  FROM found
  WHERE sid = found.id AND expire > clock_timestamp()
  RETURNING number)
SELECT number FROM moved
UNION ALL
SELECT number FROM wanted, LATERAL (
  SELECT FROM "session"
  WHERE sid = wanted.id AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND to_timestamp(CASE WHEN wanted.idle > 0 AND wanted.ends > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + wanted.idle, wanted.ends)) ELSE floor(least(date_part('epoch', clock_timestamp()) + wanted.idle, wanted.ends)) END) <= expire OFFSET 0) AS kept;

-- LockSubject
SELECT pg_advisory_xact_lock(hashtextextended($1, 16384));

-- CreateOfSubject
WITH others AS MATERIALIZED (
  SELECT coalesce(held.joined, '-infinity') AS joined, held.sid, row_number() OVER (ORDER BY coalesce(held.joined, '-infinity') DESC, held.sid DESC) AS place
  FROM "session" AS held
  WHERE held.subject = $5 AND held.sid <> $1 AND held.expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false)),
written AS (
  INSERT INTO "session" AS held (sid, sess, expire, subject)
  SELECT $1, $2, to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), $5 WHERE ($7 OR (SELECT count(*) FROM others) < $6)
  ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire, subject = EXCLUDED.subject, joined = EXCLUDED.joined
  WHERE (held.expire <= clock_timestamp() OR coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false))
  RETURNING 1),
dropped AS (
  DELETE FROM "session" WHERE sid = E'\x01' || encode(sha256(convert_to($1, 'UTF8')), 'base64') AND EXISTS (SELECT FROM written)),
ended AS (
  DELETE FROM "session" AS oldest USING others
  WHERE others.place = $6 AND EXISTS (SELECT FROM written)
    AND oldest.subject = $5 AND oldest.sid <> $1 AND coalesce(oldest.joined, '-infinity') <= others.joined
    AND oldest.sid <> ALL (ARRAY(SELECT kept.sid FROM others AS kept WHERE kept.place < $6)))
SELECT CASE
  WHEN EXISTS (SELECT FROM written) THEN 0
  WHEN ($7 OR (SELECT count(*) FROM others) < $6) OR EXISTS (SELECT FROM "session" WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)) THEN 4
  ELSE 5 END;

-- ReplaceOfSubject
WITH found AS MATERIALIZED (
  SELECT ($5::text IS NULL OR sess::text = $5 AND subject IS NOT DISTINCT FROM $7) AS same, expire AS expires_at,
    subject IS NOT DISTINCT FROM $6 AS has_place
  FROM "session"
  WHERE sid = $1 AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
  FOR UPDATE),
judged AS MATERIALIZED (
  SELECT same, has_place FROM found WHERE expires_at > clock_timestamp()),
others AS MATERIALIZED (
  SELECT coalesce(held.joined, '-infinity') AS joined, held.sid, row_number() OVER (ORDER BY coalesce(held.joined, '-infinity') DESC, held.sid DESC) AS place
  FROM "session" AS held
  WHERE held.subject = $6 AND held.sid <> $1 AND held.expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false)),
admitted AS MATERIALIZED (
  SELECT has_place FROM judged WHERE same AND (has_place OR ($9 OR (SELECT count(*) FROM others) < $8))),
written AS (
  UPDATE "session" SET sess = $2, expire = to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), subject = $6, joined = CASE WHEN subject = $6 THEN joined ELSE clock_timestamp() END
  FROM admitted
  WHERE sid = $1),
ended AS (
  DELETE FROM "session" AS oldest USING others
  WHERE others.place = $8 AND EXISTS (SELECT FROM admitted WHERE NOT has_place)
    AND oldest.subject = $6 AND oldest.sid <> $1 AND coalesce(oldest.joined, '-infinity') <= others.joined
    AND oldest.sid <> ALL (ARRAY(SELECT kept.sid FROM others AS kept WHERE kept.place < $8)))
SELECT CASE WHEN EXISTS (SELECT FROM admitted) THEN 0 WHEN same THEN 5 ELSE 2 END
FROM judged;

-- RotateOfSubject
WITH found AS MATERIALIZED (
  SELECT ($5::text IS NULL OR sess::text = $5 AND subject IS NOT DISTINCT FROM $8) AS same, expire AS expires_at,
    subject IS NOT DISTINCT FROM $7 AS has_place
  FROM "session"
  WHERE sid = $1 AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
  FOR UPDATE),
judged AS MATERIALIZED (
  SELECT same, has_place FROM found WHERE expires_at > clock_timestamp()),
others AS MATERIALIZED (
  SELECT coalesce(held.joined, '-infinity') AS joined, held.sid, row_number() OVER (ORDER BY coalesce(held.joined, '-infinity') DESC, held.sid DESC) AS place
  FROM "session" AS held
  WHERE held.subject = $7 AND held.sid <> $1 AND held.expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false)),
admitted AS MATERIALIZED (
  SELECT has_place FROM judged WHERE same AND (has_place OR ($10 OR (SELECT count(*) FROM others) < $9)) AND NOT EXISTS (SELECT FROM "session" AS held WHERE held.sid = $6 AND held.expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false))),
written AS (
  UPDATE "session" SET sid = $6, sess = $2, expire = to_timestamp(CASE WHEN $3 > 0 AND $4 > date_part('epoch', clock_timestamp()) THEN ceil(least(date_part('epoch', clock_timestamp()) + $3, $4)) ELSE floor(least(date_part('epoch', clock_timestamp()) + $3, $4)) END), subject = $7, joined = CASE WHEN subject = $7 THEN joined ELSE clock_timestamp() END
  FROM admitted
  WHERE sid = $1),
linked AS (
  INSERT INTO "session" (sid, sess, expire)
  SELECT E'\x01' || encode(sha256(convert_to($1, 'UTF8')), 'base64'), json_build_object('__rotatedTo', $6::text), to_timestamp(ceil(date_part('epoch', clock_timestamp()) + 300)) FROM admitted
  ON CONFLICT (sid) DO UPDATE SET sess = EXCLUDED.sess, expire = EXCLUDED.expire),
dropped AS (
  DELETE FROM "session" USING admitted WHERE sid = E'\x01' || encode(sha256(convert_to($6, 'UTF8')), 'base64')),
ended AS (
  DELETE FROM "session" AS oldest USING others
  WHERE others.place = $9 AND EXISTS (SELECT FROM admitted WHERE NOT has_place)
    AND oldest.subject = $7 AND oldest.sid <> $1 AND coalesce(oldest.joined, '-infinity') <= others.joined
    AND oldest.sid <> ALL (ARRAY(SELECT kept.sid FROM others AS kept WHERE kept.place < $9)))
SELECT CASE
  WHEN EXISTS (SELECT FROM admitted) THEN 0
  WHEN NOT same THEN 2
  WHEN EXISTS (SELECT FROM "session" AS held WHERE held.sid = $6 AND held.expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce(held.joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to(held.subject, 'UTF8')), 'base64')), false)) THEN 4
  ELSE 5 END
FROM judged;

-- IsLive
SELECT 1 FROM "session" WHERE sid = $1 AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false);

-- FindLink
SELECT sess ->> '__rotatedTo', date_part('epoch', expire - clock_timestamp())
FROM "session"
WHERE sid = E'\x01' || encode(sha256(convert_to($1, 'UTF8')), 'base64') AND expire > clock_timestamp()
  AND NOT EXISTS (SELECT FROM "session" AS held WHERE held.sid = $1);

-- Destroy
WITH RECURSIVE ended (id, hop) AS (
  SELECT $1::text, 0
  UNION ALL
  SELECT became, hop + 1
  FROM (
    SELECT hop, (
      SELECT link.sess ->> '__rotatedTo' FROM "session" AS link
      WHERE link.sid = E'\x01' || encode(sha256(convert_to(ended.id, 'UTF8')), 'base64') AND link.expire > clock_timestamp()
        AND NOT EXISTS (SELECT FROM "session" AS held WHERE held.sid = ended.id)) AS became
    FROM ended WHERE hop < 16 OFFSET 0) AS step
  WHERE became IS NOT NULL),
seen AS MATERIALIZED (
  SELECT count(*) AS total FROM "session" WHERE sid = ANY (ARRAY(SELECT id FROM ended))),
gone AS (
  DELETE FROM "session" WHERE sid = ANY (ARRAY(SELECT id FROM ended))
  RETURNING E'\x01' || encode(sha256(convert_to(sid, 'UTF8')), 'base64') AS link, expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AS was_live),
dropped AS (
  DELETE FROM "session" WHERE sid = ANY (ARRAY(SELECT link FROM gone)))
SELECT coalesce(bool_or(was_live), false), count(*) < (SELECT total FROM seen) FROM gone;

-- RemoveExpired
DELETE FROM "session" WHERE sid = $1 AND (expire <= clock_timestamp() OR coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)) RETURNING 1;

-- Page
SELECT sid AS "Id", CASE WHEN @Payloads THEN convert_to((CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END)::text, 'UTF8') END AS "Payload", date_part('epoch', expire) AS "Epoch", subject AS "Subject",
  date_part('epoch', clock_timestamp()) AS "Now", NULL::text AS "Key"
FROM "session"
WHERE (@Last::text IS NULL OR sid > @Last) AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND NOT starts_with(sid, E'\x01')
ORDER BY sid LIMIT @Size;

-- SubjectPage
SELECT sid AS "Id", CASE WHEN @Payloads THEN convert_to((CASE WHEN pg_column_size(sess) > 4096 AND octet_length(sess::text) > 1048576 THEN NULL ELSE sess END)::text, 'UTF8') END AS "Payload", date_part('epoch', expire) AS "Epoch", subject AS "Subject",
  date_part('epoch', clock_timestamp()) AS "Now", NULL::text AS "Key"
FROM "session"
WHERE subject = @Subject AND (@Last::text IS NULL OR sid > @Last) AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false)
ORDER BY sid LIMIT @Size;

-- Count
SELECT count(*) FROM "session" WHERE expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AND NOT starts_with(sid, E'\x01');

-- SubjectCount
SELECT count(*) FROM "session" WHERE subject = @Subject AND expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false);

-- DestroyBySubject
WITH RECURSIVE kept (id, hop) AS (
  SELECT unnest($2::text[]), 0
  UNION ALL
  SELECT became, hop + 1
  FROM (
    SELECT hop, (
      SELECT link.sess ->> '__rotatedTo' FROM "session" AS link
      WHERE link.sid = E'\x01' || encode(sha256(convert_to(kept.id, 'UTF8')), 'base64') AND link.expire > clock_timestamp()
        AND NOT EXISTS (SELECT FROM "session" AS held WHERE held.sid = kept.id)) AS became
    FROM kept WHERE hop < 16 OFFSET 0) AS step
  WHERE became IS NOT NULL),
gone AS (
  DELETE FROM "session" WHERE subject = $1 AND sid <> ALL (ARRAY(SELECT id FROM kept))
  RETURNING expire > clock_timestamp() AND NOT coalesce((SELECT epoch.joined >= coalesce("session".joined, '-infinity') FROM "session" AS epoch WHERE epoch.sid = E'\x01epoch:' || encode(sha256(convert_to("session".subject, 'UTF8')), 'base64')), false) AS was_live)
SELECT count(*) FILTER (WHERE was_live) FROM gone;

-- ClearBatch
WITH batch AS (
  SELECT sid FROM "session" WHERE (@Last::text IS NULL OR sid > @Last) ORDER BY sid LIMIT @Size),
gone AS (
  DELETE FROM "session" AS cleared USING batch WHERE cleared.sid = batch.sid)
SELECT max(sid) AS "LastId", count(*) AS "Count" FROM batch;

-- PruneByBlocks
WITH pruner AS MATERIALIZED (
  SELECT pg_try_advisory_xact_lock(1397052243, 16384) AS mine),
batch AS (
  SELECT sid FROM "session"
  WHERE ctid >= @From::text::tid AND ctid < @To::text::tid
    AND expire < now() AND expire < now() AND (SELECT mine FROM pruner)
  ORDER BY ctid LIMIT @Size
  FOR UPDATE SKIP LOCKED),
gone AS (
  DELETE FROM "session" AS pruned USING batch
  WHERE pruned.sid = batch.sid AND pruned.expire < now()
  RETURNING starts_with(pruned.sid, E'\x01') AS is_link)
SELECT mine AS "Mine", count(is_link) AS "Removed", count(*) FILTER (WHERE NOT is_link) AS "Sessions"
FROM pruner LEFT JOIN gone ON true GROUP BY mine;

-- CountBlocks
SELECT coalesce(max(pg_relation_size(leaf)), 0) / current_setting('block_size')::bigint
FROM (SELECT 16384::regclass AS leaf UNION ALL SELECT relid FROM pg_partition_tree(16384::regclass) WHERE isleaf) AS leaves;

-- VoidSubject
INSERT INTO "session" AS held (sid, sess, expire, joined)
VALUES (E'\x01epoch:' || encode(sha256(convert_to($1, 'UTF8')), 'base64'), json_build_object('subject', $1::text), 'infinity', clock_timestamp())
ON CONFLICT (sid) DO UPDATE SET joined = greatest(held.joined, clock_timestamp());

-- PruneSubjects
WITH epochs AS MATERIALIZED (
  SELECT sid, sess ->> 'subject' AS subject, joined FROM "session"
  WHERE sid COLLATE "C" >= E'\x01epoch:' AND sid COLLATE "C" < E'\x01epoch;'),
batch AS (
  SELECT held.sid
  FROM epochs, LATERAL (
    SELECT old.sid FROM "session" AS old
    WHERE old.subject = epochs.subject AND coalesce(old.joined, '-infinity') <= epochs.joined
    LIMIT @Size
    FOR UPDATE SKIP LOCKED) AS held
  LIMIT @Size),
gone AS (
  DELETE FROM "session" WHERE sid = ANY (ARRAY(SELECT sid FROM batch))
  RETURNING 1),
idle AS (
  SELECT sid FROM epochs
  WHERE joined < clock_timestamp() - interval '1 day'
    AND NOT EXISTS (SELECT FROM "session" AS held WHERE held.subject = epochs.subject AND coalesce(held.joined, '-infinity') <= epochs.joined OFFSET 0)),
dropped AS (
  DELETE FROM "session" WHERE sid = ANY (ARRAY(SELECT sid FROM idle)) AND joined < clock_timestamp() - interval '1 day')
SELECT count(*) FROM gone;
