// Checks answers to clients against the contract.
import { fromBytes } from "./content.js";
import { GOVERNING } from "./rules.js";

/** A hook's rejection, as the host sends it. Throws if the host would not, so that the test shows the bug. */
export function rejected(hook, rejection) {
  if (rejection.status === 204 && hook !== "onConnect") throw new Error(`${hook}: status 204 rejects a stream, and nothing else`);
  return checked(hook, rejection);
}

/** A hook's answer. Throws if the host would not send it. */
export function checked(hook, { status, headers, body }) {
  for (const [name, value] of headers) {
    if (name === "connection" && value.toLowerCase() === "close") continue;
    if (GOVERNING.includes(name)) throw new Error(`${hook}: the host controls the header \`${name}\``);
    if (/[\r\n\0]/.test(value)) throw new Error(`${hook}: the value of the header \`${name}\` contains CR, LF or NUL`);
  }
  const content = typeof body === "string" ? body : fromBytes(body);
  return { status, headers: Object.fromEntries(headers), body: content, json: () => JSON.parse(content) };
}
