// Text and bytes, as tests write and read them.

export const toBytes = (content) => (typeof content === "string" ? new TextEncoder().encode(content) : content);

/** Text, if it is UTF-8. */
export function fromBytes(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
