/** Requests of clients. */
#pragma once

#include <span>
#include <utility>

#include "result.hpp"

namespace roomcast {

/** The head of a client's HTTP request. A view: valid until the hook returns. */
class Request {
public:
    explicit Request(const rc_request *request) : request_(request) {}

    /** The method, for example `GET`. */
    std::string_view method() const { return detail::lift(request_->method); }

    /** The path without the query, for example `/sse`. */
    std::string_view path() const { return detail::lift(request_->path); }

    /** What follows the `?`, percent-encoded; none if there is none. */
    std::optional<std::string_view> query() const { return detail::lift_optional(request_->query); }

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
    std::span<const rc_header> headers() const { return {request_->headers, request_->header_count}; }

    /** The address of the peer, for example `127.0.0.1:51234`. */
    std::string_view peer() const { return detail::lift(request_->peer); }

    /** The id of the last event that a reconnecting client has seen; none otherwise. */
    std::optional<std::string_view> last_event_id() const { return detail::lift_optional(request_->last_event_id); }

private:
    const rc_request *request_;
};

/** The body of a message. A view: valid until the hook returns. */
class Body {
public:
    explicit Body(rc_body body) : body_(body) {}

    /** The bytes. */
    std::string_view bytes() const { return detail::lift(body_.bytes); }

    /** The text; none if the bytes are not UTF-8. */
    std::optional<std::string_view> text() const {
        return body_.is_text ? std::optional(bytes()) : std::nullopt;
    }

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
