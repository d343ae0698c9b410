// Commands that use the store. The SDK has the bucket `default` and no other, and goes through all pages of keys itself:
// `kv-page` and other buckets it has not.
#include "probe.hpp"

namespace {

// A result whose errors have the names of the store's interface.
template <typename T>
std::string stored(const Result<T> &result) {
    if (!result && result.error().kind == RC_NOT_PERMITTED) return R"({"error":{"kind":"access-denied"}})";
    return as_json::result(result);
}

std::string swap(const std::string &key, const std::string &value, std::optional<std::string> meanwhile) {
    std::vector<std::optional<std::string>> seen;
    auto changed = store::update(key, [&](std::optional<std::string> before) {
        seen.push_back(before);
        if (meanwhile && seen.size() == 1) warn_if_failed(store::set(key, *meanwhile));
        return value;
    });
    if (!changed) return stored(changed);
    return as_json::ok_json(json::object([&](json::Object &object) {
        object.put("seen", seen[0]);
        if (seen.size() > 1) object.put("then", seen[1]);
    }));
}

std::string get_many(const std::vector<std::string> &keys) {
    auto values = store::get_many(keys);
    if (!values) return stored(values.transform([](const auto &) { return 0; }));
    return as_json::ok_json(json::array([&](json::Array &pairs) {
        for (std::size_t at = 0; at < keys.size(); at++) {
            const auto &value = (*values)[at];
            if (!value) {
                pairs.put(value);
                continue;
            }
            pairs.array([&](json::Array &pair) {
                pair.put(keys[at]);
                pair.put(*value);
            });
        }
    }));
}

Answer fill(const Command &command, const std::string &value) {
    std::uint32_t count = ROOMCAST_TRY(command.number("fill")), taken = 0;
    while (taken < count && store::set(rc_format("fill%05u", static_cast<unsigned>(taken)).data, value)) taken++;
    return as_json::ok(taken);
}

Answer many(std::string_view op, const Command &command, const std::string &value) {
    std::vector<std::string> keys = ROOMCAST_TRY(command.texts("keys"));
    if (op == "kv-get-many") return get_many(keys);
    if (op == "kv-delete-many") return stored(store::remove_many(keys));
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string &key : keys) pairs.emplace_back(key, value);
    return stored(store::set_many(pairs));
}

Answer one(std::string_view op, const Command &command, const std::string &value) {
    std::string key = ROOMCAST_TRY(command.text("key"));
    if (op == "kv-get") return stored(store::get(key));
    if (op == "kv-set") return stored(store::set(key, value));
    if (op == "kv-delete") return stored(store::remove(key));
    if (op == "kv-exists") return stored(store::exists(key));
    if (op == "kv-increment") return stored(store::increment(key, command["delta"].integer().value_or(0)));
    if (op == "kv-swap") return swap(key, value, command.optional_text("meanwhile"));
    return fail("there is no command `" + std::string(op) + "`");
}

}  // namespace

std::optional<Answer> store_call(std::string_view op, const Command &command) {
    if (!op.starts_with("kv-") || op == "kv-page" || op == "kv-open") return std::nullopt;
    std::string value = command.repeated("value");
    if (op == "kv-keys") return stored(store::keys());
    if (op == "kv-fill") return fill(command, value);
    if (op.ends_with("-many")) return many(op, command, value);
    return one(op, command, value);
}
