#include "probe.hpp"

std::optional<std::string> Command::optional_text(std::string_view name) const {
    return value_[name].text().transform([](std::string_view text) { return std::string(text); });
}

std::expected<std::string, std::string> Command::text(std::string_view name) const {
    if (auto text = optional_text(name)) return *text;
    return fail("no text `" + std::string(name) + "`");
}

std::expected<std::uint32_t, std::string> Command::number(std::string_view name) const {
    std::int64_t number = value_[name].integer().value_or(-1);
    if (number < 0 || number > UINT32_MAX) return fail("no number `" + std::string(name) + "`");
    return static_cast<std::uint32_t>(number);
}

std::expected<std::vector<std::string>, std::string> Command::texts(std::string_view name) const {
    std::vector<std::string> texts;
    bool sound = value_[name].kind() == RC_JSON_ARRAY;
    for (json::Value one : value_[name]) {
        sound = sound && one.text();
        texts.emplace_back(one.text().value_or(""));
    }
    if (!sound) return fail("no list of texts `" + std::string(name) + "`");
    return texts;
}

std::expected<Headers, std::string> Command::headers() const {
    Headers headers;
    for (json::Value pair : value_["headers"]) {
        std::vector<std::string> texts;
        for (json::Value text : pair) texts.emplace_back(text.text().value_or(""));
        if (texts.size() != 2) return fail("`headers` are pairs of texts");
        headers.emplace_back(texts[0], texts[1]);
    }
    return headers;
}

std::string Command::repeated(std::string_view name) const {
    std::string_view text = value_[name].text().value_or("");
    std::int64_t times = value_["repeat"].integer().value_or(1);
    std::string all;
    all.reserve(text.size() * static_cast<std::size_t>(times));
    while (times-- > 0) all += text;
    return all;
}

std::expected<std::optional<std::string>, std::string> Command::bytes() const {
    auto encoded = value_["base64"].text();
    if (!encoded) return std::nullopt;
    rc_text read = {};
    if (!base64_read({encoded->data(), encoded->size()}, &read)) return fail("not base64");
    return std::string(read.data, read.size);
}

namespace {

Answer set_timer(const Command &command) {
    std::chrono::duration<std::uint32_t, std::milli> delay(ROOMCAST_TRY(command.number("delay_ms")));
    std::string repetition = ROOMCAST_TRY(command.text("repetition")), token = ROOMCAST_TRY(command.text("token"));
    if (repetition != "once" && repetition != "every") return fail("no repetition " + repetition);
    auto set = repetition == "once" ? timers::after(delay, token) : timers::every(delay, token);
    return as_json::result(set.transform([](timers::Timer timer) { return timer.timer.id; }));
}

Answer log_record(const Command &command) {
    constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error", "critical"};
    std::string name = ROOMCAST_TRY(command.text("level")), message = ROOMCAST_TRY(command.text("message"));
    std::string context = command.optional_text("context").value_or("");
    for (int level = RC_TRACE; level <= RC_CRITICAL; level++) {
        if (name != names[level]) continue;
        rc_log(static_cast<rc_level>(level), rc_text_of(context.c_str()), {message.data(), message.size()});
        return as_json::ok();
    }
    return fail("no level " + name);
}

Answer all_settings() {
    const rc_header *settings = nullptr;
    std::size_t count = 0;
    if (rc_error error = rc_config_all(&settings, &count); error.kind != RC_OK) return as_json::error(Error(error));
    std::string pairs = json::array([&](json::Array &all) {
        for (std::size_t at = 0; at < count; at++) {
            all.array([&](json::Array &pair) {
                pair.put(std::string_view(settings[at].name.data, settings[at].name.size));
                pair.put(std::string_view(settings[at].value.data, settings[at].value.size));
            });
        }
    });
    return as_json::ok_json(pairs);
}

Answer several(const Command &command) {
    std::vector<std::string> results;
    for (json::Value one : command["commands"]) results.push_back(ROOMCAST_TRY(run({one, command.sender()})));
    return as_json::ok_json(json::array([&](json::Array &all) {
        for (const std::string &result : results) all.put_json(result);
    }));
}

}  // namespace

Answer run(const Command &command) {
    std::string op = ROOMCAST_TRY(command.text("op"));
    for (auto part : {hub_call, store_call, fetch_call}) {
        if (auto answer = part(op, command)) return *answer;
    }
    if (op == "set-timer") return set_timer(command);
    if (op == "cancel-timer") return as_json::ok(timers::Timer{{ROOMCAST_TRY(command.number("timer"))}}.cancel());
    if (op == "log") return log_record(command);
    if (op == "config-get") return as_json::result(config::get(ROOMCAST_TRY(command.text("key"))));
    if (op == "config-get-all") return all_settings();
    if (op == "calls") {
        return json::object([](json::Object &object) { object.array("ok", journal::put); });
    }
    if (op == "forget-calls") return journal::forget(), as_json::ok();
    if (op == "throw" || op == "trap") rc_panic("as it was told");
    if (op == "all") return several(command);
    return fail("there is no command `" + op + "`");
}

Reply respond(const Command &command) {
    auto status = static_cast<std::uint16_t>(ROOMCAST_TRY(command.number("status")));
    Headers headers = ROOMCAST_TRY(command.headers());
    auto bytes = ROOMCAST_TRY(command.bytes());
    std::string body = bytes ? *bytes : command.optional_text("text").value_or("");
    return Response{.status = status, .body = body, .headers = headers, .is_binary = bytes.has_value()};
}

// Any rejection at all.
Reply reject(const Command &command) {
    auto status = static_cast<std::uint16_t>(ROOMCAST_TRY(command.number("status")));
    return roomcast::reject(status, command.optional_text("text").value_or(""), ROOMCAST_TRY(command.headers()));
}
