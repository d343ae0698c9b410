// The name `fetch` in the code of plugins and libraries: the bundler adds this where the name is used. It imports nothing, since
// what a CommonJS module uses is bundled with all of its own imports.
export const fetch = (...values) => globalThis.__roomcastFetch(...values);
