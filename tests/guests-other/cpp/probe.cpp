// The remote control of ../../guests/probe, by way of the SDK for C++: every hook is exported and written down, every function of
// the host can be called by a command, and answers come in the shapes that the probe in Rust gives them.
#include <cstdlib>

#include "probe.hpp"

bool is_for_another(std::string_view to) {
    auto name = config::get("name");
    return warn_if_failed(name) && *name && **name != to;
}

namespace {

// Fail with a text that the operator has set.
Outcome obey(std::string_view setting) {
    if (auto text = ROOMCAST_TRY(config::get(setting))) return fail(*text);
    return {};
}

void note(std::string_view hook, auto &&write) {
    journal::note(json::object([&](json::Object &call) {
        call.put("hook", hook);
        write(call);
    }));
}

// The refusal of what has to do with a room, with the status that its name ends with.
std::unexpected<Rejection> refusal(std::string_view room, std::string_view why) {
    std::string name(room);
    std::size_t colon = name.rfind(':');
    auto status = static_cast<std::uint16_t>(colon == name.npos ? 403 : std::atoi(name.c_str() + colon + 1));
    return roomcast::reject(status, name + " " + std::string(why), {{"x-room", name}});
}

void note_room(std::string_view hook, Connection connection, std::string_view room) {
    note(hook, [&](json::Object &call) {
        call.put("connection", connection.text());
        call.put("room", room);
    });
}

// Sends on what has come, if the token says to whom.
void relay(json::Value wish, std::string_view event, std::string_view data) {
    auto to = Connection::parse(wish["relay"].text().value_or(""));
    if (!to) return;
    auto sent = to->send({.data = std::string(data), .event = std::string(event)});
    if (!sent) journal::note_result(as_json::error(sent.error()));
}

Response answer(std::string json) {
    return {.status = 200, .body = std::move(json), .headers = {{"content-type", "application/json"}}};
}

class Probe : public Plugin {
public:
    Outcome on_init() override {
        note("init", [](json::Object &) {});
        return obey("init_error");
    }

    Outcome on_connect(Connection connection, const Request &request) override {
        note("on-connect", [&](json::Object &call) {
            call.put("connection", connection.text());
            call.object("request", [&](json::Object &object) { as_json::request(object, request); });
        });
        return obey_query(connection, request);
    }

    // What can still be done with the connection is written down too.
    void on_disconnect(Connection connection, DisconnectReason reason) override {
        note("on-disconnect", [&](json::Object &call) {
            call.put("connection", connection.text());
            call.put("reason", name_of(reason));
            call.put("is-open", connection.is_open());
            call.put_json("tag", as_json::result(connection.tag()));
            call.put_json("rooms", as_json::result(connection.rooms()));
            call.put_json("send", as_json::result(connection.send({.data = "late"})));
        });
    }

    Outcome on_join(Connection connection, std::string_view room) override {
        note_room("on-join", connection, room);
        if (room.starts_with("private")) return refusal(room, "is private");
        return {};
    }

    void on_leave(Connection connection, std::string_view room) override { note_room("on-leave", connection, room); }

    Verdict on_publish(std::string_view room, const Event &event, const Origin &origin) override {
        note("on-publish", [&](json::Object &call) {
            call.put("room", room);
            call.object("event", [&](json::Object &object) { as_json::event(object, event); });
            call.object("origin", [&](json::Object &object) { object.put(origin.is_api ? "api" : "other", origin.detail); });
        });
        if (room.starts_with("refused")) return refusal(room, "takes no events");
        if (!room.starts_with("rewritten")) return Forward{};
        Event capitals = event;
        // Letters of ASCII: C++ knows no others.
        for (char &c : capitals.data) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return capitals;
    }

    Reply on_message(std::optional<Connection> connection, const Request &request, const Body &body) override {
        note("on-message", [&](json::Object &call) {
            call.put("connection", connection.transform(&Connection::text));
            call.object("request", [&](json::Object &object) { as_json::request(object, request); });
            call.object("body", [&](json::Object &object) { as_json::body(object, body); });
        });
        if (request.query() == "echo") {
            return Response{.status = 200, .body = std::string(body.bytes()), .is_binary = true};
        }
        auto read = body.json();
        if (!read) return fail("a command is JSON: " + read.error());
        Command command(*read, connection);
        if (auto to = command.optional_text("to"); to && is_for_another(*to)) return Pass{};
        std::string op = command.optional_text("op").value_or("");
        if (op == "fail") return fail(command.optional_text("text").value_or(""));
        if (op == "reject") return ::reject(command);
        if (op == "pass") return Pass{};
        if (op == "respond") return respond(command);
        if (op == "echo-request") {
            return answer(as_json::ok_json(json::object([&](json::Object &object) { as_json::request(object, request); })));
        }
        return answer(ROOMCAST_TRY(run(command)));
    }

    void on_timer(std::string_view token) override {
        note("on-timer", [&](json::Object &call) { call.put("token", token); });
        auto command = json::read(token);
        if (command && command->kind() == RC_JSON_OBJECT) journal::note_result(run({*command, std::nullopt}));
    }

    void on_fetch_response(std::string_view token, const fetch::Response &response) override {
        note("on-response", [&](json::Object &call) {
            call.put("token", token);
            call.put("status", response.status());
            as_json::headers(call, response.headers());
        });
    }

    void on_fetch_chunk(std::string_view token, const Body &chunk) override {
        json::Value wish = json::read(token).value_or(json::Value());
        note("on-chunk", [&](json::Object &call) {
            call.put("token", token);
            if (wish["quiet"].boolean() == true) return call.put("length", chunk.bytes().size());
            call.object("chunk", [&](json::Object &object) { as_json::body(object, chunk); });
        });
        if (chunk.text()) relay(wish, "chunk", *chunk.text());
        json::Value command = wish["on_chunk"];
        if (command.kind() == RC_JSON_OBJECT) journal::note_result(run({command, std::nullopt}));
    }

    void on_fetch_end(std::string_view token, const Result<> &outcome) override {
        std::string said = as_json::result(outcome);
        relay(json::read(token).value_or(json::Value()), "end", said);
        note("on-end", [&](json::Object &call) {
            call.put("token", token);
            call.put_json("outcome", said);
        });
    }

    Saved on_save() override {
        ROOMCAST_TRY(obey("save_error"));
        note("save", [](json::Object &) {});
        return json::array(journal::put);
    }

    Outcome on_restore(std::string_view state) override {
        ROOMCAST_TRY(obey("restore_error"));
        if (!journal::restore(state)) return fail("not a journal");
        note("restore", [](json::Object &) {});
        return {};
    }
};

}  // namespace

ROOMCAST_PLUGIN(Probe)
