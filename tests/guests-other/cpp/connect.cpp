// What a query makes `on_connect` do, parameter by parameter.
#include <cstdlib>

#include "probe.hpp"

namespace {

Outcome done(const Result<> &result) {
    if (!result) return fail(result.error().text());
    return {};
}

Outcome send_result(Connection connection, std::string_view text) {
    json::Value command = ROOMCAST_TRY(json::read(text));
    std::string result = ROOMCAST_TRY(run({command, connection}));
    return done(connection.send({.data = result, .event = "result"}));
}

Outcome obey(Connection connection, std::string_view name, std::string_view value, Rejection &rejection) {
    if (name == "join") return done(connection.join(value));
    if (name == "send") return done(connection.send({.data = std::string(value)}));
    if (name == "comment") return done(connection.comment(value));
    if (name == "tag") return done(connection.set_tag(value));
    if (name == "close") return done(connection.close());
    if (name == "command") return send_result(connection, value);
    if (name == "reject") rejection.status = static_cast<std::uint16_t>(std::atoi(std::string(value).c_str()));
    if (name == "body") rejection.body = value;
    if (name == "header") {
        std::size_t colon = value.find(':');
        if (colon == value.npos) return fail("header=NAME:VALUE");
        rejection.headers.emplace_back(value.substr(0, colon), value.substr(colon + 1));
    }
    return {};
}

}  // namespace

Outcome obey_query(Connection connection, const Request &request) {
    Rejection rejection(0, "");
    for (const rc_header &parameter : request.parameters()) {
        std::string_view name(parameter.name.data, parameter.name.size), value(parameter.value.data, parameter.value.size);
        if (name == "to" && is_for_another(value)) return {};
        auto obeyed = obey(connection, name, value, rejection);
        if (!obeyed) return reject(500, std::string(name) + ": " + obeyed.error().body);
    }
    if (rejection.status == 0) return {};
    return std::unexpected(rejection);
}
