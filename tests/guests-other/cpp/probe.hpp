// What the parts of the probe share.
#pragma once

#include <roomcast.hpp>

#include "../c/base64.h"

using namespace roomcast;

// A result as JSON, or what is wrong with the command.
using Answer = std::expected<std::string, Rejection>;

// A command: a JSON object whose `op` names one function of the host, with its arguments.
class Command {
public:
    Command(json::Value value, std::optional<Connection> sender) : value_(value), sender_(sender) {}

    json::Value operator[](std::string_view name) const { return value_[name]; }
    std::optional<Connection> sender() const { return sender_; }

    // Arguments; one that is missing is an error.
    std::expected<std::string, std::string> text(std::string_view name) const;
    std::expected<std::uint32_t, std::string> number(std::string_view name) const;
    std::expected<std::vector<std::string>, std::string> texts(std::string_view name) const;
    std::expected<Headers, std::string> headers() const;
    std::optional<std::string> optional_text(std::string_view name) const;
    // A text, as many times as `repeat` says.
    std::string repeated(std::string_view name) const;
    // The bytes of `base64`, if there is one.
    std::expected<std::optional<std::string>, std::string> bytes() const;

private:
    json::Value value_;
    std::optional<Connection> sender_;
};

// Run one command.
Answer run(const Command &command);

// Parts of that: none if it is not one of theirs.
std::optional<Answer> hub_call(std::string_view op, const Command &command);
std::optional<Answer> store_call(std::string_view op, const Command &command);
std::optional<Answer> fetch_call(std::string_view op, const Command &command);

Reply respond(const Command &command);
Reply reject(const Command &command);
Outcome obey_query(Connection connection, const Request &request);
bool is_for_another(std::string_view to);

// Every call of a hook so far, each as JSON.
namespace journal {
void note(std::string call);
// {"result": ...}, of a command for whose answer nobody waits.
void note_result(const Answer &answer);
void put(json::Array &array);
void forget();
bool restore(std::string_view state);
}  // namespace journal

// The contract's types as JSON. Names are those of the contract, with `_` in fields; bytes are base64.
namespace as_json {
std::string error(const Error &error);
// In C++ an id is no text, so one that is none goes no further than to the probe.
std::string no_id(std::string_view argument);
void headers(json::Object &object, std::span<const rc_header> headers);
void request(json::Object &object, const Request &request);
void body(json::Object &object, const Body &body);
void event(json::Object &object, const Event &event);

std::string ok(const auto &value) {
    return json::object([&](json::Object &object) { object.put("ok", value); });
}

inline std::string ok_json(std::string_view text) {
    return json::object([&](json::Object &object) { object.put_json("ok", text); });
}

inline std::string ok(const std::vector<std::string> &texts) {
    return ok_json(json::array([&](json::Array &array) {
        for (const std::string &text : texts) array.put(text);
    }));
}

inline std::string ok() { return R"({"ok":null})"; }

// What a call has answered.
template <typename T>
std::string result(const Result<T> &result) {
    if (!result) return error(result.error());
    if constexpr (std::is_void_v<T>) return ok();
    else return ok(*result);
}
}  // namespace as_json
