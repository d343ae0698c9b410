/** Refusals, and the results that may be one. */
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "result.hpp"

namespace roomcast {

/** Headers to send, at most 8. The host refuses those that it controls itself, such as `content-length`. */
using Headers = std::vector<std::pair<std::string, std::string>>;

/** The answer to what a plugin refuses: `return roomcast::reject(403, "not you");`. */
struct Rejection {
    /** 400 to 599; for a stream also 204. A browser does not reconnect after any of them. */
    std::uint16_t status;
    std::string body = {};
    Headers headers = {};
    /** The error of the host behind it, and its place: for the log. It is not sent. */
    std::string failure = {};

    Rejection(std::uint16_t status, std::string body, Headers headers = {})
        : status(status), body(std::move(body)), headers(std::move(headers)) {}

    /**
     * A refused host call is the plugin's fault: the client gets 500 `the plugin has failed`, or 503 for a limit that was
     * reached. The log has the error and the line; the client sees neither.
     */
    Rejection(const Error &error) {
        rc_answer answer = rc_fail_at(error.file, error.line, error.borrowed());
        status = answer.status;
        body = status == 503 ? "the server is busy: try again later" : "the plugin has failed";
        failure = detail::lift(answer.body);
    }

    /** 400: the request is invalid. */
    Rejection(std::string why) : status(400), body(std::move(why)) {}
};

/** The result of hooks that say yes or no: `{}`, or a refusal. */
using Outcome = std::expected<void, Rejection>;

/** Refuse with 400 and a text: `return roomcast::fail("no such room");`. */
inline std::unexpected<std::string> fail(std::string why) { return std::unexpected(std::move(why)); }

/** Refuse with another status. */
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

}  // namespace roomcast
