#include "internal.h"

int rc_hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_dash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

bool (rc_connection_parse)(rc_text text, rc_connection *connection) {
    rc_connection read;
    size_t byte = 0;
    if (text.size != 36) return false;
    for (size_t at = 0; at < 36; at++) {
        if (is_dash(at)) {
            if (text.data[at] != '-') return false;
            continue;
        }
        int high = rc_hex_digit(text.data[at]), low = rc_hex_digit(text.data[at + 1]);
        if (high < 0 || low < 0) return false;
        read.bytes[byte++] = (uint8_t)(high << 4 | low);
        at++;
    }
    *connection = read;
    return true;
}

/** Of a number, the first byte is the highest. */
static void put_half(uint8_t *bytes, uint64_t half) {
    half = __builtin_bswap64(half);
    memcpy(bytes, &half, sizeof half);
}

rc_connection rc_connection_of(uint64_t high, uint64_t low) {
    rc_connection connection;
    put_half(connection.bytes, high);
    put_half(connection.bytes + 8, low);
    return connection;
}

uint64_t rc_connection_half(rc_connection connection, size_t half) {
    uint64_t value;
    memcpy(&value, connection.bytes + 8 * half, sizeof value);
    return __builtin_bswap64(value);
}

rc_text rc_connection_text(rc_connection connection) {
    char *text = rc_arena_allocate(37, 1);
    size_t at = 0;
    for (size_t byte = 0; byte < 16; byte++) {
        if (is_dash(at)) text[at++] = '-';
        text[at++] = "0123456789abcdef"[connection.bytes[byte] >> 4];
        text[at++] = "0123456789abcdef"[connection.bytes[byte] & 15];
    }
    text[at] = '\0';
    return (rc_text){text, at};
}

int rc_connection_compare(rc_connection one, rc_connection other) { return memcmp(one.bytes, other.bytes, 16); }

static bool same_in_any_case(rc_text one, rc_text other) {
    if (one.size != other.size) return false;
    for (size_t at = 0; at < one.size; at++) {
        char a = one.data[at], b = other.data[at];
        if (a >= 'A' && a <= 'Z') a += 'a' - 'A';
        if (b >= 'A' && b <= 'Z') b += 'a' - 'A';
        if (a != b) return false;
    }
    return true;
}

rc_text rc_find_header(const rc_header *headers, size_t count, rc_text name) {
    for (size_t index = 0; index < count; index++) {
        if (same_in_any_case(headers[index].name, name)) return headers[index].value;
    }
    return RC_NONE;
}

const char *rc_reason_name(rc_disconnect_reason reason) {
    static const char *const names[] = {
        "client-closed", "plugin-closed", "operator-closed", "slow-consumer",   "write-timeout",
        "unexpected-input", "rejected",   "server-shutdown", "answered",      "token-expired",
        "revoked",       "max-age",       "other",
    };
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "other";
}
