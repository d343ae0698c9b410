/** Requests over HTTP whose answers come piece by piece. */
#pragma once

#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace roomcast {

/**
 * Requests over HTTP whose answers come piece by piece, as those of a language model do. The host does the work: `start`
 * returns at once, and the answer comes through `on_fetch_response`, `on_fetch_chunk` and `on_fetch_end` while everything
 * else goes on. Where requests may go, and the bounds, are granted by the operator in `[plugins.capabilities.http]`.
 *
 * Fetches go where the state goes, as timers do. An instance that starts from nothing after a trap gets `on_fetch_end`
 * with `RC_INTERRUPTED` for each. A plugin that calls none of this does not import it.
 */
namespace fetch {

/** A fetch. */
struct Fetch {
    rc_fetch fetch;

    /** Break it off: no event of it comes any more. False when it is over already. */
    bool cancel() const { return rc_fetch_cancel(fetch); }
};

/** The request to make. Leave out what you do not need: `fetch::Request{.url = "https://example.org/"}`. */
struct Request {
    /** The absolute URL, for example `https://api.example.org/v1/chat`. */
    std::string url = {};
    std::string method = "GET";
    /** The host sets those that govern the connection, such as `content-length`, and refuses them here. */
    std::vector<std::pair<std::string, std::string>> headers = {};
    /** The body, any bytes; empty for a request without. */
    std::string body = {};
    /**
     * The connection that the answer is for, if it is for one. The answer is read no faster than this connection takes
     * what it is sent, and the fetch ends when the connection does.
     */
    std::optional<Connection> connection = {};
    /** How long it may take in all; 0 for as long as the operator lets it, whose bound holds if it is shorter. */
    std::chrono::duration<std::uint32_t, std::milli> timeout = {};

    /**
     * Start it. Its events carry `token` (at most 1 KiB). Refused when the destination is not granted, when too many are
     * under way, when the connection is not open, and when no hook for it is overridden. What goes wrong afterwards comes
     * through `on_fetch_end`.
     */
    [[nodiscard]] Result<Fetch> start(std::string_view token) const {
        std::vector<rc_header> lent;
        for (const auto &[name, value] : headers) lent.push_back({detail::lower(name), detail::lower(value)});
        rc_connection id = connection ? connection->id() : rc_connection{};
        Fetch started = {};
        rc_error error = rc_fetch_start(
            {.url = detail::lower(url),
             .method = detail::lower(method),
             .headers = lent.data(),
             .header_count = lent.size(),
             .body = detail::lower(body),
             .connection = connection ? &id : nullptr,
             .timeout_ms = timeout.count()},
            detail::lower(token), &started.fetch);
        return detail::result(error, started);
    }
};

/** The head of an answer. A view: valid until the hook returns. */
class Response {
public:
    explicit Response(const rc_fetch_response *response) : response_(response) {}

    /** Any status is an answer; redirects are yours to follow. */
    std::uint16_t status() const { return response_->status; }

    /** The first header of this name, in whatever case the name is given; none without one. */
    std::optional<std::string_view> header(std::string_view name) const {
        return detail::lift_optional(rc_fetch_header_of(response_, detail::lower(name)));
    }

    /** All headers in the order received, names in lower case. */
    std::span<const rc_header> headers() const { return {response_->headers, response_->header_count}; }

private:
    const rc_fetch_response *response_;
};

/**
 * Makes events of an answer of the type `text/event-stream` that comes in pieces, cut wherever they may be; one for each
 * fetch. To go on after a reload, save `rest`, and feed it to a new one.
 */
class EventReader {
public:
    EventReader() = default;
    EventReader(EventReader &&other) noexcept : reader_(std::exchange(other.reader_, {})) {}
    EventReader &operator=(EventReader &&other) noexcept {
        std::swap(reader_, other.reader_);
        return *this;
    }
    ~EventReader() { rc_event_reader_free(&reader_); }

    /**
     * Take the next piece: the events that are complete with it, each with the `event`, `data` and `id` that its own lines
     * say. One without data is left out, as in a browser.
     */
    std::vector<Event> feed(std::string_view piece) {
        rc_events read = rc_event_reader_feed(&reader_, detail::lower(piece));
        std::vector<Event> events;
        for (std::size_t index = 0; index < read.count; index++) events.push_back(detail::own(read.list[index]));
        return events;
    }

    /** What has come of the next event so far. */
    std::string_view rest() const { return detail::lift(reader_.rest); }

private:
    rc_event_reader reader_ = {};
};

}  // namespace fetch
}  // namespace roomcast
