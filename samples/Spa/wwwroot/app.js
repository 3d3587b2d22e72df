const $ = id => document.getElementById(id);

// Every call goes to the page's own origin; the browser adds the cookies, which this script cannot read.
function call(path, method = 'GET', body) {
  return fetch('/api/' + path, {
    method,
    headers: { 'X-Requested-With': 'fetch', ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
}

async function show() {
  const me = await call('me'); // 401 for a visitor
  const user = me.ok ? (await me.json()).name : null;
  $('user').textContent = user ? `Hello ${user}` : 'You are not logged in.';
  $('login').hidden = user !== null;
  $('logout').hidden = user === null;
  const cart = await (await call('cart')).json();
  $('cart').replaceChildren(...cart.map(item => Object.assign(document.createElement('li'), { textContent: item })));
}

async function send(event, path) {
  event.preventDefault();
  await call(path, 'POST', { name: new FormData(event.target).get('name') });
  event.target.reset();
  await show();
}

$('login').addEventListener('submit', event => send(event, 'login'));
$('add').addEventListener('submit', event => send(event, 'cart'));
$('logout').addEventListener('click', async () => { await call('logout', 'POST'); await show(); });
await show();
