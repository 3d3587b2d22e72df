-- InspectServer
SELECT pg_backend_pid() AS "BackendProcessId",
  to_regclass(@Name)::oid::bigint AS "Oid",
  (@Schema::text IS NULL OR to_regnamespace(@Schema) IS NOT NULL) AS "SchemaExists",
  coalesce((SELECT relpersistence = 'u' FROM pg_catalog.pg_class WHERE oid = to_regclass(@Name)), false) AS "IsUnlogged",
  coalesce((SELECT pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class WHERE oid = to_regclass(@Name)), true) AS "IsOwner",
  (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone' AND source <> 'client') AS "GivenZone",
  (SELECT substr(setting, length('timezone=') + 1)
   FROM pg_catalog.pg_db_role_setting AS s, unnest(s.setconfig) AS setting
   WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
     AND s.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
     AND lower(setting) LIKE 'timezone=%'
   ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1) AS "RoleZone";

-- InspectColumns
SELECT a.attname::text AS "Name", t.typname::text AS "Type",
  a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS "NeedsValue",
  CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS "MaxLength",
  coalesce((SELECT collisdeterministic FROM pg_catalog.pg_collation AS c WHERE c.oid = a.attcollation), true) AS "IsDeterministic",
  EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indisvalid) AS "IsIndexed",
  EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND i.indisvalid
    AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indimmediate) AS "IsUnique"
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(@Name) AND a.attnum > 0 AND NOT a.attisdropped;

-- LockSetUp
SELECT pg_advisory_xact_lock(@SetUpLock);

-- LimitLockWait
SET LOCAL lock_timeout = '3s';

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "web";

-- CreateTable
CREATE TABLE IF NOT EXISTS "web"."session" (
  sid varchar COLLATE "C" NOT NULL PRIMARY KEY,
  sess json NOT NULL,
  expire timestamptz(6) NOT NULL,
  subject varchar COLLATE "C",
  joined timestamptz DEFAULT clock_timestamp()
) WITH (fillfactor = 80);

-- AddSubject
ALTER TABLE "web"."session" ADD COLUMN IF NOT EXISTS subject varchar COLLATE "C";

-- IndexSubject
CREATE INDEX IF NOT EXISTS "session_subject_idx" ON "web"."session" (subject) WHERE subject IS NOT NULL;

-- AddJoined
ALTER TABLE "web"."session" ADD COLUMN IF NOT EXISTS joined timestamptz, ALTER COLUMN joined SET DEFAULT clock_timestamp();

-- AddKey
ALTER TABLE "web"."session" ADD COLUMN IF NOT EXISTS key varchar COLLATE "C";

-- IndexKey
CREATE INDEX IF NOT EXISTS "session_key_idx" ON "web"."session" (key) WHERE key IS NOT NULL;
