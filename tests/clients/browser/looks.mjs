// How the page looks, on a desk and on a phone, in light and in dark.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { holds, ok } from "../report.mjs";

const SIZES = { desktop: { width: 1200, height: 760 }, phone: { width: 375, height: 667 } };

/** Checks that all fits on the screen; with a folder, leaves a picture of each look there. */
export async function looks(window, folder) {
  const { page } = window;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await window.until(`the newest message is seen on a ${size}`, () => {
      const log = document.getElementById("log");
      return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
    });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      if (folder) await page.screenshot({ path: join(folder, `${size}-${colorScheme}.png`) });
    }
    const { width, height, send, log } = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.scrollingElement;
      const box = (id) => document.getElementById(id).getBoundingClientRect().toJSON();
      return { width: scrollWidth, height: scrollHeight, send: box("send"), log: box("log") };
    });
    const fits = width <= viewport.width && height <= viewport.height && send.right <= viewport.width && send.bottom <= viewport.height;
    holds(`all fits on a ${size}`, fits, `the page is ${width} by ${height}, the button ends at ${send.right}, ${send.bottom}`);
    holds(`most of a ${size} is for messages`, log.height > viewport.height / 2, `${log.height} of ${viewport.height}`);
  }
  if (folder) ok(`pictures in ${folder}`);
}
