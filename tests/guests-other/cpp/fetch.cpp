// Commands that fetch.
#include "probe.hpp"

namespace {

Answer start(const Command &command) {
    fetch::Request request{.url = ROOMCAST_TRY(command.text("url")), .headers = ROOMCAST_TRY(command.headers())};
    if (auto method = command.optional_text("method")) request.method = *method;
    auto bytes = ROOMCAST_TRY(command.bytes());
    request.body = bytes ? *bytes : command.repeated("body");
    request.timeout = std::chrono::duration<std::uint32_t, std::milli>(command["timeout_ms"].integer().value_or(0));
    if (auto to = command.optional_text("for")) {
        request.connection = *to == "sender" ? command.sender() : Connection::parse(*to);
        if (*to == "sender" && !request.connection) return fail("there is no sender");
        if (!request.connection) return as_json::no_id("connection");
    }
    auto started = request.start(ROOMCAST_TRY(command.text("token")));
    return as_json::result(started.transform([](fetch::Fetch fetch) { return fetch.fetch.id; }));
}

Answer cancel(const Command &command) {
    return as_json::ok(fetch::Fetch{{ROOMCAST_TRY(command.number("fetch"))}}.cancel());
}

}  // namespace

std::optional<Answer> fetch_call(std::string_view op, const Command &command) {
    if (op == "fetch-start") return start(command);
    if (op == "fetch-cancel") return cancel(command);
    return std::nullopt;
}
