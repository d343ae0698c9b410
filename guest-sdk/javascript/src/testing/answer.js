// Checks answers to clients against the contract.
import { fromBytes } from "./content.js";
import { GOVERNING } from "./rules.js";

/** A hook's answer, or the rejection in place of one. Throws if the host would not send it, so that the test shows the bug. */
export function checked(hook, { status, headers, body }) {
  for (const [name, value] of headers) {
    if (name === "connection" && value.toLowerCase() === "close") continue;
    if (GOVERNING.includes(name)) throw new Error(`${hook}: the host controls the header \`${name}\``);
    if (/[\r\n\0]/.test(value)) throw new Error(`${hook}: the value of the header \`${name}\` contains CR, LF or NUL`);
  }
  const content = typeof body === "string" ? body : fromBytes(body);
  return { status, headers: Object.fromEntries(headers), body: content, json: () => JSON.parse(content) };
}
