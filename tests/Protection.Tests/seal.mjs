// The stored format of docs/stored-format.md with Node's own cryptography: reads sessions as JSON, writes what a server would hold.
import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const format = 'SessionStores.Protection.1';
const utf8 = (text) => Buffer.from(text, 'utf8');

function text(value) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(utf8(value).length);
  return Buffer.concat([length, utf8(value)]);
}

function seal({ key, id, subject, payload }) {
  const secret = Buffer.from(key, 'base64');
  const derive = (purpose, length = 32) => Buffer.from(hkdfSync('sha256', secret, '', `${format} ${purpose}`, length));
  const hash = (purpose, value) => createHmac('sha256', derive(purpose)).update(value).digest();

  const keyId = derive('key id', 6).toString('base64url');
  const json = JSON.parse(payload);
  const idle = json.cookie?.originalMaxAge;
  const absolute = json.__absolute;
  const associated = utf8(`${format}\n${keyId}\n${idle ?? ''}\n${absolute ?? ''}`);
  const plain = Buffer.concat([text(id), text(subject ?? ''), utf8(payload)]);

  const length = Buffer.alloc(4);
  length.writeUInt32BE(associated.length);
  const branchAndNonce = hash('nonce', Buffer.concat([length, associated, plain])).subarray(0, 13);
  const cipher = createCipheriv('aes-256-gcm', derive(`payload ${branchAndNonce[0]}`), branchAndNonce.subarray(1));
  cipher.setAAD(associated);
  const data = Buffer.concat([branchAndNonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);

  return {
    id: hash('session id', id).toString('base64url'),
    subject: subject === null ? null : hash('subject', subject).toString('base64url'),
    payload: JSON.stringify({
      ...(idle != null && { cookie: { originalMaxAge: idle } }),
      ...(absolute != null && { __absolute: absolute }),
      __sealed: `1.${keyId}.${data.toString('base64url')}`,
    }),
  };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(seal)));
