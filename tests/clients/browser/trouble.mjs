// What the page shows when the stream is refused or the server is gone. The browser itself stands in for that server.

import { ok, same } from "../report.mjs";
import { disconnect } from "../server.mjs";
import { Window } from "./window.mjs";

const isStream = (address) => address.pathname === "/sse";

export async function trouble(browser) {
  await refused(browser);
  await gone(browser);
}

async function refused(browser) {
  const body = "full, come back later <b>please</b>";
  const window = await Window.open(browser, "?name=Eve", (context) => context.route(isStream, (route) => route.fulfill({ status: 503, body })));
  await window.state("closed");
  await window.noted(`503): ${body}`);
  same("nothing can be sent", await window.page.isDisabled("#send"), true);
  await window.page.context().unroute(isStream);
  await window.page.getByRole("button", { name: "Try again" }).click();
  await window.state("open");
  await window.say("now I am in");
  same("the button is gone when it is not needed", await window.page.isVisible("#retry"), false);
  ok("a refusal is shown with the server's reason, and a button tries again");
  await window.close();

  const nowhere = await Window.open(browser, "?sse=/nowhere");
  await nowhere.state("closed");
  await nowhere.noted("404");
  ok("an address without a stream is shown");
  await nowhere.close();
}

async function gone(browser) {
  const window = await Window.open(browser, "?name=Eve");
  await window.say("the server is about to go");
  const context = window.page.context();
  await context.route(isStream, (route) => route.abort("connectionrefused"));
  await disconnect(window.connection);
  await window.state("lost");
  await window.noted("it has shut down");
  ok("a server that is gone is told from a lost stream");
  await context.unroute(isStream);
  await window.state("open");
  await window.noted("Reconnected after");
  await window.say("and back");
  ok("and the page comes back with it");
  await window.close();
}
