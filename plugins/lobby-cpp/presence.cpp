#include "presence.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

using namespace roomcast;
using namespace std::chrono_literals;

namespace {

// How long changes are gathered.
constexpr auto gather = 250ms;
// How many names each list of an event has.
constexpr std::size_t max_names = 20;

void write_names(json::Object &json, std::string_view key, const std::vector<std::string> &names) {
    json.array(key, [&](json::Array &list) {
        for (const std::string &name : names) list.put(name);
    });
}

}  // namespace

void Presence::joined(const std::string &room, const std::string &name) {
    Change &in_room = change(room);
    in_room.more += note(name, in_room.joined, in_room.left);
}

void Presence::left(const std::string &room, const std::string &name) {
    Change &in_room = change(room);
    in_room.more += note(name, in_room.left, in_room.joined);
}

void Presence::tell() {
    running_ = false;
    for (const auto &[room, change] : std::exchange(changes_, {})) {
        if (change.joined.empty() && change.left.empty() && change.more == 0) continue;
        auto count = hub::count(room);
        if (!warn_if_failed(count)) continue;
        std::string data = json::object([&](json::Object &told) {
            told.put("room", room);
            told.put("count", *count);
            change.write(told);
        });
        warn_if_failed(hub::broadcast(room, {.data = data, .event = "presence"}));
    }
}

void Presence::start_timer() {
    if (running_ || changes_.empty()) return;
    running_ = warn_if_failed(timers::after(gather, "presence"));
}

Presence::Change &Presence::change(const std::string &room) {
    Change &change = changes_[room];
    start_timer();
    return change;
}

// Note a name in one list; somebody who has come and gone in between, or the other way round (a reconnect), has not
// changed anything. Answers how many names were left out: 0 or 1.
std::uint32_t Presence::note(const std::string &name, Names &list, Names &opposite) {
    if (auto found = std::ranges::find(opposite, name); found != opposite.end()) {
        opposite.erase(found);
    } else if (list.size() < max_names) {
        list.push_back(name);
    } else {
        return 1;
    }
    return 0;
}

void Presence::Change::write(json::Object &json) const {
    write_names(json, "joined", joined);
    write_names(json, "left", left);
    json.put("more", more);
}

void Presence::write(json::Object &json) const {
    json.object("changes", [&](json::Object &changes) {
        for (const auto &[room, change] : changes_) {
            changes.object(room, [&](json::Object &json) { change.write(json); });
        }
    });
}

bool Presence::read_names(json::Value json, Names &names) {
    for (json::Value name : json) {
        auto text = name.text();
        if (!text) return false;
        names.emplace_back(*text);
    }
    return json.kind() == RC_JSON_ARRAY;
}

Outcome Presence::read(json::Value json) {
    if (json["changes"].kind() != RC_JSON_OBJECT) return fail("missing field `changes`");
    changes_.clear();
    for (json::Value one : json["changes"]) {
        Change &change = changes_[std::string(one.key())];
        double more = one["more"].number().value_or(-1);
        bool fits = more >= 0 && more <= std::numeric_limits<std::uint32_t>::max();
        if (!fits || !read_names(one["joined"], change.joined) || !read_names(one["left"], change.left)) {
            return fail("the changes of room " + std::string(one.key()));
        }
        change.more = static_cast<std::uint32_t>(more);
    }
    return {};
}
