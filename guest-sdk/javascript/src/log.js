// Logging through the host, which adds the plugin's name and the connection that the call is about.
import * as host from "#host";

const write = (level) => (message, context = "") => host.log(level, String(context).toWellFormed(), String(message).toWellFormed());

export const trace = write("trace");
export const debug = write("debug");
export const info = write("info");
export const warn = write("warn");
export const error = write("error");
export const critical = write("critical");
