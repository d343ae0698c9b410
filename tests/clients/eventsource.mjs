// The npm package `eventsource`, a client for Node, against a running server.
// ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 node eventsource.mjs

import { EventSource } from "eventsource";
import { Stream, TYPES, checkStream } from "./conformance.mjs";
import { Inbox, run, same } from "./report.mjs";
import { url } from "./server.mjs";

await run("eventsource: the npm package", async () => {
  const stream = new Stream();
  const source = new EventSource(`${url}/sse?name=npm`, {
    async fetch(address, init) {
      stream.requests.put(new Headers(init.headers).get("Last-Event-ID"));
      const answer = await fetch(address, init);
      stream.connections.put(answer.headers.get("Roomcast-Connection"));
      return answer;
    },
  });
  for (const type of TYPES)
    source.addEventListener(type, ({ data, lastEventId }) => stream.events.put({ type, data, lastEventId }));
  await checkStream(stream);
  source.close();

  const errors = new Inbox();
  const nowhere = new EventSource(`${url}/sse/below`);
  nowhere.onerror = ({ code }) => errors.put(code);
  same("below the path there is nothing", await errors.next("the error"), 404);
  same("and a refusal is final", nowhere.readyState, EventSource.CLOSED);
});
