/** What `JSON.stringify` accepts: plain values, arrays, objects, and objects with `toJSON`. */
export type JsonValue = string | number | boolean | null | object;

/** One server-sent event. A plain string is an event with only data. */
export type Event =
  | string
  | {
      /**
       * The payload. A string is sent unchanged, and the client sees its lines joined by `\n`; any other value is sent as
       * JSON.
       */
      data: JsonValue;
      /** The event's type, which clients pass to `addEventListener`. None means `message`. No line breaks. */
      event?: string;
      /**
       * The client's new last event id; an empty string resets it. No control characters, at most 1 KiB. Of up to 128 bytes of
       * `A-Z a-z 0-9`, space and `* , - . ; = _` it needs no preflight when a browser reconnects to another origin.
       */
      id?: string | number;
      /** The client's new reconnection time in milliseconds, at least 500. */
      retryMs?: number;
    };

/** A published event. */
export interface PublishedEvent {
  /** The payload, as text. */
  data: string;
  event: string | undefined;
  id: string | undefined;
  retryMs: number | undefined;
}
