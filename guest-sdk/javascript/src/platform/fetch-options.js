// The options of `fetch`.
import { nearest } from "../suggest.js";

/** Options that say nothing here: they are about a page, its caches and its cookies. */
const OF_PAGES = ["cache", "credentials", "duplex", "integrity", "keepalive", "mode", "priority", "redirect", "referrer", "referrerPolicy", "window"];
const OPTIONS = ["method", "headers", "body"];
const ENDS = "nothing runs beside it, and it ends before the call's deadline; fetches.start takes `timeoutMs`, and fetches.cancel ends one";

/** What is not done is not taken. */
export function checkOptions(options) {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || OPTIONS.includes(name) || OF_PAGES.includes(name)) continue;
    if (name === "signal" || name === "timeout") throw new TypeError(`fetch takes no \`${name}\` here: ${ENDS}`);
    const meant = nearest(name, OPTIONS);
    throw new TypeError(`fetch has no option \`${name}\`: ${meant ? `did you mean \`${meant}\`?` : `it takes ${OPTIONS.join(", ")}`}`);
  }
  return options;
}
