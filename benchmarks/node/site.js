// Serves one contestant: node site.js plain|memory|redis|postgres [connection]
import express from 'express';
import session from 'express-session';

const [kind, connection] = process.argv.slice(2);

async function storeOf() {
  switch (kind) {
    case 'redis': {
      const { createClient } = await import('redis');
      const { RedisStore } = await import('connect-redis');
      const client = createClient({ url: `redis://${connection}` });
      await client.connect();
      return new RedisStore({ client });
    }
    case 'postgres': {
      const { default: pg } = await import('pg');
      const { default: connectPgSimple } = await import('connect-pg-simple');
      const { host, port, user, password, database } = JSON.parse(connection);
      const pool = new pg.Pool({ host, port, user, password, database, max: 25 });
      return new (connectPgSimple(session))({ pool, createTableIfMissing: true, pruneSessionInterval: false });
    }
    case 'mongo': {
      const { MongoStore } = await import('connect-mongo');
      return MongoStore.create({ mongoUrl: connection, collectionName: 'node_sessions' });
    }
    default:
      return undefined;
  }
}

const app = express();
if (kind === 'plain') {
  app.get('/read', (_, response) => response.send('user-1000'));
  app.get('/change', (_, response) => response.send('1000'));
} else {
  const store = await storeOf();
  app.use(session({ secret: 'keyboard cat', resave: false, saveUninitialized: false, cookie: { maxAge: 60 * 60 * 1000 }, store }));
  app.post('/seed', (request, response) => {
    Object.assign(request.session, {
      user: request.query.user,
      views: 1000,
      basket: '4711:2,0815:1,1234:10,9001:1',
      token: 'Zt3mF0yV9rQ1bW7cK5xN8aL2dP4hS6uE',
    });
    response.end();
  });
  app.get('/read', (request, response) => response.send(request.session.user ?? 'anonymous'));
  app.get('/change', (request, response) => {
    request.session.views += 1;
    response.send(String(request.session.views));
  });
}

const server = app.listen(0, '127.0.0.1', 4096, () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

// The process that started it has ended when the input ends.
process.stdin.on('end', () => process.exit(0)).resume();
