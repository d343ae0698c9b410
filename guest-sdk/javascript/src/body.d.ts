/** Bytes from outside: a message's body, a saved state, a value of the store. */
export class Body {
  constructor(content: string | Uint8Array);

  /** Whether the bytes are valid UTF-8. */
  readonly isText: boolean;

  /** The text, with U+FFFD in place of what is not valid UTF-8. */
  textLossy(): string;

  /**
   * The text. If the bytes are not valid UTF-8, throws a `Rejection` with status 400; of what the plugin itself has stored, an
   * `Error`.
   */
  text(): string;

  /**
   * The text parsed as JSON. Throws as `text()` does, with what is wrong: invalid JSON or, in data from a client, more than 512
   * levels of nesting.
   */
  json(): any;

  /** The bytes. */
  bytes(): Uint8Array;
}
