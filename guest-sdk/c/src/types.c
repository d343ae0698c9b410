#include "internal.h"

static int digit(char c) {
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
        int high = digit(text.data[at]), low = digit(text.data[at + 1]);
        if (high < 0 || low < 0) return false;
        read.bytes[byte++] = (uint8_t)(high << 4 | low);
        at++;
    }
    *connection = read;
    return true;
}

rc_connection rc_connection_of(const void *id, size_t size) {
    rc_connection connection;
    if (!(rc_connection_parse)((rc_text){id, size}, &connection)) rc_panic("the contract says that an id is a UUID");
    return connection;
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

rc_text (rc_header_of)(const rc_request *request, rc_text name) {
    return rc_find_header(request->headers, request->header_count, name);
}

/** Decode a part of a query. */
static rc_text decoded(const char *data, size_t size) {
    char *text = rc_arena_allocate(size + 1, 1);
    size_t written = 0;
    for (size_t at = 0; at < size; at++) {
        char c = data[at];
        int high = c == '%' && at + 2 < size ? digit(data[at + 1]) : -1;
        int low = high >= 0 ? digit(data[at + 2]) : -1;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            at += 2;
        } else if (c == '+') {
            c = ' ';
        }
        text[written++] = c;
    }
    text[written] = '\0';
    return rc_utf8((rc_text){text, written});
}

/** The parameter at the start of what is left of a query, which goes on after it; not decoded. False at the end. */
static bool next_parameter(rc_text *left, rc_text *name, rc_text *value) {
    while (left->size > 0) {
        const char *at = left->data, *end = at + left->size;
        const char *stop = memchr(at, '&', left->size);
        if (stop == NULL) stop = end;
        const char *next = stop < end ? stop + 1 : end;
        *left = (rc_text){next, (size_t)(end - next)};
        if (stop == at) continue;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        if (equals == NULL) equals = stop;
        const char *start = equals < stop ? equals + 1 : stop;
        *name = (rc_text){at, (size_t)(equals - at)};
        *value = (rc_text){start, (size_t)(stop - start)};
        return true;
    }
    return false;
}

rc_text (rc_parameter)(const rc_request *request, rc_text name) {
    rc_text left = request->query, found, value;
    while (next_parameter(&left, &found, &value)) {
        if ((rc_equal)(decoded(found.data, found.size), name)) return decoded(value.data, value.size);
    }
    return RC_NONE;
}

void rc_parameters(const rc_request *request, const rc_header **parameters, size_t *count) {
    rc_text left = request->query, name, value;
    size_t all = 0;
    while (next_parameter(&left, &name, &value)) all++;
    rc_header *list = rc_allocate(all * sizeof(rc_header));
    left = request->query;
    for (size_t at = 0; next_parameter(&left, &name, &value); at++) {
        list[at] = (rc_header){decoded(name.data, name.size), decoded(value.data, value.size)};
    }
    *parameters = list;
    *count = all;
}

const char *rc_reason_name(rc_disconnect_reason reason) {
    static const char *const names[] = {
        "client-closed", "plugin-closed", "operator-closed", "slow-consumer",   "write-timeout",
        "unexpected-input", "rejected",   "server-shutdown", "other",
    };
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "other";
}
