// Rooms, presence and chat.
//
// A client opens `/sse?name=Ada&room=tea` and gets `welcome`, then `presence` and `chat`; it posts JSON to `/send` to say
// something, to move to another room, or to take another name. The README of ../lobby has the messages.
#include <map>

#include <roomcast.hpp>

#include "names.hpp"
#include "presence.hpp"

using namespace roomcast;

namespace {

constexpr std::string_view default_room = "lobby";
// How many names a welcome shows.
constexpr std::uint32_t max_people = 50;
constexpr std::size_t max_text = 2000;
const std::string example = R"(; send JSON such as {"type":"say","text":"hi"}, or of type "move" or "name")";

struct Person {
    std::string name, room;
};

// What the hub knows of a connection is enough: its tag is the name.
std::expected<Person, Rejection> from_hub(Connection connection) {
    std::string name = ROOMCAST_TRY(connection.tag()).value_or("");
    for (std::string &room : ROOMCAST_TRY(connection.rooms())) {
        if (room_name(room)) return Person{std::move(name), std::move(room)};
    }
    return fail("you are in no room: open the stream again");
}

// A field of a message.
std::expected<std::string, std::string> field(json::Value message, std::string_view name) {
    auto text = message[name].text();
    if (!text) return fail("missing field `" + std::string(name) + "`" + example);
    return std::string(*text);
}

}  // namespace

// Who is in which room, and what the rooms have yet to be told.
class Lobby : public Plugin {
public:
    Outcome on_connect(Connection connection, const Request &request) override {
        std::string name = "guest-" + connection.text().substr(0, 4);
        if (auto given = request.parameter("name")) name = ROOMCAST_TRY(person_name(*given));
        std::string room = ROOMCAST_TRY(room_name(request.parameter("room").value_or(std::string(default_room))));
        ROOMCAST_TRY(connection.join(room));
        ROOMCAST_TRY(connection.set_tag(name));
        presence_.joined(room, name);
        people_.insert_or_assign(connection, Person{name, room});
        ROOMCAST_TRY(welcome(connection));
        return {};
    }

    void on_disconnect(Connection connection, DisconnectReason) override {
        if (auto person = people_.extract(connection)) presence_.left(person.mapped().room, person.mapped().name);
    }

    Reply on_message(std::optional<Connection> connection, const Request &, const Body &body) override {
        if (!connection) return fail("name your stream: send its id in the header `Roomcast-Connection`");
        auto message = json::read(body.bytes());
        if (!message) return fail(message.error() + example);
        std::string type = ROOMCAST_TRY(field(*message, "type"));
        if (type == "say") return say(*connection, ROOMCAST_TRY(field(*message, "text")));
        if (type == "move") {
            return move(*connection, ROOMCAST_TRY(room_name(ROOMCAST_TRY(field(*message, "room")))));
        }
        if (type == "name") {
            return rename(*connection, ROOMCAST_TRY(person_name(ROOMCAST_TRY(field(*message, "name")))));
        }
        return fail("unknown variant `" + type + "`, expected one of `say`, `move`, `name`" + example);
    }

    void on_timer(std::string_view) override { presence_.tell(); }

    // A reload goes unnoticed: the state goes from one instance to the next, as the JSON that the lobby in Rust has, too.
    Saved on_save() override {
        return json::object([&](json::Object &state) {
            state.object("people", [&](json::Object &people) {
                for (const auto &[connection, person] : people_) {
                    people.object(connection.text(), [&](json::Object &json) {
                        json.put("name", person.name);
                        json.put("room", person.room);
                    });
                }
            });
            state.object("presence", [&](json::Object &json) { presence_.write(json); });
        });
    }

    Outcome on_restore(std::string_view state) override {
        const std::string no_lobby = "the saved state is not a lobby's: ";
        auto saved = json::read(state);
        if (!saved) return fail(no_lobby + saved.error());
        json::Value people = (*saved)["people"];
        if (people.kind() != RC_JSON_OBJECT) return fail(no_lobby + "missing field `people`");
        people_.clear();
        for (json::Value one : people) {
            auto connection = Connection::parse(one.key());
            auto name = one["name"].text(), room = one["room"].text();
            if (!connection || !name || !room) return fail(no_lobby + "the person " + std::string(one.key()));
            people_.insert_or_assign(*connection, Person{std::string(*name), std::string(*room)});
        }
        if (auto read = presence_.read((*saved)["presence"]); !read) return fail(no_lobby + read.error().body);
        presence_.start_timer();
        return {};
    }

private:
    Reply say(Connection connection, const std::string &text) {
        if (trim(text).empty()) return fail("`text` must not be empty");
        if (characters(text) > max_text) return fail("`text` is at most 2,000 characters long");
        const Person &person = *ROOMCAST_TRY(known(connection));
        std::string data = json::object([&](json::Object &chat) {
            chat.put("room", person.room);
            chat.put("name", person.name);
            chat.put("text", text);
        });
        ROOMCAST_TRY(hub::broadcast(person.room, {.data = data, .event = "chat"}));
        return Response::accepted();
    }

    // The new room comes first, so that a connection is never in none.
    Reply move(Connection connection, const std::string &room) {
        Person &person = *ROOMCAST_TRY(known(connection));
        if (person.room != room) {
            ROOMCAST_TRY(connection.join(room));
            ROOMCAST_TRY(connection.leave(person.room));
            std::string old = std::exchange(person.room, room);
            presence_.left(old, person.name);
            presence_.joined(room, person.name);
        }
        ROOMCAST_TRY(welcome(connection));
        return Response::accepted();
    }

    Reply rename(Connection connection, const std::string &name) {
        Person &person = *ROOMCAST_TRY(known(connection));
        if (person.name != name) {
            ROOMCAST_TRY(connection.set_tag(name));
            std::string old = std::exchange(person.name, name);
            presence_.left(person.room, old);
            presence_.joined(person.room, name);
        }
        return Response::accepted();
    }

    // Tell a connection where it is, and with whom.
    Result<> welcome(Connection connection) {
        const Person &person = people_.at(connection);
        hub::Members page = ROOMCAST_TRY(hub::members(person.room, max_people));
        std::string data = json::object([&](json::Object &welcome) {
            welcome.put("connection", connection.text());
            welcome.put("name", person.name);
            welcome.put("room", person.room);
            welcome.put("count", page.total);
            welcome.array("people", [&](json::Array &people) {
                for (Connection member : page.members) {
                    if (auto name = name_of(member)) people.put(*name);
                }
            });
        });
        return connection.send({.data = data, .event = "welcome"});
    }

    std::optional<std::string> name_of(Connection connection) {
        if (auto person = people_.find(connection); person != people_.end()) return person->second.name;
        return connection.tag().value_or(std::nullopt);
    }

    // Who a connection is. After a crash this instance has not seen it come in.
    std::expected<Person *, Rejection> known(Connection connection) {
        auto person = people_.find(connection);
        if (person == people_.end()) person = people_.emplace(connection, ROOMCAST_TRY(from_hub(connection))).first;
        return &person->second;
    }

    std::map<Connection, Person> people_;
    Presence presence_;
};

ROOMCAST_PLUGIN(Lobby)
