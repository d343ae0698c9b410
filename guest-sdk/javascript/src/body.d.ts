/** Bytes from outside: a message's body, a saved state, a value of the store. */
export class Body {
  constructor(content: string | Uint8Array, what?: string, deepest?: number);

  /** Whether the bytes are valid UTF-8. */
  readonly isText: boolean;

  /** The text, with U+FFFD in place of what is not valid UTF-8. */
  textLossy(): string;

  /** The text. Throws a `Rejection` with status 400 if the bytes are not valid UTF-8. */
  text(): string;

  /**
   * The text parsed as JSON. Throws a `Rejection` with status 400 that says what is wrong: invalid JSON or, in data from a
   * client, more than 512 levels of nesting.
   */
  json(): any;

  /** The bytes. */
  bytes(): Uint8Array;
}
