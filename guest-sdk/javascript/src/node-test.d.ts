// What unit tests import of Node.js, without its globals, which a plugin does not have. `npm i -D @types/node` knows more.
declare module "node:test";
declare module "node:assert";
declare module "node:assert/strict";
