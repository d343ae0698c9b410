/** Bytes that came from outside: a message's body, a saved state, a value of the store. */
export class Body {
  constructor(content: string | Uint8Array, what?: string, deepest?: number);

  /** Whether the bytes are text in UTF-8. */
  readonly isText: boolean;

  /** The text. Throws a `Rejection` with status 400 when it is none. */
  text(): string;

  /**
   * The value that the text is JSON of. Throws a `Rejection` with status 400, which says what is wrong: it is no JSON, or what a
   * client has sent is nested deeper than 512 levels.
   */
  json(): any;

  /** The bytes. */
  bytes(): Uint8Array;
}
