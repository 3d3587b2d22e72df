// Starts Express sites on request: one JSON object per line on stdin, one line of answer each on stdout. Ends when stdin ends.
//
//   {"start":{"store":{...},"session":{...}}}  ->  {"port":40123}
//   {"errors":true}                            ->  {"errors":["TypeError: ..."]}, those since the last question

import { createInterface } from 'node:readline';
import { startSite } from './site.js';

process.env.NODE_ENV = 'test'; // Express then does not print every error.
let errors = [];
const note = (error, headersSent) => errors.push(`${error}${headersSent ? ' (after the head was sent)' : ''}`);
process.on('uncaughtException', error => errors.push(`uncaught ${error.stack}`));

const answer = value => process.stdout.write(`${JSON.stringify(value)}\n`);

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const request = JSON.parse(line);
  try {
    if (request.start) {
      answer({ port: await startSite(request.start, note) });
    } else {
      answer({ errors });
      errors = [];
    }
  } catch (error) {
    answer({ failed: String(error.stack) });
  }
}
process.exit(0);
