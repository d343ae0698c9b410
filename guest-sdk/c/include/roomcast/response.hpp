/** The answers of hooks. */
#pragma once

#include <variant>

#include "event.hpp"
#include "rejection.hpp"

namespace roomcast {

/** The answer to a message. */
struct Response {
    /** 200 to 599. */
    std::uint16_t status = 202;
    std::string body = {};
    /**
     * Without `content-type`, a body of UTF-8 is sent as `text/plain`, any other as `application/octet-stream`. Besides those
     * that the host controls itself, `connection: close` is allowed.
     */
    Headers headers = {};
    /** Set if the body is any bytes. A text has U+FFFD in place of what is not UTF-8. */
    bool is_binary = false;

    /** 200 with a body. */
    static Response ok(std::string body) { return {.status = 200, .body = std::move(body)}; }

    /** 202 without a body: accepted; results follow on the stream. */
    static Response accepted() { return {}; }
};

/** No answer to a message: the next plugin of the chain is asked. */
struct Pass {};

/** What comes of a message: a `Response`, `Pass{}`, or a refusal. */
using Reply = std::expected<std::variant<Response, Pass>, Rejection>;

/** Deliver a published event unchanged. */
struct Forward {};

/** What to do with a published event: `Forward{}`, an `Event` to deliver instead, or a refusal. */
using Verdict = std::expected<std::variant<Forward, Event>, Rejection>;

/** The state for the next instance, or why there is none. */
using Saved = std::expected<std::string, Rejection>;

}  // namespace roomcast
