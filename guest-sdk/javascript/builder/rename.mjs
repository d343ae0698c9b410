// The imports that had another name while the component was made, see worlds/wasi-http/http.wit.
import { withSections } from "./wasm.mjs";

const [FROM, TO] = ["wasx:", "wasi:"];
const IMPORTS = 10;

/** Gives the imports of a component their right names. Both are of one length, so nothing moves. */
export function renameImports(component) {
  return withSections(component, (kind, section) => {
    if (kind === IMPORTS) {
      for (let found = section.indexOf(FROM); found >= 0; found = section.indexOf(FROM)) section.write(TO, found);
    }
    return section;
  });
}
