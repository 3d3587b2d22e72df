// The stores of npm, made from the connection settings that the driver of the tests sends.

import { createRequire } from 'node:module';
import session from 'express-session';
import { RedisStore } from 'connect-redis';
import ConnectPgSimple from 'connect-pg-simple';
import MongoStore from 'connect-mongo';
import { createClient } from 'redis';
import { MongoClient } from 'mongodb';
import pg from 'pg';

const clients = new Map();

// One client per server and process, whatever the number of sites.
function shared(key, make) {
  if (!clients.has(key)) clients.set(key, make());
  return clients.get(key);
}

const redis = ({ url }) => shared(`redis ${url}`, async () => {
  const client = createClient({ url });
  client.on('error', error => console.error(`redis: ${error.message}`));
  await client.connect();
  return client;
});

const postgres = ({ url, timeZone }) => shared(`postgres ${url} ${timeZone}`, () => {
  const pool = new pg.Pool({ connectionString: url, max: 4, options: timeZone ? `-c TimeZone=${timeZone}` : undefined });
  pool.on('error', error => console.error(`postgres: ${error.message}`));
  return pool;
});

const mongo = ({ url }) => shared(`mongo ${url}`, () => new MongoClient(url).connect());

const current = {
  redis: async ({ url, ...options }) => new RedisStore({ client: await redis({ url }), ...options }),
  postgres: async ({ url, timeZone, ...options }) => new (ConnectPgSimple(session))({
    pool: postgres({ url, timeZone }), pruneSessionInterval: false, createTableIfMissing: true, ...options,
  }),
  mongo: async ({ url, database, ...options }) => MongoStore.create({ client: await mongo({ url }), dbName: database, ...options }),
};

// Releases of other years, with the clients of their time.
const requireOlder = createRequire(new URL('./older/package.json', import.meta.url));

const olderRedis = (url, legacyMode) => shared(`older redis ${url} ${legacyMode}`, async () => {
  const client = requireOlder('redis').createClient({ url, legacyMode });
  client.on('error', error => console.error(`older redis: ${error.message}`));
  await client.connect();
  return client;
});

const olderPostgres = name => async ({ url, timeZone, ...options }) => new (requireOlder(name)(session))({
  pool: postgres({ url, timeZone }), pruneSessionInterval: false, createTableIfMissing: true, ...options,
});

const older = {
  'connect-redis-6': async ({ url }) => new (requireOlder('connect-redis-6')(session))({ client: await olderRedis(url, true) }),
  'connect-redis-7': async ({ url }) => new (requireOlder('connect-redis-7').default)({ client: await olderRedis(url, false) }),
  'connect-redis-8': async ({ url }) => new (requireOlder('connect-redis-8').RedisStore)({ client: await olderRedis(url, false) }),
  'connect-pg-simple-6': olderPostgres('connect-pg-simple-6'),
  'connect-pg-simple-9': olderPostgres('connect-pg-simple-9'),
  'connect-mongo-5': async ({ url, database }) => requireOlder('connect-mongo-5').create({ mongoUrl: url, dbName: database }),
};

// kind is redis, postgres or mongo, or the alias of an older release.
export function createStore({ kind, ...options }) {
  const make = current[kind] ?? older[kind];
  if (!make) throw new Error(`There is no store named ${kind}.`);
  return make(options);
}
