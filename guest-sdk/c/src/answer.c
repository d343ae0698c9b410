#include <stdarg.h>

#include "internal.h"

rc_text rc_print(const char *format, va_list arguments);

#define PRINTED(text)                    \
    va_list arguments;                   \
    va_start(arguments, format);         \
    rc_text text = rc_print(format, arguments); \
    va_end(arguments)

static rc_answer answer(uint16_t status, rc_text body) {
    return (rc_answer){.status = status, .body = {.bytes = body, .is_text = true}};
}

rc_answer rc_ok(void) { return (rc_answer){0}; }

rc_answer rc_fail(const char *format, ...) {
    PRINTED(text);
    return answer(400, text);
}

rc_answer rc_fail_with(rc_error error) {
    return answer(error.kind == RC_INVALID_ARGUMENT ? 400 : 503, rc_error_text(error));
}

rc_answer rc_reject(uint16_t status, const char *format, ...) {
    PRINTED(text);
    return answer(status, text);
}

rc_answer (rc_unauthorized)(rc_text challenge, const char *format, ...) {
    PRINTED(text);
    return (rc_with_header)(answer(401, text), RC("www-authenticate"), challenge);
}

rc_answer rc_too_many_requests(uint32_t seconds) {
    return (rc_with_header)(answer(429, RC("too many requests")), RC("retry-after"), rc_format("%u", (unsigned)seconds));
}

rc_answer rc_unavailable(uint32_t seconds) {
    return (rc_with_header)(answer(503, RC("not available now")), RC("retry-after"), rc_format("%u", (unsigned)seconds));
}

rc_answer (rc_respond)(uint16_t status, rc_text body) { return answer(status, body); }

rc_answer rc_respond_binary(uint16_t status, rc_text bytes) {
    return (rc_answer){.status = status, .body = {.bytes = bytes}};
}

rc_answer rc_accepted(void) { return answer(202, RC("")); }

rc_answer rc_pass(void) { return answer(100, RC("")); }

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
    return (rc_verdict){.kind = RC_VERDICT_REFUSE, .reason = text};
}
