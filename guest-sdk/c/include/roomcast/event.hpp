/** Events. */
#pragma once

#include <cstdint>

#include "result.hpp"

namespace roomcast {

/** One server-sent event. Leave out what you do not need: `Event{.data = "hello", .event = "chat"}`. */
struct Event {
    /** The payload. Each CR, LF or CRLF in it ends a line; the receiver sees the lines joined by LF. */
    std::string data = {};
    /** The event's type, what `addEventListener` listens to; none means `message`. No CR, LF or NUL. */
    std::optional<std::string> event = {};
    /** The client's new last event id. Empty resets it. Characters `A-Z a-z 0-9 . _ -`, at most 128. */
    std::optional<std::string> id = {};
    /** How long the client waits before it reconnects, in milliseconds, at least 500; 0 for no change. */
    std::uint32_t retry_ms = 0;
};

namespace detail {

/** Lent for a call. */
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
