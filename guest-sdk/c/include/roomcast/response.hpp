/** What hooks answer. */
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "event.hpp"

namespace roomcast {

/** Headers to send, at most 8. The host refuses those that it controls itself, such as `content-length`. */
using Headers = std::vector<std::pair<std::string, std::string>>;

/** The answer to a client that is not let in: `return roomcast::reject(403, "not you");`. */
struct Rejection {
    /** 204 tells a browser not to come back; otherwise 400 to 599. A browser gives up at any of them. */
    std::uint16_t status;
    std::string body = {};
    Headers headers = {};

    Rejection(std::uint16_t status, std::string body, Headers headers = {})
        : status(status), body(std::move(body)), headers(std::move(headers)) {}

    /** An error of the host: 400 for a wrong argument, which is taken for the client's, otherwise 503. */
    Rejection(const Error &error) : status(error.kind == RC_INVALID_ARGUMENT ? 400 : 503), body(error.text()) {}

    /** The client's fault. */
    Rejection(std::string why) : status(400), body(std::move(why)) {}
};

/** Let a client in with `{}`, or do not. */
using Admission = std::expected<void, Rejection>;

inline std::unexpected<Rejection> reject(std::uint16_t status, std::string body, Headers headers = {}) {
    return std::unexpected(Rejection(status, std::move(body), std::move(headers)));
}

/** 401: credentials are missing or wrong. `challenge` is the `www-authenticate` header, for example `Bearer`. */
inline std::unexpected<Rejection> unauthorized(std::string challenge, std::string body) {
    return reject(401, std::move(body), {{"www-authenticate", std::move(challenge)}});
}

/** 429: this client asks too often; it may come back after so many seconds. */
inline std::unexpected<Rejection> too_many_requests(unsigned retry_after) {
    return reject(429, "too many requests", {{"retry-after", std::to_string(retry_after)}});
}

/** 503: not now; the client may come back after so many seconds. */
inline std::unexpected<Rejection> unavailable(unsigned retry_after) {
    return reject(503, "not available now", {{"retry-after", std::to_string(retry_after)}});
}

/** The answer to a message. */
struct Response {
    /** 200 to 599. */
    std::uint16_t status = 202;
    std::string body = {};
    Headers headers = {};
    /** Set when the body is no text. */
    bool is_binary = false;

    /** 200 with a body. */
    static Response ok(std::string body) { return {.status = 200, .body = std::move(body)}; }

    /** 202 without a body: taken, and what it leads to comes by the stream. */
    static Response accepted() { return {}; }

    /** No answer: the next plugin of the chain is asked. */
    static Response pass() { return {.status = 100}; }
};

/** The answer, or what the sender did wrong, which goes back with status 400. */
using Reply = std::expected<Response, std::string>;

/** Deliver a published event as it is. */
struct Forward {};

/** Do not deliver it; the text is the answer to the publisher. */
struct Refuse {
    std::string reason;
};

/** What to do with a published event: `Forward{}`, an `Event` to deliver instead, or `Refuse{"why"}`. */
using Verdict = std::variant<Forward, Event, Refuse>;

}  // namespace roomcast
