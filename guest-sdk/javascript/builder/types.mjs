// Type-checks a TypeScript project. The bundler only strips types.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { Failure } from "./failure.mjs";

/** Begins to check the types, in a process of its own. Returns a function that ends it, and one that waits for the result. */
export function checkTypes(project) {
  const none = { stop() {}, async result() {} };
  if (!project.isTypeScript || !existsSync(join(project.folder, "tsconfig.json"))) return none;
  const found = project.find("typescript/package.json");
  if (!found) {
    console.error("note: typescript is not installed, so types are not checked: npm install");
    return none;
  }
  const tsc = join(dirname(found), "bin", "tsc");
  const checking = spawn(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", "."], {
    cwd: project.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const outcome = Promise.all([text(checking.stdout), text(checking.stderr), once(checking, "close")]);
  // Whoever waits for the result gets the error; nobody waits after the build has failed otherwise.
  outcome.catch(() => undefined);
  return {
    stop: () => checking.kill(),
    async result() {
      const [output, errors, [status]] = await outcome;
      if (status !== 0) throw new Failure(`the types do not fit:\n${`${output}${errors}`.trim()}`);
    },
  };
}
