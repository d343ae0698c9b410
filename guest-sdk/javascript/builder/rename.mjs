// The imports that had another name while the component was made, see worlds/wasi-http/http.wit.

const [FROM, TO] = ["wasx:", "wasi:"];
const HEADER = 8;
const IMPORTS = 10;

/** Gives the imports of a component their right names. Both are of one length, so nothing moves. */
export function renameImports(component) {
  let at = HEADER;
  const number = () => {
    let [value, factor, byte] = [0, 1, 0];
    do {
      byte = component[at++];
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte & 0x80);
    return value;
  };
  while (at < component.length) {
    const kind = component[at++];
    const size = number();
    const section = component.subarray(at, at + size);
    if (kind === IMPORTS) {
      for (let found = section.indexOf(FROM); found >= 0; found = section.indexOf(FROM)) section.write(TO, found);
    }
    at += size;
  }
  return component;
}
