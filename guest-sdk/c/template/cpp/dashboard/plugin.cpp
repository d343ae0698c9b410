// {{name}}: numbers that change, and go to everyone who looks.
#include <cmath>
#include <map>
#include <roomcast.hpp>

using namespace roomcast;

using Numbers = std::map<std::string, double, std::less<>>;

struct Dashboard : Plugin {
    Outcome on_init() override {
        ROOMCAST_TRY(timers::every(std::chrono::seconds(1), "count"));
        return {};
    }

    Outcome on_connect(Connection connection, const Request &) override {
        ROOMCAST_TRY(connection.send({.data = write(values), .event = "numbers"}));
        return {};
    }

    // A back end publishes to the room "numbers". No client is in it: what is published there is for this plugin alone.
    Verdict on_publish(std::string_view room, const Event &event, const Origin &) override {
        if (room == "numbers") update(ROOMCAST_TRY(read(event.data)));
        return Forward{};
    }

    void on_timer(std::string_view token) override {
        if (token == "count") {
            update({{"streams", hub::count("__all").value_or(0)}});
            return;
        }
        warn_if_failed(hub::broadcast("__all", {.data = write(changed), .event = "numbers"}));
        changed.clear();
    }

    Saved on_save() override { return write(values); }

    Outcome on_restore(std::string_view state) override {
        update(ROOMCAST_TRY(read(state)));
        return {};
    }

private:
    // The last value of each number, and those that the clients have not been told yet.
    Numbers values, changed;

    // However often a number changes, clients get its latest value at most ten times a second.
    void update(const Numbers &numbers) {
        for (const auto &[name, value] : numbers) {
            if (auto last = values.find(name); last != values.end() && last->second == value) continue;
            if (changed.empty()) warn_if_failed(timers::after(std::chrono::milliseconds(100), "tell"));
            values[name] = changed[name] = value;
        }
    }

    static std::string write(const Numbers &numbers) {
        return json::object([&](json::Object &object) {
            for (const auto &[name, value] : numbers) object.put_json(name, rc_format("%.15g", value).data);
        });
    }

    static std::expected<Numbers, std::string> read(std::string_view text) {
        json::Value object = json::read(text).value_or(json::Value());
        Numbers numbers;
        for (json::Value each : object) numbers[std::string(each.key())] = each.number().value_or(NAN);
        bool all = object.kind() == RC_JSON_OBJECT;
        for (const auto &[name, value] : numbers) all = all && std::isfinite(value);
        if (!all) return std::unexpected("send numbers by their names, such as {\"cpu\": 42.5}");
        return numbers;
    }
};

ROOMCAST_PLUGIN(Dashboard)
