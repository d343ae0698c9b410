#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

rc_text rc_text_of(const char *string) { return (rc_text){string, string == NULL ? 0 : strlen(string)}; }

rc_text rc_copy(const void *data, size_t size) {
    char *copy = rc_arena_allocate(size + 1, 1);
    if (size > 0) memcpy(copy, data, size);
    copy[size] = '\0';
    return (rc_text){copy, size};
}

rc_text rc_lower_case(rc_text text) {
    char *lower = rc_arena_allocate(text.size + 1, 1);
    for (size_t at = 0; at < text.size; at++) {
        char c = text.data[at];
        lower[at] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
    }
    lower[text.size] = '\0';
    return (rc_text){lower, text.size};
}

rc_text rc_print(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0) return rc_text_of(format);
    char *text = rc_arena_allocate((size_t)size + 1, 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return (rc_text){text, (size_t)size};
}

rc_text rc_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    rc_text text = rc_print(format, arguments);
    va_end(arguments);
    return text;
}

char *(rc_keep)(rc_text text) {
    if (rc_is_none(text)) return NULL;
    char *copy = malloc(text.size + 1);
    if (copy == NULL) rc_panic("out of memory: %zu bytes were asked for", text.size);
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

bool (rc_equal)(rc_text one, rc_text other) {
    if (rc_is_none(one) || rc_is_none(other)) return rc_is_none(one) && rc_is_none(other);
    return one.size == other.size && memcmp(one.data, other.data, one.size) == 0;
}

bool (rc_starts_with)(rc_text text, rc_text beginning) {
    return text.size >= beginning.size && (beginning.size == 0 || memcmp(text.data, beginning.data, beginning.size) == 0);
}

int (rc_compare)(rc_text one, rc_text other) {
    size_t shorter = one.size < other.size ? one.size : other.size;
    int order = shorter > 0 ? memcmp(one.data, other.data, shorter) : 0;
    if (order != 0) return order;
    return (one.size > other.size) - (one.size < other.size);
}
