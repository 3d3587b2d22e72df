// What a request can do to req.session. A request carries a list of steps, each [operation, ...arguments].

import { stopAt } from './gates.js';

const called = start => new Promise((resolve, reject) => start(error => error ? reject(error) : resolve()));

const cookieOf = ({ session }) => ({
  originalMaxAge: session.cookie.originalMaxAge,
  expires: session.cookie.expires,
  remaining: session.cookie.maxAge,
  path: session.cookie.path,
  domain: session.cookie.domain ?? null,
  httpOnly: session.cookie.httpOnly,
  secure: session.cookie.secure ?? null,
  sameSite: session.cookie.sameSite ?? null,
});

export const operations = {
  id: req => req.session.id,
  keys: req => Object.keys(req.session).filter(name => name !== 'cookie'),
  get: (req, name) => req.session[name],
  getText: (req, name) => req.session[name],
  getNumber: (req, name) => String(req.session[name]),
  getDate: (req, name) => new Date(req.session[name]).getTime(),
  getBuffer: (req, name) => Buffer.from(req.session[name]).toString('base64'),

  set: (req, name, value) => { req.session[name] = value; },
  setNumber: (req, name, text) => { req.session[name] = Number(text); },
  setDate: (req, name, milliseconds) => { req.session[name] = new Date(milliseconds); },
  setBuffer: (req, name, base64) => { req.session[name] = Buffer.from(base64, 'base64'); },
  delete: (req, name) => { delete req.session[name]; },
  push: (req, name, value) => { req.session[name].push(value); },
  increment: (req, name) => { req.session[name] = (req.session[name] ?? 0) + 1; },
  change: (req, name, member, value) => { req.session[name][member] = value; },

  cookie: cookieOf,
  maxAge: (req, milliseconds) => { req.session.cookie.maxAge = milliseconds; },
  touch: req => { req.session.touch(); },
  save: req => called(done => req.session.save(done)),
  reload: req => called(done => req.session.reload(done)),
  regenerate: req => called(done => req.session.regenerate(done)),
  destroy: req => called(done => req.session.destroy(done)),
  unset: req => { req.session = null; },

  gate: (req, name) => stopAt(name),
};

export async function run(req, steps) {
  const results = [];
  for (const [operation, ...values] of steps)
    results.push(await operations[operation](req, ...values) ?? null);
  return results;
}
