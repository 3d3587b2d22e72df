// usage: node app.js [port, or 0 for any] [redis url]
import express from 'express';
import session from 'express-session';
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';

const [port = '5091', url = 'redis://localhost:6379'] = process.argv.slice(2);
const client = createClient({ url });
client.on('error', error => console.error(error.message));
await client.connect();

const app = express();
app.use(session({
  store: new RedisStore({ client }),
  secret: process.env.SESSION_SECRET ?? 'keyboard cat',
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 20 * 60 * 1000, sameSite: 'lax' },
}));

const escape = text => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
const page = body => `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Shop</title>${body}`;

app.get('/', (req, res) => {
  const { email, basket = [] } = req.session;
  res.send(page(email
    ? `<h1>Shop</h1><p>Hello ${escape(email)}. This page is Express.</p><ul>${basket.map(item => `<li>${escape(item)}</li>`).join('')}</ul>
       <form method="post" action="/basket"><button>Add a book (Express)</button></form>
       <p><a href="/account">Account (ASP.NET Core)</a></p>`
    : `<h1>Log in</h1><form method="post" action="/login"><label>E-mail <input name="email" type="email" required></label> <button>Log in (Express)</button></form>`));
});

app.post('/login', express.urlencoded(), (req, res, next) => {
  req.session.regenerate(error => {
    if (error) return next(error);
    req.session.email = String(req.body?.email ?? '');
    req.session.save(error => error ? next(error) : res.redirect('/account'));
  });
});

app.post('/basket', (req, res) => {
  req.session.basket = [...req.session.basket ?? [], 'book'];
  res.redirect('/');
});

const server = app.listen(Number(port), '127.0.0.1', error => {
  if (error) throw error;
  console.log(`Express: http://127.0.0.1:${server.address().port}`);
});
