// The browser's own EventSource, held to cases.json.

import { Stream, TYPES, checkStream } from "../conformance.mjs";
import { Window } from "./window.mjs";

const ADDRESS = "/sse?name=native"; // told from the page's own stream by the name

export async function native(browser) {
  const window = await Window.open(browser);
  const stream = new Stream();
  const { page } = window;
  await page.exposeFunction("heard", (event) => stream.events.put(event));
  page.on("response", async (response) => {
    if (!response.url().endsWith(ADDRESS)) return;
    stream.requests.put((await response.request().allHeaders())["last-event-id"] ?? null);
    stream.connections.put((await response.allHeaders())["roomcast-connection"]);
  });
  await page.evaluate(([address, types]) => {
    const source = new EventSource(address);
    for (const type of types)
      source.addEventListener(type, ({ data, lastEventId }) => heard({ type, data, lastEventId }));
  }, [ADDRESS, TYPES]);
  await checkStream(stream);
  await window.close();
}
