/** Requests of clients. */
#pragma once

#include <span>
#include <utility>

#include "json.hpp"

namespace roomcast {

/**
 * The head of a client's HTTP request, lent to a hook until it returns; what it gives is valid as long. What you do not read costs
 * nothing. Reading it later writes an error to the log, and gives an empty text or none.
 */
class Request {
public:
    explicit Request(rc_request request) : request_(request) {}

    /** The method, for example `GET`. */
    std::string_view method() const { return detail::lift(rc_method(request_)); }

    /** The path without the query, for example `/sse`. */
    std::string_view path() const { return detail::lift(rc_path(request_)); }

    /** What follows the `?`, percent-encoded; none if there is none. */
    std::optional<std::string_view> query() const { return detail::lift_optional(rc_query(request_)); }

    /** The first query parameter of this name, decoded; none if there is none. */
    std::optional<std::string> parameter(std::string_view name) const {
        return detail::own_optional(rc_parameter(request_, detail::lower(name)));
    }

    /** All query parameters in order, names and values decoded. */
    std::span<const rc_header> parameters() const {
        const rc_header *list;
        std::size_t count;
        rc_parameters(request_, &list, &count);
        return {list, count};
    }

    /** The first header of this name, ignoring case; none if there is none. */
    std::optional<std::string_view> header(std::string_view name) const {
        return detail::lift_optional(rc_header_of(request_, detail::lower(name)));
    }

    /** All headers in the order received, names in lower case. */
    std::span<const rc_header> headers() const {
        const rc_header *list;
        std::size_t count;
        rc_headers_of(request_, &list, &count);
        return {list, count};
    }

    /** The address of the peer, for example `127.0.0.1:51234`. */
    std::string_view peer() const { return detail::lift(rc_peer(request_)); }

    /** The id of the last event that a reconnecting client has seen; none otherwise. */
    std::optional<std::string_view> last_event_id() const { return detail::lift_optional(rc_last_event_id(request_)); }

private:
    rc_request request_;
};

/** The body of a message, or a chunk of a fetch's answer. A view: valid until the hook returns. */
class Body {
public:
    explicit Body(rc_body body) : body_(body) {}

    /** The bytes, as they were sent. */
    std::string_view bytes() const { return detail::lift(body_.bytes); }

    /** The text; none if the bytes are not UTF-8. */
    std::optional<std::string_view> text() const { return detail::lift_optional(rc_body_text(body_)); }

    /** The text, with U+FFFD in place of what is not UTF-8. */
    std::string_view text_lossy() const { return detail::lift(rc_body_text_lossy(body_)); }

    /** The JSON, or what is wrong with it and where. */
    std::expected<json::Value, std::string> json() const { return json::read(bytes()); }

private:
    rc_body body_;
};

/** Where a published event comes from. */
struct Origin {
    /** Whether it came through the HTTP API; otherwise its origin is one that this version does not name. */
    bool is_api;
    /** The publisher's address, or the name of the other origin. */
    std::string_view detail;
};

}  // namespace roomcast
