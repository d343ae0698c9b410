// What comes up: JSON in the messages' bodies.
import { type Body, Rejection } from "roomcast";

const MAX_TEXT = 2_000;
const EXAMPLE = 'send JSON such as {"type":"say","text":"hi"}, or of type "move" or "name"';

/** The field that each type of message has. */
const FIELDS = { say: "text", move: "room", name: "name" } as const;

export type Message =
  | { type: "say"; text: string }
  | { type: "move"; room: string }
  | { type: "name"; name: string };

/** A client's message; rejected when it is none, or its text is empty or too long. */
export function readMessage(body: Body): Message {
  const message = parse(body);
  const type: unknown = message?.type;
  if (!isType(type)) throw new Rejection(400, `there is no type \`${type}\`; ${EXAMPLE}`);
  const field = FIELDS[type];
  if (typeof message[field] !== "string") throw new Rejection(400, `\`${field}\` must be a text; ${EXAMPLE}`);
  if (type === "say") checkText(message.text);
  return message;
}

function isType(type: unknown): type is keyof typeof FIELDS {
  return typeof type === "string" && Object.hasOwn(FIELDS, type);
}

function parse(body: Body): any {
  try {
    return body.json();
  } catch (why) {
    throw new Rejection(400, `${why instanceof Error ? why.message : why}; ${EXAMPLE}`);
  }
}

function checkText(text: string): void {
  if (text.trim() === "") throw new Rejection(400, "`text` must not be empty");
  if ([...text].length > MAX_TEXT) throw new Rejection(400, "`text` is at most 2,000 characters long");
}
