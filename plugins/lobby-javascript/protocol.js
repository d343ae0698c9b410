// What comes up: JSON in the messages' bodies.
import { Body, Rejection } from "roomcast";

const MAX_TEXT = 2_000;
const EXAMPLE = 'send JSON such as {"type":"say","text":"hi"}, or of type "move" or "name"';

/** The field that each type of message has. */
const FIELDS = { say: "text", move: "room", name: "name" };

/**
 * A client's message; rejected when it is none, or its text is empty or too long.
 *
 * @param {Body} body
 * @returns {{ type: "say", text: string } | { type: "move", room: string } | { type: "name", name: string }}
 */
export function readMessage(body) {
  const message = parse(body);
  const type = message?.type;
  if (!Object.hasOwn(FIELDS, type)) throw new Rejection(400, `there is no type \`${type}\`; ${EXAMPLE}`);
  const field = FIELDS[/** @type {keyof typeof FIELDS} */ (type)];
  if (typeof message[field] !== "string") throw new Rejection(400, `\`${field}\` must be a text; ${EXAMPLE}`);
  if (type === "say") checkText(message.text);
  return message;
}

/** @param {Body} body */
function parse(body) {
  try {
    return body.json();
  } catch (why) {
    throw new Rejection(400, `${/** @type {Error} */ (why).message}; ${EXAMPLE}`);
  }
}

/** @param {string} text */
function checkText(text) {
  if (text.trim() === "") throw new Rejection(400, "`text` must not be empty");
  if ([...text].length > MAX_TEXT) throw new Rejection(400, "`text` is at most 2,000 characters long");
}
