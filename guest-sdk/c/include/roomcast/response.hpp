/** The answers of hooks. */
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "event.hpp"

namespace roomcast {

/** Headers to send, at most 8. The host refuses those that it controls itself, such as `content-length`. */
using Headers = std::vector<std::pair<std::string, std::string>>;

/** The answer to a client whose stream is rejected: `return roomcast::reject(403, "not you");`. */
struct Rejection {
    /** 204, or 400 to 599. A browser does not reconnect after any of them. */
    std::uint16_t status;
    std::string body = {};
    Headers headers = {};

    Rejection(std::uint16_t status, std::string body, Headers headers = {})
        : status(status), body(std::move(body)), headers(std::move(headers)) {}

    /** A refused host call: 400 for an invalid argument, since it usually comes from the client, otherwise 503. */
    Rejection(const Error &error) : status(error.kind == RC_INVALID_ARGUMENT ? 400 : 503), body(error.text()) {}

    /** The request is invalid. */
    Rejection(std::string why) : status(400), body(std::move(why)) {}
};

/** `{}` to accept a client, or a rejection. */
using Admission = std::expected<void, Rejection>;

inline std::unexpected<Rejection> reject(std::uint16_t status, std::string body, Headers headers = {}) {
    return std::unexpected(Rejection(status, std::move(body), std::move(headers)));
}

/** 401: credentials are missing or invalid. `challenge` is the `www-authenticate` header, for example `Bearer`. */
inline std::unexpected<Rejection> unauthorized(std::string challenge, std::string body) {
    return reject(401, std::move(body), {{"www-authenticate", std::move(challenge)}});
}

/** 429: too many requests, with `retry-after` in seconds. */
inline std::unexpected<Rejection> too_many_requests(unsigned retry_after) {
    return reject(429, "too many requests", {{"retry-after", std::to_string(retry_after)}});
}

/** 503: temporarily unavailable, with `retry-after` in seconds. */
inline std::unexpected<Rejection> unavailable(unsigned retry_after) {
    return reject(503, "not available now", {{"retry-after", std::to_string(retry_after)}});
}

/** The answer to a message. */
struct Response {
    /** 200 to 599. */
    std::uint16_t status = 202;
    std::string body = {};
    Headers headers = {};
    /** Set if the body is not text. */
    bool is_binary = false;

    /** 200 with a body. */
    static Response ok(std::string body) { return {.status = 200, .body = std::move(body)}; }

    /** 202 without a body: accepted; results follow on the stream. */
    static Response accepted() { return {}; }

    /** No answer: the next plugin of the chain is asked. */
    static Response pass() { return {.status = 100}; }
};

/** The answer, or the text of an answer with status 400. */
using Reply = std::expected<Response, std::string>;

/** Deliver a published event unchanged. */
struct Forward {};

/** Do not deliver it; the text is the answer to the publisher. */
struct Refuse {
    std::string reason;
};

/** What to do with a published event: `Forward{}`, an `Event` to deliver instead, or `Refuse{"why"}`. */
using Verdict = std::variant<Forward, Event, Refuse>;

}  // namespace roomcast
