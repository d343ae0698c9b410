/** Errors of the host, and results that may be one. */
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "../roomcast.h"

namespace roomcast {

/** Conversions between C and C++; not for plugins. */
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
    /** The argument, the key of a limit or setting, or the capability. May be empty. */
    std::string subject;
    /** What is wrong and what to do. May be empty. */
    std::string reason;
    /** Where `ROOMCAST_TRY` met it, for the log; null before that. */
    const char *file = nullptr;
    int line = 0;

    explicit Error(rc_error error)
        : kind(error.kind), subject(detail::lift(error.subject)), reason(detail::lift(error.reason)) {}

    /** The error as a text for people. */
    std::string text() const { return std::string(detail::lift(rc_error_text(borrowed()))); }

    /** The C type, borrowed from this. */
    rc_error borrowed() const { return {kind, detail::lower(subject), detail::lower(reason)}; }
};

/** A value, or why the host refused. */
template <typename T = void>
using Result = std::expected<T, Error>;

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

/** An error with its place, unless it has one; other errors have none. */
inline Error at(Error error, const char *file, int line) {
    if (error.file == nullptr) error.file = file, error.line = line;
    return error;
}

template <typename T>
T at(T error, const char *, int) {
    return error;
}

}  // namespace detail

/** Log a failed call as a warning and continue. True on success. */
template <typename T>
bool warn_if_failed(const std::expected<T, Error> &result) {
    if (!result) rc_log(RC_WARNING, RC_NONE, detail::lower(result.error().text()));
    return result.has_value();
}

}  // namespace roomcast

/** The value of a result; an error is returned from the enclosing function. */
#define ROOMCAST_TRY(...)                                                          \
    ({                                                                             \
        auto roomcast_result = (__VA_ARGS__);                                      \
        if (!roomcast_result) {                                                    \
            return std::unexpected(roomcast::detail::at(                           \
                std::move(roomcast_result).error(), __FILE_NAME__, __LINE__));     \
        }                                                                          \
        *std::move(roomcast_result);                                               \
    })
