/** UTF-8: what may leave the plugin, and what the characters are. */
#include "internal.h"

/** The character at the start of a text, and how many bytes it has: 0 when it is not UTF-8. */
static size_t decode(const unsigned char *at, size_t left, uint32_t *character) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80 ? 1 : at[0] < 0xC0 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : at[0] < 0xF8 ? 4 : 0;
    if (size == 0 || size > left) return 0;
    uint32_t value = size == 1 ? at[0] : at[0] & (0x7Fu >> size);
    for (size_t index = 1; index < size; index++) {
        if ((at[index] & 0xC0) != 0x80) return 0;
        value = value << 6 | (at[index] & 0x3F);
    }
    if (value < least[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
    *character = value;
    return size;
}

/**
 * How many bytes at the start of a text that is not UTF-8 become one U+FFFD: a character that is cut off is replaced as a whole, as
 * Unicode recommends (3.9, maximal subparts) and as browsers and Rust do it.
 */
static size_t ill_formed_size(const unsigned char *at, size_t left) {
    unsigned char lead = at[0];
    size_t wanted = lead < 0xC2 || lead > 0xF4 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    size_t size = 1;
    while (size < wanted && size < left && at[size] >= least && at[size] <= most) {
        size++;
        least = 0x80;
        most = 0xBF;
    }
    return size;
}

size_t rc_utf8_size(rc_text text) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    uint32_t character;
    size_t at = 0;
    while (at < text.size) {
        uint64_t eight;
        if (at + sizeof eight <= text.size && (memcpy(&eight, bytes + at, sizeof eight), (eight & 0x8080808080808080) == 0)) {
            at += sizeof eight;
            continue;
        }
        size_t size = bytes[at] < 0x80 ? 1 : decode(bytes + at, text.size - at, &character);
        if (size == 0) break;
        at += size;
    }
    return at;
}

rc_text rc_utf8(rc_text text) {
    size_t at = rc_utf8_size(text);
    if (at == text.size) return text;
    /* Three bytes for each that is wrong, at most. */
    char *copy = rc_arena_allocate(at + 3 * (text.size - at) + 1, 1);
    memcpy(copy, text.data, at);
    size_t written = at;
    while (at < text.size) {
        uint32_t character;
        const unsigned char *bytes = (const unsigned char *)text.data + at;
        size_t left = text.size - at, size = decode(bytes, left, &character);
        memcpy(copy + written, size > 0 ? text.data + at : "\xEF\xBF\xBD", size > 0 ? size : 3);
        written += size > 0 ? size : 3;
        at += size > 0 ? size : ill_formed_size(bytes, left);
    }
    copy[written] = '\0';
    return (rc_text){copy, written};
}

size_t rc_characters(rc_text text) {
    size_t count = 0;
    for (size_t at = 0; at < text.size; at++) count += (text.data[at] & 0xC0) != 0x80;
    return count;
}

bool rc_has_control(rc_text text) {
    for (size_t at = 0; at < text.size; at++) {
        unsigned char byte = (unsigned char)text.data[at];
        unsigned char next = at + 1 < text.size ? (unsigned char)text.data[at + 1] : 0;
        if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next >= 0x80 && next < 0xA0)) return true;
    }
    return false;
}

static bool is_white(uint32_t character) {
    return (character >= 0x09 && character <= 0x0D) || character == 0x20 || character == 0x85 || character == 0xA0 ||
           character == 0x1680 || (character >= 0x2000 && character <= 0x200A) || character == 0x2028 ||
           character == 0x2029 || character == 0x202F || character == 0x205F || character == 0x3000;
}

rc_text (rc_trim)(rc_text text) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t start = 0, end = 0, at = 0;
    bool inside = false;
    while (at < text.size) {
        uint32_t character = 0xFFFD;
        size_t size = decode(bytes + at, text.size - at, &character);
        if (size == 0) size = 1;
        if (!is_white(character)) {
            if (!inside) start = at;
            inside = true;
            end = at + size;
        }
        at += size;
    }
    if (start == 0 && end == text.size) return text;
    return rc_copy(text.data + start, end - start);
}
