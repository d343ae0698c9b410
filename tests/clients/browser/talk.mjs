// Two windows talk through the plugin.

import { randomUUID } from "node:crypto";
import { ok, same } from "../report.mjs";
import { disconnect, url } from "../server.mjs";
import { Window, strictPolicy } from "./window.mjs";

const EVIL = `<img src=x onerror="document.title='owned';alert(1)"><script>alert(2)</script>`;

/** Resolves to the two windows, Ada's and Bob's, in one room. */
export async function talk(browser) {
  const room = `tea-${randomUUID().slice(0, 8)}`;
  const ada = await Window.open(browser);
  await ada.state("open");
  await ada.noted("as guest-");
  ok("the page opens a stream by itself, as a guest");
  await ada.change({ name: "Ada", room });
  await ada.present("Ada");
  ok("the form changes name and room");
  await second(ada, room);

  const bob = await Window.open(browser, `?name=Bob&room=${room}`, strictPolicy);
  await bob.present("Ada", "Bob");
  await ada.present("Ada", "Bob");
  await ada.noted("Bob joined");
  ok("both see who is there");

  await conversation(ada, bob, "hi");
  await markup(ada, bob);
  await rooms(ada, bob, room);
  await reconnect(ada, bob, { name: "Bob", room });
  // Ada came to this room by a message, not by her stream's address: she must come back to it all the same.
  await reconnect(bob, ada, { name: "Ada", room });

  for (const [name, window] of [["Ada", ada], ["Bob", bob]]) same(`no complaint in ${name}'s window`, window.complaints, []);
  return { ada, bob };
}

/** Another window of Ada's browser is not Ada. */
async function second(ada, room) {
  const page = await ada.page.context().newPage();
  await page.goto(`${url}/?room=${room}-empty`);
  await page.waitForFunction(() => document.querySelector("#name").value);
  same("another window of the same browser has a name of its own", /^guest-/.test(await page.inputValue("#name")), true);
  await page.close();
}

async function conversation(ada, bob, text) {
  await ada.say(`${text} from Ada`);
  await bob.sees("Ada", `${text} from Ada`);
  await bob.say(`${text} from Bob 👋 שלום`);
  await ada.sees("Bob", `${text} from Bob 👋 שלום`);
  same("only her own words are hers", (await ada.page.locator(".mine p").last().textContent()), `${text} from Ada`);
  ok(`they talk: ${text}`);
}

async function markup(ada, bob) {
  await bob.say(EVIL);
  await ada.sees("Bob", EVIL);
  await bob.change({ name: "<b onclick=alert(3)>Bob</b>" });
  await ada.present("Ada", "<b onclick=alert(3)>Bob</b>");
  same("markup in a message or a name is text", await ada.page.locator("main img, main script, main b, #people b").count(), 0);
  await bob.change({ name: "Bob" });
  await ada.present("Ada", "Bob");
  await bob.present("Ada", "Bob");
  ok("a new name is seen by both");
}

async function rooms(ada, bob, room) {
  await bob.change({ room: `${room}-cake` });
  await bob.present("Bob");
  await ada.present("Ada");
  await ada.noted("Bob left");
  await bob.say("nobody hears me");
  await ada.say("where is Bob?");
  await bob.change({ room });
  await bob.present("Ada", "Bob");
  await ada.present("Ada", "Bob");
  await bob.say("back again");
  await ada.sees("Bob", "back again");
  const seen = (window) => ["nobody hears me", "where is Bob?", "back again"].map((text) => window.got(text));
  same("what is said in one room reaches nobody in another", [seen(ada), seen(bob)], [[false, true, true], [true, false, true]]);
}

/** The server ends the stream of `gone`; its page comes back by itself. */
async function reconnect(other, gone, { name, room }) {
  await gone.say(`before ${name}'s stream ends`);
  const before = gone.connection;
  await disconnect(before);
  await gone.state("lost");
  await gone.noted("Connection lost");
  ok(`${name}'s page shows that the stream is lost`);
  await gone.state("open");
  await gone.noted("Reconnected after");
  await gone.present("Ada", "Bob");
  await other.present("Ada", "Bob");
  same(`${name} is back in the room`, await gone.page.inputValue("#room"), room);
  await other.say(`welcome back, ${name}`);
  await gone.until("the others are heard again", (text) => document.querySelector("#log").textContent.includes(text), `welcome back, ${name}`);
  await gone.say(`thanks, says ${name}`);
  await other.sees(name, `thanks, says ${name}`);
  same(`${name} has a new connection`, gone.connection === before, false);
}
