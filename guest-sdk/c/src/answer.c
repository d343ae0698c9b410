#include <stdarg.h>

#include "internal.h"

rc_text rc_print(const char *format, va_list arguments);

#define PRINTED(text)                    \
    va_list arguments;                   \
    va_start(arguments, format);         \
    rc_text text = rc_print(format, arguments); \
    va_end(arguments)

static rc_answer answer(rc_answer_kind kind, uint16_t status, rc_text body) {
    return (rc_answer){.kind = kind, .status = status, .body = body};
}

static rc_answer rejection(uint16_t status, rc_text body) { return answer(RC_ANSWER_REJECTION, status, body); }

rc_answer rc_ok(void) { return (rc_answer){0}; }

rc_answer rc_fail(const char *format, ...) {
    PRINTED(text);
    return rejection(400, text);
}

rc_answer rc_fail_at(const char *file, int line, rc_error error) {
    rc_text text = rc_error_text(error);
    if (file != NULL) text = rc_format("%s, at %s:%d", text.data, file, line);
    return answer(RC_ANSWER_FAILURE, error.kind == RC_LIMIT_EXCEEDED ? 503 : 500, text);
}

rc_answer rc_refusal(rc_answer given) {
    if (given.kind == RC_ANSWER_PASS) given = answer(RC_ANSWER_FAILURE, 500, RC("rc_pass is for on_message"));
    if (given.kind != RC_ANSWER_FAILURE) return given;
    rc_log(RC_ERROR, RC(""), given.body);
    bool is_busy = given.status == 503;
    return rejection(given.status, is_busy ? RC("the server is busy: try again later") : RC("the plugin has failed"));
}

rc_answer rc_reject(uint16_t status, const char *format, ...) {
    PRINTED(text);
    return rejection(status, text);
}

rc_answer (rc_unauthorized)(rc_text challenge, const char *format, ...) {
    PRINTED(text);
    return (rc_with_header)(rejection(401, text), RC("www-authenticate"), challenge);
}

rc_answer rc_too_many_requests(uint32_t seconds) {
    return (rc_with_header)(rejection(429, RC("too many requests")), RC("retry-after"), rc_format("%u", (unsigned)seconds));
}

rc_answer rc_unavailable(uint32_t seconds) {
    return (rc_with_header)(rejection(503, RC("not available now")), RC("retry-after"), rc_format("%u", (unsigned)seconds));
}

rc_answer (rc_respond)(uint16_t status, rc_text body) { return answer(RC_ANSWER_RESPONSE, status, rc_utf8(body)); }

rc_answer rc_respond_bytes(uint16_t status, rc_text bytes) { return answer(RC_ANSWER_RESPONSE, status, bytes); }

rc_answer rc_accepted(void) { return (rc_respond)(202, RC("")); }

rc_answer rc_pass(void) { return (rc_answer){.kind = RC_ANSWER_PASS}; }

rc_answer (rc_with_header)(rc_answer given, rc_text name, rc_text value) {
    if (given.header_count == RC_ANSWER_HEADERS) {
        rc_log_warn("an answer has at most %d headers: %s is left out", RC_ANSWER_HEADERS, name.data);
        return given;
    }
    given.headers[given.header_count++] = (rc_header){rc_lower_case(name), value};
    return given;
}

rc_verdict rc_forward(void) { return (rc_verdict){.kind = RC_VERDICT_FORWARD}; }

rc_verdict rc_rewrite(rc_event event) { return (rc_verdict){.kind = RC_VERDICT_REWRITE, .event = event}; }

rc_verdict rc_refuse(const char *format, ...) {
    PRINTED(text);
    return rc_refuse_with(rejection(400, text));
}

rc_verdict rc_refuse_with(rc_answer refusal) {
    return (rc_verdict){.kind = RC_VERDICT_REFUSE, .refusal = refusal};
}
