// SPDX-License-Identifier: Apache-2.0
// Node as server or client of the TLS matrix; writes what it saw as JSON, one object a line.
//
//   node --tls-keylog=FILE node_peer.js server PORT CERT KEY OPTIONS-JSON    OPTIONS: of tls.createServer, and http2
//   node --tls-keylog=FILE node_peer.js client PORT NAME OPTIONS-JSON REQUESTS-JSON
//        OPTIONS: of tls.connect, and http2, connections; REQUESTS: [[method, target, octets of the body, chunked], ...]
//
// The server answers /text/N with N octets and a POST with a sum of its body.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http2 = require('http2');
const https = require('https');
const zlib = require('zlib');

const digest = (data) => crypto.createHash('sha256').update(data).digest('hex');
const say = (entry) => fs.writeSync(1, JSON.stringify(entry) + '\n');

function content(size) {
  const lines = [];
  for (let number = 0; number <= size / 15; ++number) lines.push(`line ${String(number).padStart(9, '0')}\n`);
  return Buffer.from(lines.join('')).subarray(0, size);
}

function facts(socket) {
  return { version: socket.getProtocol(), cipher: socket.getCipher().standardName, reused: socket.isSessionReused(),
    alpn: socket.alpnProtocol || null, sni: socket.servername || null };
}

function serve(port, cert, key, options) {
  const settings = { ...options, cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
  if (options.ca) settings.ca = fs.readFileSync(options.ca);
  const handle = (request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const sent = Buffer.concat(pieces);
      const size = Number(request.url.split('/')[2] || 100);
      const body = request.method === 'POST' ? Buffer.from(JSON.stringify({ got: digest(sent) })) : content(size);
      const headers = { 'content-type': 'text/plain' };
      if (!request.url.startsWith('/chunked/')) headers['content-length'] = body.length;
      response.writeHead(200, headers);
      response.end(body);
      const socket = request.stream ? request.stream.session.socket : request.socket;
      say({ server_port: socket.localPort, client_port: socket.remotePort, ...facts(socket), method: request.method,
        target: request.url, status: 200, request_bytes: sent.length, request_sha256: digest(sent),
        response_bytes: body.length, response_sha256: digest(body) });
    });
  };
  const server = options.http2 ? http2.createSecureServer({ ...settings, allowHTTP1: true }, handle)
    : https.createServer(settings, handle);
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
}

function note(socket, request, status, response) {
  const [method, target, size] = request;
  const sent = size ? content(size) : Buffer.alloc(0);
  const plain = target.startsWith('/gzip/') ? zlib.gunzipSync(response) : response;
  say({ client_port: socket.localPort, ...facts(socket), method, target, status, request_bytes: sent.length,
    request_sha256: digest(sent), response_bytes: response.length, response_sha256: digest(plain) });
}

function overHttp1(agent, settings, request) {
  return new Promise((done, fail) => {
    const [method, target, size, chunked] = request;
    const headers = size ? (chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': size }) : {};
    const call = https.request({ ...settings, agent, method, path: target, headers }, (response) => {
      const pieces = [];
      const socket = response.socket; // it is taken away at the end
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => { note(socket, request, response.statusCode, Buffer.concat(pieces)); done(); });
    });
    call.on('error', fail);
    if (size) call.write(content(size));
    call.end();
  });
}

function overHttp2(session, request) {
  return new Promise((done, fail) => {
    const [method, target, size] = request;
    const stream = session.request({ ':method': method, ':path': target });
    const pieces = [];
    let status;
    stream.on('response', (headers) => { status = headers[':status']; });
    stream.on('data', (piece) => pieces.push(piece));
    stream.on('end', () => { note(session.socket, request, status, Buffer.concat(pieces)); done(); });
    stream.on('error', fail);
    stream.end(size ? content(size) : undefined);
  });
}

async function call(port, name, options, requests) {
  const settings = { ...options, host: '127.0.0.1', port, servername: name };
  if (options.ca) settings.ca = fs.readFileSync(options.ca);
  for (let connection = 0; connection < (options.connections || 1); ++connection) {
    if (options.http2) {
      const session = http2.connect(`https://${name}:${port}`, settings);
      await Promise.all(requests.map((request) => overHttp2(session, request)));
      await new Promise((done) => session.close(done));
    } else {
      const agent = call.agent || new https.Agent({ keepAlive: true, maxSockets: 1 });
      call.agent = agent; // it keeps the sessions for resumption
      for (const request of requests) await overHttp1(agent, settings, request);
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets) socket.end();
      await new Promise((done) => setImmediate(done));
    }
  }
}

const [role, port, ...rest] = process.argv.slice(2);
if (role === 'server') serve(Number(port), rest[0], rest[1], JSON.parse(rest[2]));
else {
  call(Number(port), rest[0], JSON.parse(rest[1]), JSON.parse(rest[2])).then(() => process.exit(0), (error) => {
    say({ error: error.code || String(error) });
    process.exit(0);
  });
}
