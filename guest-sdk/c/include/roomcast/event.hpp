/** Events. */
#pragma once

#include <cstdint>

#include "result.hpp"

namespace roomcast {

/** One server-sent event. Leave out what you do not need: `Event{.data = "hello", .event = "chat"}`. */
struct Event {
    /** The payload. Each CR, LF or CRLF ends a line; the client sees the lines joined by LF. */
    std::string data = {};
    /** The event's type, which clients pass to `addEventListener`; none means `message`. No CR, LF or NUL. */
    std::optional<std::string> event = {};
    /** The client's new last event id. An empty text resets it. No control characters, at most 1 KiB. */
    std::optional<std::string> id = {};
    /** The client's new reconnection time in milliseconds, at least 500; 0 for no change. */
    std::uint32_t retry_ms = 0;
};

namespace detail {

/** Borrowed for a call. */
inline rc_event lower(const Event &event) {
    return {lower(event.data), lower_optional(event.event), lower_optional(event.id), event.retry_ms};
}

/** A copy. */
inline Event own(const rc_event &event) {
    return {
        .data = std::string(lift(event.data)),
        .event = own_optional(event.event),
        .id = own_optional(event.id),
        .retry_ms = event.retry_ms};
}

}  // namespace detail
}  // namespace roomcast
