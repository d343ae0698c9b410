import { definePlugin, hub, Rejection } from "roomcast";

export default definePlugin({
  // A client opens /sse?name=Ada.
  onConnect(connection, request) {
    const name = request.parameter("name") ?? "somebody";
    connection.tag = name;
    connection.send({ event: "welcome", data: `Hello ${name}!` });
    hub.broadcast("__all", { event: "joined", data: name }, { except: connection });
  },

  // A client posts to /send, with the header Roomcast-Connection.
  onMessage(connection, request, body) {
    if (!connection) throw new Rejection(400, "name your stream in the header Roomcast-Connection");
    hub.broadcast("__all", { event: "chat", data: { name: connection.tag, text: body.text() } });
  },

  onDisconnect(connection, reason) {
    hub.broadcast("__all", { event: "left", data: connection.tag ?? "somebody" });
    console.log(`${connection.tag} has left: ${reason}`);
  },
});
