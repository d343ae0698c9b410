/** JSON: enough to parse a client's message, to write an event, and to save the state. */
#pragma once

#include <iterator>

#include "result.hpp"

namespace roomcast::json {

/**
 * A parsed value, or "missing". Valid until the hook returns. A path needs no checks in between:
 * `value["user"]["name"].text()` is none wherever the path ends early.
 */
class Value {
public:
    Value() : value_(nullptr) {}
    explicit Value(const rc_json *value) : value_(value) {}

    /** The value of a key in an object. */
    Value operator[](std::string_view key) const { return Value(rc_json_get(value_, detail::lower(key))); }

    /** Whether it exists. */
    explicit operator bool() const { return value_ != nullptr; }

    /** Its kind: `RC_JSON_TEXT`, `RC_JSON_OBJECT`, ..., `RC_JSON_MISSING`. */
    rc_json_kind kind() const { return rc_json_kind_of(value_); }

    std::optional<std::string_view> text() const { return detail::lift_optional(rc_json_text(value_)); }

    std::optional<double> number() const {
        return kind() == RC_JSON_NUMBER ? std::optional(rc_json_number(value_, 0)) : std::nullopt;
    }

    /** A 64-bit integer, written without fraction and exponent. */
    std::optional<std::int64_t> integer() const {
        std::int64_t value = rc_json_integer(value_, 0);
        return value == rc_json_integer(value_, 1) ? std::optional(value) : std::nullopt;
    }

    std::optional<bool> boolean() const {
        return kind() == RC_JSON_BOOL ? std::optional(rc_json_bool(value_, false)) : std::nullopt;
    }

    /** The number of members of an array or object. */
    std::size_t size() const { return rc_json_count(value_); }

    /** The key of an object's member. */
    std::string_view key() const { return detail::lift(rc_json_key(value_)); }

    class Iterator {
    public:
        explicit Iterator(const rc_json *at) : at_(at) {}
        Value operator*() const { return Value(at_); }
        Iterator &operator++() {
            at_ = rc_json_next(at_);
            return *this;
        }
        bool operator==(const Iterator &) const = default;

    private:
        const rc_json *at_;
    };

    /** The members of an array or object, in their order: `for (json::Value member : value)`. */
    Iterator begin() const { return Iterator(rc_json_first(value_)); }
    Iterator end() const { return Iterator(nullptr); }

private:
    const rc_json *value_;
};

/** Parse a JSON text, or return what is wrong with it and where. */
inline std::expected<Value, std::string> read(std::string_view text) {
    rc_text problem = {};
    const rc_json *value = rc_json_read(detail::lower(text), &problem);
    if (value == nullptr) return std::unexpected(std::string(detail::lift(problem)));
    return Value(value);
}

/**
 * A writer of a JSON text. A function writes the contents of an object or array, so brackets always match:
 *
 *     std::string text = json::object([&](json::Object &welcome) {
 *         welcome.put("name", name);
 *         welcome.array("people", [&](json::Array &people) { people.put("Ada"); });
 *     });
 */
class Object;
class Array;

namespace detail {
using roomcast::detail::lower;

inline void put(rc_json_writer *json, rc_text key, std::string_view text) { rc_json_put(json, key, lower(text)); }
inline void put(rc_json_writer *json, rc_text key, const char *text) { rc_json_put(json, key, rc_text_of(text)); }
inline void put(rc_json_writer *json, rc_text key, const std::string &text) { rc_json_put(json, key, lower(text)); }
inline void put(rc_json_writer *json, rc_text key, bool value) { rc_json_put_bool(json, key, value); }
template <std::integral T>
void put(rc_json_writer *json, rc_text key, T number) {
    rc_json_put_number(json, key, static_cast<std::int64_t>(number));
}
template <typename T>
void put(rc_json_writer *json, rc_text key, const std::optional<T> &value) {
    if (value) put(json, key, *value);
    else rc_json_put(json, key, RC_NONE);
}
}  // namespace detail

class Array {
public:
    explicit Array(rc_json_writer *json) : json_(json) {}
    /** A text, an integer, a bool, or an optional of these; an empty one becomes `null`. */
    void put(const auto &value) { detail::put(json_, RC_NONE, value); }
    /** A JSON text, inserted unchanged. */
    void put_json(std::string_view text) { rc_json_put_json(json_, RC_NONE, detail::lower(text)); }
    void object(auto &&write);
    void array(auto &&write);

private:
    rc_json_writer *json_;
};

class Object {
public:
    explicit Object(rc_json_writer *json) : json_(json) {}
    /** A text, an integer, a bool, or an optional of these; an empty one becomes `null`. */
    void put(std::string_view key, const auto &value) { detail::put(json_, detail::lower(key), value); }
    /** A JSON text, inserted unchanged. */
    void put_json(std::string_view key, std::string_view text) { rc_json_put_json(json_, detail::lower(key), detail::lower(text)); }
    void object(std::string_view key, auto &&write);
    void array(std::string_view key, auto &&write);
    /** The C type. */
    rc_json_writer *writer() { return json_; }

private:
    rc_json_writer *json_;
};

namespace detail {
void object(rc_json_writer *json, rc_text key, auto &&write) {
    rc_json_begin_object(json, key);
    Object object(json);
    write(object);
    rc_json_end_object(json);
}
void array(rc_json_writer *json, rc_text key, auto &&write) {
    rc_json_begin_array(json, key);
    Array array(json);
    write(array);
    rc_json_end_array(json);
}
}  // namespace detail

void Array::object(auto &&write) { detail::object(json_, RC_NONE, write); }
void Array::array(auto &&write) { detail::array(json_, RC_NONE, write); }
void Object::object(std::string_view key, auto &&write) { detail::object(json_, detail::lower(key), write); }
void Object::array(std::string_view key, auto &&write) { detail::array(json_, detail::lower(key), write); }

/** The JSON text of an object. */
std::string object(auto &&write) {
    rc_json_writer json = {};
    detail::object(&json, RC_NONE, write);
    return std::string(roomcast::detail::lift(rc_json_done(&json)));
}

/** The JSON text of an array. */
std::string array(auto &&write) {
    rc_json_writer json = {};
    detail::array(&json, RC_NONE, write);
    return std::string(roomcast::detail::lift(rc_json_done(&json)));
}

}  // namespace roomcast::json
