// Restores the names of imports that are renamed during the build: see worlds/wasi-http/http.wit.
import { withSections } from "./wasm.mjs";

const [FROM, TO] = ["wasx:", "wasi:"];
const IMPORTS = 10;

/** Renames the imports of a component. Old and new names have the same length, so offsets stay valid. */
export function renameImports(component) {
  return withSections(component, (kind, section) => {
    if (kind === IMPORTS) {
      for (let found = section.indexOf(FROM); found >= 0; found = section.indexOf(FROM)) section.write(TO, found);
    }
    return section;
  });
}
