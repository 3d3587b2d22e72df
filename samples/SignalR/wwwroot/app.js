// The JSON protocol of SignalR in a few lines, so that the sample needs no npm. Use @microsoft/signalr in an application.
const $ = id => document.getElementById(id);
const end = '\x1e';
let socket;

function connect() {
  socket = new WebSocket(location.origin.replace('http', 'ws') + '/chat');
  socket.onopen = () => socket.send(JSON.stringify({ protocol: 'json', version: 1 }) + end);
  socket.onclose = () => $('state').textContent = 'Not connected.';
  socket.onmessage = event => event.data.split(end).filter(Boolean).map(JSON.parse).forEach(take);
}

function take(message) {
  if (message.type === undefined) $('state').textContent = 'Connected.';
  if (message.type === 6) socket.send(JSON.stringify({ type: 6 }) + end);
  if (message.type === 1) $('said').append(Object.assign(document.createElement('li'), { textContent: message.arguments.join(': ') }));
}

function onSubmit(form, action) {
  $(form).addEventListener('submit', event => {
    event.preventDefault();
    action(new FormData(event.target).get('text'));
    event.target.reset();
  });
}

const post = (path, body) => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}) });

onSubmit('login', async name => { await post('/login', { name }); socket?.close(); connect(); });
onSubmit('say', text => socket.send(JSON.stringify({ type: 1, target: 'Say', arguments: [text] }) + end));
$('logout').addEventListener('click', () => post('/logout'));
