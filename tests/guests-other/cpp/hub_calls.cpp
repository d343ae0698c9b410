// Commands that call the hub.
#include <map>

#include "probe.hpp"

namespace {

std::expected<Event, std::string> event_of(const Command &command) {
    json::Value given = command["event"];
    if (!given["data"].text()) return fail("no text `event.data`");
    auto text = [&](std::string_view name) {
        return given[name].text().transform([](std::string_view text) { return std::string(text); });
    };
    std::int64_t retry = given["retry_ms"].integer().value_or(-1);
    return Event{
        .data = *text("data"),
        .event = text("event"),
        .id = text("id"),
        .retry_ms = retry < 0 ? 0 : static_cast<std::uint32_t>(retry)};
}

// Commands about one connection.
const std::map<std::string_view, Answer (*)(const Command &, Connection)> about_connection = {
    {"send-event", [](const Command &command, Connection connection) -> Answer {
         return as_json::result(connection.send(ROOMCAST_TRY(event_of(command))));
     }},
    {"send-comment", [](const Command &command, Connection connection) -> Answer {
         return as_json::result(connection.comment(ROOMCAST_TRY(command.text("text"))));
     }},
    {"close", [](const Command &, Connection connection) -> Answer { return as_json::result(connection.close()); }},
    {"is-open", [](const Command &, Connection connection) -> Answer { return as_json::ok(connection.is_open()); }},
    {"join", [](const Command &command, Connection connection) -> Answer {
         return as_json::result(connection.join(ROOMCAST_TRY(command.text("room"))));
     }},
    {"leave", [](const Command &command, Connection connection) -> Answer {
         return as_json::result(connection.leave(ROOMCAST_TRY(command.text("room"))));
     }},
    {"rooms-of", [](const Command &, Connection connection) -> Answer { return as_json::result(connection.rooms()); }},
    {"tag", [](const Command &, Connection connection) -> Answer { return as_json::result(connection.tag()); }},
    {"set-tag", [](const Command &command, Connection connection) -> Answer {
         auto tag = command.optional_text("tag");
         return as_json::result(tag ? connection.set_tag(*tag) : connection.clear_tag());
     }},
};

Answer broadcast(const Command &command, std::optional<Connection> except) {
    return as_json::result(hub::broadcast(ROOMCAST_TRY(command.text("room")), ROOMCAST_TRY(event_of(command)), except));
}

Answer broadcast_many(const Command &command, std::optional<Connection> except) {
    std::vector<std::string> rooms = ROOMCAST_TRY(command.texts("rooms"));
    Event event = ROOMCAST_TRY(event_of(command));
    std::string name = command.optional_text("duplicates").value_or("drop");
    if (name != "drop" && name != "keep") return fail("no duplicates " + name);
    auto duplicates = name == "drop" ? RC_DROP_DUPLICATES : RC_KEEP_DUPLICATES;
    return as_json::result(hub::broadcast_many(rooms, event, duplicates, except));
}

Answer members(const Command &command) {
    std::string room = ROOMCAST_TRY(command.text("room"));
    auto at = command["at"].integer().transform([](std::int64_t place) { return static_cast<hub::Cursor>(place); });
    auto page = hub::members(room, ROOMCAST_TRY(command.number("limit")), at);
    if (!page) return as_json::error(page.error());
    return as_json::ok_json(json::object([&](json::Object &object) {
        object.array("members", [&](json::Array &members) {
            for (Connection member : page->members) members.put(member.text());
        });
        object.put("total", page->total);
        object.put("next", page->next.transform([](hub::Cursor place) { return static_cast<std::int64_t>(place); }));
    }));
}

}  // namespace

std::optional<Answer> hub_call(std::string_view op, const Command &command) {
    if (auto call = about_connection.find(op); call != about_connection.end()) {
        auto id = command.optional_text("connection");
        auto connection = id ? Connection::parse(*id) : command.sender();
        if (connection) return call->second(command, *connection);
        if (!id) return fail("no `connection`");
        return op == "is-open" ? as_json::ok(false) : as_json::no_id("connection");
    }
    if (op == "broadcast" || op == "broadcast-many") {
        auto id = command.optional_text("except");
        auto except = id ? Connection::parse(*id) : std::nullopt;
        if (id && !except) return as_json::no_id("except");
        return op == "broadcast" ? broadcast(command, except) : broadcast_many(command, except);
    }
    if (op == "members") return members(command);
    if (op != "count") return std::nullopt;
    auto room = command.text("room");
    if (!room) return fail(room.error());
    return as_json::result(hub::count(*room));
}
