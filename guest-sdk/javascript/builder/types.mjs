// Type-checks a TypeScript project. The bundler only strips types.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";

export async function checkTypes(project) {
  if (!project.isTypeScript || !existsSync(join(project.folder, "tsconfig.json"))) return;
  const found = project.find("typescript/package.json");
  if (!found) return console.error("note: typescript is not installed, so types are not checked: npm install");
  const tsc = join(dirname(found), "bin", "tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", "."], {
    cwd: project.folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Failure(`the types do not fit:\n${`${stdout}${stderr}`.trim()}`);
}
