// Commands: a JSON object whose `op` names one function of the host, with its arguments.
#include <string.h>

#include "base64.h"
#include "probe.h"

bool has_problem(const arguments *given) { return !rc_is_none(given->problem); }

void set_problem(arguments *given, rc_text problem) {
    if (!has_problem(given)) given->problem = problem;
}

rc_text optional_text(const arguments *given, const char *name) { return rc_json_text(rc_json_get(given->command, name)); }

rc_text text_of(arguments *given, const char *name) {
    rc_text text = optional_text(given, name);
    if (rc_is_none(text)) set_problem(given, rc_format("no text `%s`", name));
    return text;
}

uint32_t number_of(arguments *given, const char *name) {
    int64_t number = rc_json_integer(rc_json_get(given->command, name), -1);
    if (number < 0 || number > UINT32_MAX) set_problem(given, rc_format("no number `%s`", name));
    return (uint32_t)number;
}

rc_text repeated_text(const arguments *given, const char *name) {
    rc_text text = optional_text(given, name);
    if (rc_is_none(text)) return RC("");
    size_t times = (size_t)rc_json_integer(rc_json_get(given->command, "repeat"), 1);
    char *all = rc_allocate(text.size * times + 1);
    for (size_t at = 0; at < times; at++) memcpy(all + at * text.size, text.data, text.size);
    return (rc_text){all, text.size * times};
}

rc_texts texts_of(arguments *given, const char *name) {
    const rc_json *array = rc_json_get(given->command, name);
    if (rc_json_kind_of(array) != RC_JSON_ARRAY) set_problem(given, rc_format("no list of texts `%s`", name));
    rc_text *list = rc_allocate(rc_json_count(array) * sizeof(rc_text));
    size_t count = 0;
    for (const rc_json *one = rc_json_first(array); one != NULL; one = rc_json_next(one)) {
        list[count] = rc_json_text(one);
        if (rc_is_none(list[count++])) set_problem(given, rc_format("no list of texts `%s`", name));
    }
    return (rc_texts){list, count};
}

void headers_of(arguments *given, const rc_header **headers, size_t *count) {
    const rc_json *pairs = rc_json_get(given->command, "headers");
    rc_header *list = rc_allocate(rc_json_count(pairs) * sizeof(rc_header));
    *count = 0;
    for (const rc_json *pair = rc_json_first(pairs); pair != NULL; pair = rc_json_next(pair)) {
        rc_text name = rc_json_text(rc_json_first(pair)), value = rc_json_text(rc_json_next(rc_json_first(pair)));
        if (rc_is_none(name) || rc_is_none(value)) set_problem(given, RC("`headers` are pairs of texts"));
        list[(*count)++] = (rc_header){name, value};
    }
    *headers = list;
}

static rc_text set_timer(arguments *given) {
    uint32_t delay = number_of(given, "delay_ms");
    rc_text repetition = text_of(given, "repetition"), token = text_of(given, "token");
    bool every = rc_equal(repetition, "every");
    if (!every && !rc_equal(repetition, "once")) set_problem(given, rc_format("no repetition %s", repetition.data));
    if (has_problem(given)) return RC("");
    rc_timer timer;
    rc_error error = every ? rc_every(delay, token, &timer) : rc_after(delay, token, &timer);
    return error.kind == RC_OK ? ok_number((int64_t)timer.id) : failed(error);
}

static rc_text log_record(arguments *given) {
    static const char *const names[] = {"trace", "debug", "info", "warn", "error", "critical"};
    rc_text name = text_of(given, "level"), message = text_of(given, "message"), context = optional_text(given, "context");
    size_t level = 0;
    while (level <= RC_CRITICAL && !rc_equal(name, names[level])) level++;
    if (level > RC_CRITICAL) set_problem(given, rc_format("no level %s", name.data));
    if (!has_problem(given)) rc_log((rc_level)level, rc_is_none(context) ? RC("") : context, message);
    return ok_null();
}

static rc_text all_settings(void) {
    const rc_header *settings;
    size_t count;
    rc_error error = rc_config_all(&settings, &count);
    if (error.kind != RC_OK) return failed(error);
    rc_json_writer json = {0};
    put_headers(&json, RC_NONE, settings, count);
    return ok_json(rc_json_done(&json));
}

static rc_text several(arguments *given) {
    const rc_json *commands = rc_json_get(given->command, "commands");
    if (rc_json_kind_of(commands) != RC_JSON_ARRAY) set_problem(given, RC("no list `commands`"));
    rc_json_writer json = {0};
    rc_json_begin_array(&json, RC_NONE);
    for (const rc_json *one = rc_json_first(commands); one != NULL; one = rc_json_next(one)) {
        rc_text result;
        if (!run(one, given->sender, &result)) return set_problem(given, result), RC("");
        rc_json_put_json(&json, RC_NONE, result);
    }
    rc_json_end_array(&json);
    return ok_json(rc_json_done(&json));
}

static rc_text other_call(rc_text op, arguments *given) {
    if (rc_equal(op, "set-timer")) return set_timer(given);
    if (rc_equal(op, "cancel-timer")) {
        rc_timer timer = {number_of(given, "timer")};
        return ok_bool(!has_problem(given) && rc_cancel(timer));
    }
    if (rc_equal(op, "log")) return log_record(given);
    if (rc_equal(op, "config-get")) {
        rc_text key = text_of(given, "key"), value = RC_NONE;
        if (has_problem(given)) return RC("");
        rc_error error = rc_config(key, &value);
        return done_if(error, ok_text(value));
    }
    if (rc_equal(op, "config-get-all")) return all_settings();
    if (rc_equal(op, "calls")) return ok_journal();
    if (rc_equal(op, "forget-calls")) return forget_calls(), ok_null();
    if (rc_equal(op, "throw") || rc_equal(op, "trap")) rc_panic("as it was told");
    if (rc_equal(op, "all")) return several(given);
    return RC_NONE;
}

bool run(const rc_json *command, const rc_connection *sender, rc_text *result) {
    arguments given = {command, sender, RC_NONE};
    rc_text op = text_of(&given, "op");
    static rc_text (*const parts[])(rc_text, arguments *) = {hub_call, store_call, fetch_call, other_call};
    *result = RC_NONE;
    for (size_t part = 0; part < sizeof parts / sizeof *parts && rc_is_none(*result); part++) *result = parts[part](op, &given);
    if (rc_is_none(*result)) set_problem(&given, rc_format("there is no command `%s`", op.data));
    if (has_problem(&given)) *result = given.problem;
    return !has_problem(&given);
}

rc_answer respond(const rc_json *command) {
    arguments given = {command, NULL, RC_NONE};
    uint16_t status = (uint16_t)number_of(&given, "status");
    const rc_header *headers;
    size_t count;
    headers_of(&given, &headers, &count);
    rc_text text = optional_text(&given, "text"), encoded = optional_text(&given, "base64"), bytes = RC("");
    if (!rc_is_none(encoded) && !base64_read(encoded, &bytes)) set_problem(&given, RC("not base64"));
    if (has_problem(&given)) return rc_fail("%s", given.problem.data);
    rc_answer answer = rc_is_none(encoded) ? rc_respond(status, rc_is_none(text) ? RC("") : text) : rc_respond_bytes(status, bytes);
    for (size_t at = 0; at < count; at++) answer = rc_with_header(answer, headers[at].name, headers[at].value);
    return answer;
}

// Any rejection at all.
rc_answer reject(const rc_json *command) {
    arguments given = {command, NULL, RC_NONE};
    rc_text text = optional_text(&given, "text");
    const rc_header *headers;
    size_t count;
    headers_of(&given, &headers, &count);
    rc_answer answer = rc_reject((uint16_t)number_of(&given, "status"), "%s", rc_is_none(text) ? "" : text.data);
    if (has_problem(&given)) return rc_fail("%s", given.problem.data);
    for (size_t at = 0; at < count; at++) answer = rc_with_header(answer, headers[at].name, headers[at].value);
    return answer;
}
