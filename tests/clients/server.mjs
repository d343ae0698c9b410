// The server under test: where it is, and the two verbs of its API that the clients need.

export const url = address("ROOMCAST_URL");
export const api = address("ROOMCAST_API");

function address(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name} to the server's address, for example ${name}=http://127.0.0.1:8080`);
  return value.replace(/\/$/, "");
}

/** Publishes an event to everybody. Resolves to the status, the text of the answer, and the number of receivers. */
export async function publish(event) {
  const answer = await fetch(`${api}/v1/rooms/__all/events`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  });
  const text = await answer.text();
  return { status: answer.status, text, receivers: answer.ok ? JSON.parse(text).receivers : 0 };
}

/** Has the server end a stream, in order. */
export async function disconnect(connection) {
  const answer = await fetch(`${api}/v1/connections/${connection}`, { method: "DELETE" });
  if (!answer.ok) throw new Error(`DELETE of connection ${connection}: ${answer.status} ${await answer.text()}`);
}
