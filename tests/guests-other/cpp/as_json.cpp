#include "probe.hpp"

namespace {

struct Names {
    const char *kind;
    // What the contract calls the subject.
    const char *subject = nullptr;
};

Names names_of(rc_error_kind kind) {
    switch (kind) {
    case RC_NO_SUCH_CONNECTION: return {"no-such-connection"};
    case RC_CLOSED: return {"closed"};
    case RC_INVALID_ARGUMENT: return {"invalid-argument", "argument"};
    case RC_LIMIT_EXCEEDED: return {"limit-exceeded", "key"};
    case RC_NOT_PERMITTED: return {"not-permitted", "capability"};
    case RC_DENIED: return {"denied"};
    case RC_UNREACHABLE: return {"unreachable"};
    case RC_BROKEN: return {"broken"};
    case RC_CONNECTION_CLOSED: return {"connection-closed"};
    case RC_INTERRUPTED: return {"interrupted"};
    case RC_OK:
    case RC_STORE:
    case RC_CONFIG:
    case RC_OTHER: break;
    }
    return {"other"};
}

}  // namespace

std::string as_json::error(const Error &error) {
    return json::object([&](json::Object &object) {
        object.object("error", [&](json::Object &said) {
            auto [kind, subject] = names_of(error.kind);
            said.put("kind", kind);
            if (subject != nullptr) said.put(subject, error.subject);
            if (!error.reason.empty()) said.put("reason", error.reason);
        });
    });
}

std::string as_json::no_id(std::string_view argument) {
    return error(Error({RC_INVALID_ARGUMENT, {argument.data(), argument.size()}, RC("is not the id of a connection")}));
}

void as_json::headers(json::Object &object, std::span<const rc_header> headers) {
    object.array("headers", [&](json::Array &array) {
        for (const rc_header &header : headers) {
            array.array([&](json::Array &pair) {
                pair.put(std::string_view(header.name.data, header.name.size));
                pair.put(std::string_view(header.value.data, header.value.size));
            });
        }
    });
}

void as_json::request(json::Object &object, const Request &request) {
    object.put("method", request.method());
    object.put("path", request.path());
    object.put("query", request.query());
    headers(object, request.headers());
    object.put("peer", request.peer());
    object.put("last_event_id", request.last_event_id());
}

void as_json::body(json::Object &object, const Body &body) {
    if (auto text = body.text()) return object.put("text", *text);
    rc_text encoded = base64_of({body.bytes().data(), body.bytes().size()});
    object.put("base64", std::string_view(encoded.data, encoded.size));
}

void as_json::event(json::Object &object, const Event &event) {
    object.put("data", event.data);
    object.put("event", event.event);
    object.put("id", event.id);
    std::optional<std::uint32_t> retry;
    if (event.retry_ms != 0) retry = event.retry_ms;
    object.put("retry_ms", retry);
}
