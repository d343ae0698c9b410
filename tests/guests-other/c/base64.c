#include "base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

rc_text base64_of(rc_text bytes) {
    size_t size = (bytes.size + 2) / 3 * 4;
    char *text = rc_allocate(size + 1);
    for (size_t at = 0, out = 0; at < bytes.size; at += 3, out += 4) {
        uint32_t three = 0;
        for (size_t next = 0; next < 3; next++) {
            three = three << 8 | (at + next < bytes.size ? (unsigned char)bytes.data[at + next] : 0);
        }
        for (int next = 0; next < 4; next++) text[out + next] = digits[three >> (18 - 6 * next) & 63];
    }
    if (bytes.size % 3 != 0) text[size - 1] = '=';
    if (bytes.size % 3 == 1) text[size - 2] = '=';
    return (rc_text){text, size};
}

bool base64_read(rc_text text, rc_text *bytes) {
    if (text.size % 4 != 0) return false;
    size_t filled = text.size;
    while (filled > 0 && text.size - filled < 2 && text.data[filled - 1] == '=') filled--;
    char *read = rc_allocate(text.size / 4 * 3 + 1);
    size_t size = 0;
    uint32_t bits = 0;
    for (size_t at = 0; at < filled; at++) {
        const char *digit = memchr(digits, text.data[at], 64);
        if (digit == NULL) return false;
        bits = bits << 6 | (uint32_t)(digit - digits);
        if (at % 4 > 0) read[size++] = (char)(bits >> (6 - 2 * (at % 4)));
    }
    *bytes = (rc_text){read, size};
    return true;
}
