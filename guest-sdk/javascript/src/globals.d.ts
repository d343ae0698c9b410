// What there is in a plugin beside JavaScript itself. Not process, Buffer, URL or Intl.

interface Console {
  /** Log a record with level `debug`. */
  debug(...values: unknown[]): void;
  /** Log a record with level `info`. */
  log(...values: unknown[]): void;
  /** Log a record with level `info`. */
  info(...values: unknown[]): void;
  /** Log a record with level `warn`. */
  warn(...values: unknown[]): void;
  /** Log a record with level `error`. */
  error(...values: unknown[]): void;
  /** Log a value with level `info`. */
  dir(value: unknown): void;
  /** Log a stack trace with level `debug`. */
  trace(...values: unknown[]): void;
  /** Log an error if the condition is false. */
  assert(holds: unknown, ...values: unknown[]): void;
  /** Log rows of things as a table, a record a line. */
  table(rows: unknown, columns?: string[]): void;
  /** Indent what follows, until `groupEnd` or the end of the call. */
  group(...labels: unknown[]): void;
  groupCollapsed(...labels: unknown[]): void;
  groupEnd(): void;
  /** Begin to measure a time, which `timeLog` and `timeEnd` log. */
  time(label?: string): void;
  timeLog(label?: string, ...values: unknown[]): void;
  timeEnd(label?: string): void;
  /** Log how often it was called with this label. */
  count(label?: string): void;
  countReset(label?: string): void;
}
declare var console: Console;

interface Crypto {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
  readonly subtle: SubtleCrypto;
}
declare var crypto: Crypto;

type SubtleData = ArrayBuffer | ArrayBufferView;
type SubtleHash = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

/** A key that `crypto.subtle.importKey` has made. */
declare class CryptoKey {
  private constructor();
  readonly type: "secret" | "public";
  readonly extractable: boolean;
  readonly algorithm: { name: string; [more: string]: any };
  readonly usages: string[];
}

interface JsonWebKey {
  kty?: string;
  crv?: string;
  k?: string;
  n?: string;
  e?: string;
  x?: string;
  y?: string;
  [more: string]: any;
}

type SubtleKeyAlgorithm = string | { name: string; hash?: SubtleHash | { name: string }; namedCurve?: "P-256" | "P-384"; length?: number };
type SubtleAlgorithm = string | { name: string; hash?: SubtleHash | { name: string }; saltLength?: number };

/**
 * Hashes, HMAC, and checks of signatures: ECDSA (P-256 with SHA-256, P-384 with SHA-384), RSASSA-PKCS1-v1_5, RSA-PSS and
 * Ed25519. Anything else fails with a `NotSupportedError`. Data and keys have at most 1 MiB each.
 */
interface SubtleCrypto {
  digest(algorithm: SubtleHash | { name: string }, data: SubtleData): Promise<ArrayBuffer>;
  /** A secret for HMAC as `raw` or `jwk`; a public key as `jwk`, `spki` or, but for RSA, `raw`. */
  importKey(format: "jwk", key: JsonWebKey, algorithm: SubtleKeyAlgorithm, extractable: boolean, usages: string[]): Promise<CryptoKey>;
  importKey(format: "raw" | "spki", key: SubtleData, algorithm: SubtleKeyAlgorithm, extractable: boolean, usages: string[]): Promise<CryptoKey>;
  /** HMAC only. */
  sign(algorithm: SubtleAlgorithm, key: CryptoKey, data: SubtleData): Promise<ArrayBuffer>;
  verify(algorithm: SubtleAlgorithm, key: CryptoKey, signature: SubtleData, data: SubtleData): Promise<boolean>;
}

/**
 * Call a function later, in a call of its own; its id. It is lost when the plugin is replaced, or its instance ends: what has to
 * happen in any case is for `timers`. They count among the plugin's timers, of which there are at most 1,000.
 */
declare function setTimeout<T extends unknown[]>(callback: (...values: T) => unknown, delayMs?: number, ...values: T): number;
declare function setInterval<T extends unknown[]>(callback: (...values: T) => unknown, periodMs?: number, ...values: T): number;
declare function clearTimeout(id: number | undefined): void;
declare function clearInterval(id: number | undefined): void;

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** UTF-8 only. */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  /** With `stream`, a character may go on in the next piece. */
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class URLSearchParams {
  constructor(init?: string | Record<string, string> | Iterable<[string, string]>);
  readonly size: number;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  delete(name: string, value?: string): void;
  sort(): void;
  forEach(work: (value: string, name: string, all: URLSearchParams) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  toString(): string;
}

/** `now()` counts from the start of the instance, in milliseconds. */
declare var performance: { now(): number; readonly timeOrigin: number };
declare function structuredClone<T>(value: T): T;
declare function queueMicrotask(task: () => void): void;
declare function btoa(bytes: string): string;
declare function atob(text: string): string;

interface FetchResponse {
  readonly url: string;
  readonly status: number;
  /** The phrase that goes with the status, for example `Not Found`. */
  readonly statusText: string;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  readonly headers: {
    get(name: string): string | null;
    has(name: string): boolean;
    entries(): IterableIterator<[string, string]>;
    [Symbol.iterator](): IterableIterator<[string, string]>;
  };
  text(): Promise<string>;
  json(): Promise<any>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * An HTTP request to a host that the operator has granted with `[plugins.capabilities.http]`. The plugin's other calls wait
 * until it has ended; it ends before the call's deadline. Redirects are not followed.
 */
declare function fetch(
  url: string,
  options?: {
    method?: string;
    headers?: Record<string, string> | [string, string][];
    body?: string | Uint8Array | URLSearchParams;
    /** What a browser takes besides, about caches and cookies, is ignored. There is no `signal` and no `timeout`. */
    [more: string]: unknown;
    signal?: never;
    timeout?: never;
  },
): Promise<FetchResponse>;
