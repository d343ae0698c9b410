#include <stdarg.h>
#include <stdio.h>

#include "internal.h"
#include "../bindings/imports.h"

rc_text rc_print(const char *format, va_list arguments);

void rc_log(rc_level level, rc_text context, rc_text message) {
    context = rc_utf8(context);
    message = rc_utf8(message);
    imports_string_t group = RC_LOWER(imports_string_t, context), text = RC_LOWER(imports_string_t, message);
    wasi_logging_logging_log((uint8_t)level, &group, &text);
}

void rc_log_print(rc_level level, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    rc_log(level, RC(""), rc_print(format, arguments));
    va_end(arguments);
}

void rc_panic_list(const char *format, va_list arguments) {
    /* Without the arena: this is also how that says that there is no more memory. */
    static char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    size_t size = rc_utf8_size(rc_text_of(text));
    while (size > 0 && text[size - 1] == '\n') size--;
    imports_string_t group = {(uint8_t *)"panic", 5}, message = {(uint8_t *)text, size};
    wasi_logging_logging_log(WASI_LOGGING_LOGGING_LEVEL_CRITICAL, &group, &message);
    __builtin_trap();
}

void rc_panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    rc_panic_list(format, arguments);
}
