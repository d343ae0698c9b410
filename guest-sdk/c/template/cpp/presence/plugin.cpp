// {{name}}: who is here, and whether they are active, away or typing.
#include <map>
#include <roomcast.hpp>

using namespace roomcast;

struct Person {
    std::string id, name, state;

    std::string json() const {
        return json::object([&](json::Object &person) {
            person.put("id", id);
            person.put("name", name);
            person.put("state", state);
        });
    }
};

struct Presence : Plugin {
    // A client opens /sse?name=Ada.
    Outcome on_connect(Connection connection, const Request &request) override {
        std::string name = request.parameter("name").value_or("");
        if (name.empty() || characters(name) > 40) return fail("a name of 1 to 40 characters is required: /sse?name=Ada");
        // The beginning of the connection's id: who knows the whole can post in its name.
        ROOMCAST_TRY(put(connection, {connection.text().substr(0, 8), name, "active"}));
        ROOMCAST_TRY(connection.send({.data = ROOMCAST_TRY(people()), .event = "people"}));
        return {};
    }

    // A client posts {"state": "typing"}.
    Reply on_message(std::optional<Connection> connection, const Request &, const Body &body) override {
        if (!connection) return fail("name your stream in the header Roomcast-Connection");
        std::string state(ROOMCAST_TRY(body.json())["state"].text().value_or(""));
        if (state != "active" && state != "away" && state != "typing")
            return fail("`state` is \"active\", \"away\" or \"typing\"");
        Person person = person_of(*connection);
        person.state = state;
        ROOMCAST_TRY(put(*connection, person));
        return Response::accepted();
    }

    void on_disconnect(Connection connection, DisconnectReason) override {
        Person person = person_of(connection);
        person.state = "left";
        warn_if_failed(note(person));
    }

    void on_timer(std::string_view) override {
        std::string all = json::array([&](json::Array &list) {
            for (const auto &[id, person] : changes) list.put_json(person.json());
        });
        // After a reload the timer goes on, but the changes are lost: then everyone gets everything.
        Event event = changes.empty() ? Event{people().value_or("[]"), "people"} : Event{all, "presence"};
        changes.clear();
        warn_if_failed(hub::broadcast("__all", event));
    }

private:
    // The people who have changed, by id, since the others were told.
    std::map<std::string, Person> changes;

    // A connection's tag is the person. The hub keeps it, so it outlives this instance.
    Result<> put(Connection connection, const Person &person) {
        ROOMCAST_TRY(connection.set_tag(person.json()));
        return note(person);
    }

    static Person person_of(Connection connection) {
        std::string tag = connection.tag().value_or("").value_or("");
        json::Value person = json::read(tag).value_or(json::Value());
        auto text = [&](std::string_view key) { return std::string(person[key].text().value_or("")); };
        return {text("id"), text("name"), text("state")};
    }

    // Have the others told, together with what else changes in the next quarter of a second.
    Result<> note(const Person &person) {
        if (changes.empty()) ROOMCAST_TRY(timers::after(std::chrono::milliseconds(250), "tell"));
        changes[person.id] = person;
        return {};
    }

    // Everyone who is here, as JSON.
    static Result<std::string> people() {
        std::vector<Connection> members = ROOMCAST_TRY(hub::all_members("__all"));
        return json::array([&](json::Array &list) {
            for (Connection member : members) list.put_json(person_of(member).json());
        });
    }
};

ROOMCAST_PLUGIN(Presence)
