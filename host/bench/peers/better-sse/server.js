// better-sse on Node's own HTTP server: one channel that everybody is in.

import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

import { createChannel, createSession } from "better-sse";

const [portsFile] = process.argv.slice(2);
const channel = createChannel();
// The data is text already; JSON would cost it more.
const options = { serializer: String, keepAlive: 15_000 };

const server = createServer(async (request, response) => {
  if (request.url === "/sse") {
    channel.register(await createSession(request, response, options));
  } else if (request.url === "/publish") {
    const pieces = [];
    for await (const piece of request) {
      pieces.push(piece);
    }
    channel.broadcast(Buffer.concat(pieces).toString());
    response.writeHead(202, { "Content-Length": 0 }).end();
  } else {
    response.writeHead(404, { "Content-Length": 0 }).end();
  }
});
// The bench keeps connections for publishing, and sends nothing on them for a while.
server.keepAliveTimeout = 0;
server.headersTimeout = 0;
server.requestTimeout = 0;
server.listen({ port: 0, host: "127.0.0.1", backlog: 511 }, () => {
  const draft = `${portsFile}.draft`;
  const address = `127.0.0.1:${server.address().port}`;
  writeFileSync(draft, JSON.stringify({ listen: address, publish: address }));
  renameSync(draft, portsFile);
});
