// What somebody does on the pages, and what the engine's own EventSource makes of streams.

import { holds, ok, same } from "../report.mjs";
import { api, disconnect, publish, url } from "../server.mjs";

/** The id of the only stream that is open; waits until there is one, and it is not `before`. */
async function stream(before = null) {
  for (let turn = 0; turn < 600; turn++) {
    const { connections } = await (await fetch(`${api}/v1/connections`)).json();
    if (connections.length === 1 && connections[0].id !== before) return connections[0].id;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("there is not exactly one stream");
}

/** The demo page: it connects, talks, and comes back. */
export async function demo(page) {
  const state = (state) => page.until(`the status is ${state}`, (state) => document.querySelector("#status").dataset.state === state, state);
  const say = async (text) => {
    await page.until("messages can be sent", () => !document.querySelector("#send").disabled);
    await page.type("#say", text);
    await page.click("#send");
    await page.until(`"${text}" has come back`, (text) => [...document.querySelectorAll(".chat.mine p")].at(-1)?.textContent === text, text);
  };
  await page.open(`${url}/?name=Ada&room=tea`);
  await state("open");
  await page.until("Ada is present", () => document.querySelector("#people .name")?.textContent === "Ada");
  ok("the page opens a stream");
  await say("hi <b>there</b>");
  ok("what is said comes back, as text");
  const before = await stream();
  await disconnect(before);
  await state("lost");
  await state("open");
  const after = await stream(before);
  holds("the page comes back with another stream", after !== before);
  await say("and back");
  ok("and goes on");
}

/** The page of a new project. */
export async function project(page) {
  const listed = (text) => page.until(`"${text}" is listed`, (text) => [...document.querySelectorAll("#events li")].some((item) => item.textContent.includes(text)), text);
  const open = () => page.until("the stream is open", () => document.querySelector("#state[data-open]")?.textContent);
  await page.open(url);
  await open();
  await listed("welcome");
  ok("events are shown");
  await page.type("#message", '{"type":"say","text":"hi <b>there</b>"}');
  await page.click("#send button");
  await listed("sent: 2");
  await listed("hi <b>there</b>");
  ok("what is sent comes back as an event, as text");
  const before = await stream();
  await disconnect(before);
  await page.until("it is said that the stream has ended", () => document.querySelector("#state").textContent.includes("trying again"));
  holds("a stream that has ended is opened again", !(await open()).includes(before));
}

/** The engine's EventSource: fields, order, reconnecting with the last id, and when it gives up. */
export async function eventSource(page) {
  await page.open(`${url}/?sse=/nowhere`); // a page of this origin without a stream of its own
  await page.run(() => {
    const source = (window.source = new EventSource("/sse?name=native"));
    window.heard = [];
    for (const type of ["message", "greeting", "welcome"])
      source.addEventListener(type, ({ data, lastEventId }) => heard.push([type, data, lastEventId]));
  });
  const before = await stream();
  const sent = [{ data: "one\ntwo", id: "1" }, { data: "Grüße 👋", event: "greeting" }, { data: "", id: "2" }, { data: "end" }];
  await page.until("the stream is open", () => source.readyState === EventSource.OPEN);
  for (const event of sent) same(`published: ${JSON.stringify(event)}`, (await publish(event)).receivers, 1);
  const heard = await page.until("all is heard", () => heard.at(-1)?.[1] === "end" && heard.filter(([type]) => type !== "welcome"));
  const expected = [["message", "one\ntwo", "1"], ["greeting", "Grüße 👋", "1"], ["message", "", "2"], ["message", "end", "2"]];
  same("events arrive in order with their ids", heard, expected);
  await disconnect(before);
  await stream(before);
  await page.until("it is open again", () => source.readyState === EventSource.OPEN);
  ok("EventSource comes back by itself");
  await page.run(() => source.close());
  await page.run(() => {
    window.refused = new EventSource("/nowhere");
  });
  await page.until("it has given up", () => refused.readyState === EventSource.CLOSED);
  ok("EventSource gives up after another status than 200");
}
