/** Errors of the host, and results that may be one. */
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "../roomcast.h"

namespace roomcast {

/** Between the two languages; not for plugins. */
namespace detail {

inline rc_text lower(std::string_view text) { return {text.data() == nullptr ? "" : text.data(), text.size()}; }

inline rc_text lower_optional(const std::optional<std::string> &text) { return text ? lower(*text) : RC_NONE; }

inline std::string_view lift(rc_text text) { return {text.data, text.size}; }

inline std::optional<std::string_view> lift_optional(rc_text text) {
    return rc_is_none(text) ? std::nullopt : std::optional(lift(text));
}

inline std::optional<std::string> own_optional(rc_text text) {
    return rc_is_none(text) ? std::nullopt : std::optional(std::string(lift(text)));
}

}  // namespace detail

/** Why the host refused a call. A refused call has no effect. */
struct Error {
    /** What kind of refusal: `RC_NO_SUCH_CONNECTION`, `RC_LIMIT_EXCEEDED`, ... */
    rc_error_kind kind;
    /** What it is about: an argument, a limit's or a setting's key, a capability. May be empty. */
    std::string subject;
    /** What is wrong, what is allowed, what to do. May be empty. */
    std::string reason;

    explicit Error(rc_error error)
        : kind(error.kind), subject(detail::lift(error.subject)), reason(detail::lift(error.reason)) {}

    /** The error in words, for people. */
    std::string text() const {
        return std::string(detail::lift(rc_error_text({kind, detail::lower(subject), detail::lower(reason)})));
    }

    /** In words: so an error of the host is one of a hook that answers a text. */
    operator std::string() const { return text(); }
};

/** A value, or why the host refused. */
template <typename T = void>
using Result = std::expected<T, Error>;

/** What hooks such as `on_init` answer: nothing, or why not. */
using Outcome = std::expected<void, std::string>;

/** Why not: `return roomcast::fail("no room of this name");`. */
inline std::unexpected<std::string> fail(std::string why) { return std::unexpected(std::move(why)); }

namespace detail {

inline Result<> result(rc_error error) {
    if (error.kind != RC_OK) return std::unexpected(Error(error));
    return {};
}

template <typename T>
Result<T> result(rc_error error, T value) {
    if (error.kind != RC_OK) return std::unexpected(Error(error));
    return value;
}

}  // namespace detail

/** Write a failed call to the log as a warning, and go on. True when it went well. */
template <typename T>
bool warn_if_failed(const std::expected<T, Error> &result) {
    if (!result) rc_log(RC_WARNING, RC_NONE, detail::lower(result.error().text()));
    return result.has_value();
}

}  // namespace roomcast

/** The value of a result; an error is returned from the function that this stands in. */
#define ROOMCAST_TRY(...)                                                          \
    ({                                                                             \
        auto roomcast_result = (__VA_ARGS__);                                      \
        if (!roomcast_result) return std::unexpected(std::move(roomcast_result).error()); \
        *std::move(roomcast_result);                                               \
    })
