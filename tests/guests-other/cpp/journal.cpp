#include "probe.hpp"

namespace {

std::vector<std::string> calls;

// A value into an array or an object, whose `put` functions take the key first.
void copy(json::Value value, auto put, auto object, auto array) {
    switch (value.kind()) {
    case RC_JSON_MISSING:
    case RC_JSON_NULL: return put(std::optional<bool>());
    case RC_JSON_BOOL: return put(*value.boolean());
    case RC_JSON_NUMBER: return put(value.integer().value_or(0));  // a journal has no others
    case RC_JSON_TEXT: return put(*value.text());
    case RC_JSON_ARRAY: return array();
    case RC_JSON_OBJECT: return object();
    }
}

void copy_members(json::Object &into, json::Value from);

void copy_members(json::Array &into, json::Value from) {
    for (json::Value member : from) {
        copy(
            member, [&](const auto &value) { into.put(value); },
            [&] { into.object([&](json::Object &inner) { copy_members(inner, member); }); },
            [&] { into.array([&](json::Array &inner) { copy_members(inner, member); }); });
    }
}

void copy_members(json::Object &into, json::Value from) {
    for (json::Value member : from) {
        std::string_view key = member.key();
        copy(
            member, [&](const auto &value) { into.put(key, value); },
            [&] { into.object(key, [&](json::Object &inner) { copy_members(inner, member); }); },
            [&] { into.array(key, [&](json::Array &inner) { copy_members(inner, member); }); });
    }
}

}  // namespace

void journal::note(std::string call) { calls.push_back(std::move(call)); }

void journal::note_result(const Answer &answer) {
    note(json::object([&](json::Object &noted) {
        if (answer) noted.put_json("result", *answer);
        else noted.put("result", answer.error().body);
    }));
}

void journal::put(json::Array &array) {
    for (const std::string &call : calls) array.put_json(call);
}

void journal::forget() { calls.clear(); }

bool journal::restore(std::string_view state) {
    auto saved = json::read(state);
    if (!saved || saved->kind() != RC_JSON_ARRAY) return false;
    forget();
    for (json::Value call : *saved) {
        note(json::object([&](json::Object &copied) { copy_members(copied, call); }));
    }
    return true;
}
