// {{name}}: a chat. Everybody who is connected sees what anybody posts.
#include <roomcast.hpp>

using namespace roomcast;

struct Chat : Plugin {
    Outcome on_connect(Connection connection, const Request &request) override {
        std::string name = request.parameter("name").value_or("");
        if (name.empty()) return reject(400, "a name is required: /sse?name=...");
        ROOMCAST_TRY(connection.set_tag(name));
        ROOMCAST_TRY(connection.send({.data = "hello " + name, .event = "greeting"}));
        return {};
    }

    Reply on_message(std::optional<Connection> connection, const Request &, const Body &body) override {
        if (!connection) return fail("name your stream: send its id in the header Roomcast-Connection");
        std::string name = ROOMCAST_TRY(connection->tag()).value_or("somebody");
        ROOMCAST_TRY(hub::broadcast("__all", {.data = name + ": " + std::string(body.bytes()), .event = "chat"}));
        return Response::accepted();
    }
};

ROOMCAST_PLUGIN(Chat)
