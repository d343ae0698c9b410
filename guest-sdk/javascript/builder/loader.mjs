// Cuts off what the engine imports to load JavaScript modules: a plugin is one module.
import { Failure } from "./failure.mjs";
import { encoded, importsOf, SECTION, sized, withSections } from "./wasm.mjs";

const LOADER = "local:init/module-loader";

/** Renames those imports of the engine's module to functions of a library that is missing; these trap when they are called. */
export function cutLoader(module) {
  let cut = 0;
  const changed = withSections(module, (kind, section) => {
    if (kind !== SECTION.imports) return section;
    const all = [...importsOf(section)].map(({ from, name, type }) => {
      const isLoader = from === LOADER;
      cut += isLoader;
      const names = isLoader ? ["env", `module_loader_${name}`] : [from, name];
      return Buffer.concat([...names.map((text) => sized(Buffer.from(text))), type]);
    });
    return Buffer.concat([encoded(all.length), ...all]);
  });
  if (cut === 0) throw new Failure("the engine is not the one that the SDK was made for");
  return changed;
}
