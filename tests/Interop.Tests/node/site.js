// An Express site with express-session as the documentation of both shows it.

import express from 'express';
import session from 'express-session';
import { createStore } from './stores.js';
import { reached, open } from './gates.js';
import { run } from './operations.js';

export async function startSite({ store, session: options }, onError) {
  const app = express();
  if (options.idsAre) options.genid = () => options.idsAre;
  const sessions = session({ ...options, store: await createStore(store) });

  // Outside of the session: gates are opened while a request holds one.
  app.get('/gate/:name/reached', async (req, res) => { await reached(req.params.name); res.end(); });
  app.post('/gate/:name/open', (req, res) => { open(req.params.name); res.end(); });

  app.use(sessions);

  // The log-in and log-out of the classic tutorial.
  app.post('/login', express.urlencoded(), (req, res, next) => {
    req.session.regenerate(error => {
      if (error) return next(error);
      req.session.email = req.body.email;
      req.session.save(error => error ? next(error) : res.redirect('/me'));
    });
  });
  app.get('/me', (req, res) => { res.send(req.session.email ?? 'anonymous'); });
  app.post('/logout', (req, res, next) => { req.session.destroy(error => error ? next(error) : res.redirect('/me')); });

  app.post('/steps', express.json({ limit: '4mb' }), async (req, res) => {
    const results = await run(req, req.body);
    res.json({ results });
  });

  // Adds to a session when the head of the response has left already.
  app.post('/late', express.json(), async (req, res) => {
    res.write('early ');
    await run(req, req.body);
    res.end('late');
  });

  app.use((error, req, res, next) => {
    onError(error, res.headersSent);
    next(error);
  });

  return new Promise((resolve, reject) => {
    const server = app.listen(0, '127.0.0.1', error => error ? reject(error) : resolve(server.address().port));
  });
}
