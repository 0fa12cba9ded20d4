// The shortest loop against the Lambda Runtime API, over one kept connection. AWS's own client is a native
// module that Debian does not have; this one does less.
'use strict';

const http = require('http');
const { handler } = require('./handler');

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const send = (method, path, body) =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers };
    const request = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });

(async () => {
  for (;;) {
    const { headers, text } = await send('GET', 'next');
    const answer = await handler(JSON.parse(text));
    await send('POST', `${headers['lambda-runtime-aws-request-id']}/response`, JSON.stringify(answer));
  }
})();
