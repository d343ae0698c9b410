/** HTTP requests whose answers arrive in chunks. */
#pragma once

#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace roomcast {

/**
 * HTTP requests whose answers arrive in chunks, such as those of a language model. `start` returns at once; the host delivers
 * the answer through `on_fetch_response`, `on_fetch_chunk` and `on_fetch_end`, between other calls. The operator grants
 * destinations and limits in `[plugins.capabilities.http]`.
 *
 * Fetches follow the state, as timers do. After a trap, an instance that starts without state gets `on_fetch_end` with
 * `RC_INTERRUPTED` for each. A plugin that does not use fetches does not import them.
 */
namespace fetch {

/** A fetch. */
struct Fetch {
    rc_fetch fetch;

    /** Cancel it: none of its hooks is called afterwards. False if it has already ended. */
    bool cancel() const { return rc_fetch_cancel(fetch); }
};

/** The request to make. Leave out what you do not need: `fetch::Request{.url = "https://example.org/"}`. */
struct Request {
    /** The absolute URL, for example `https://api.example.org/v1/chat`. */
    std::string url = {};
    std::string method = "GET";
    /** The host refuses those that it controls itself, such as `content-length`. */
    std::vector<std::pair<std::string, std::string>> headers = {};
    /** The body, any bytes; empty for a request without one. */
    std::string body = {};
    /**
     * The connection that the answer is for, if any. The host reads the answer no faster than this connection takes what the
     * plugin sends to it, and the fetch ends when the connection does.
     */
    std::optional<Connection> connection = {};
    /** The time limit for the whole fetch; 0 for the operator's limit, which also applies if it is shorter. */
    std::chrono::duration<std::uint32_t, std::milli> timeout = {};

    /**
     * Start it. Its hooks are called with `token` (at most 1 KiB). Refused if the destination is not granted, too many
     * fetches are in flight, the connection is not open, or none of the fetch hooks is overridden. Later failures are
     * reported by `on_fetch_end`.
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

    /** Any status; redirects are not followed. */
    std::uint16_t status() const { return response_->status; }

    /** The first header of this name, ignoring case; none if there is none. */
    std::optional<std::string_view> header(std::string_view name) const {
        return detail::lift_optional(rc_fetch_header_of(response_, detail::lower(name)));
    }

    /** All headers in the order received, names in lower case. */
    std::span<const rc_header> headers() const { return {response_->headers, response_->header_count}; }

private:
    const rc_fetch_response *response_;
};

/**
 * Parses an answer of the type `text/event-stream` from chunks that may end anywhere. Use one per fetch. To continue after a
 * reload, save `rest` and feed it to a new reader.
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
     * Parse the next chunk. Returns the events that it completes, each with the `event`, `data` and `id` of its own lines.
     * Events without data are left out, as in a browser.
     */
    std::vector<Event> feed(std::string_view piece) {
        rc_events read = rc_event_reader_feed(&reader_, detail::lower(piece));
        std::vector<Event> events;
        for (std::size_t index = 0; index < read.count; index++) events.push_back(detail::own(read.list[index]));
        return events;
    }

    /** The unfinished event. */
    std::string_view rest() const { return detail::lift(reader_.rest); }

private:
    rc_event_reader reader_ = {};
};

}  // namespace fetch
}  // namespace roomcast
