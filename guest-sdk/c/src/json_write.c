#include "internal.h"

/** zig's malloc takes the next power of two: together with what lies around a piece of memory, it should not be beyond one. */
enum { AROUND = 64 };

static void put(rc_json_writer *json, const char *data, size_t size) {
    if (size > json->capacity - json->size) {
        size_t capacity = json->capacity == 0 ? 256 - AROUND : json->capacity;
        while (capacity - json->size < size) capacity = 2 * (capacity + AROUND) - AROUND;
        json->data = rc_arena_grow(json->data, json->capacity, capacity);
        json->capacity = capacity;
    }
    if (size > 0) memcpy(json->data + json->size, data, size);
    json->size += size;
}

static void put_string(rc_json_writer *json, rc_text text) {
    text = rc_utf8(text);
    put(json, "\"", 1);
    size_t plain = 0;
    for (size_t at = 0; at < text.size; at++) {
        unsigned char c = (unsigned char)text.data[at];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        put(json, text.data + plain, at - plain);
        plain = at + 1;
        /* The characters stand in pairs: itself, and what goes after the backslash. */
        static const char pairs[] = "\"\"\\\\\bb\ff\nn\rr\tt";
        size_t pair = 0;
        while (pair < sizeof pairs - 1 && pairs[pair] != (char)c) pair += 2;
        if (pair < sizeof pairs - 1) {
            put(json, (char[]){'\\', pairs[pair + 1]}, 2);
        } else {
            put(json, (char[]){'\\', 'u', '0', '0', '0' + (c >> 4), "0123456789abcdef"[c & 15]}, 6);
        }
    }
    put(json, text.data + plain, text.size - plain);
    put(json, "\"", 1);
}

static void begin(rc_json_writer *json, rc_text key) {
    if (json->comma) put(json, ",", 1);
    json->comma = true;
    if (rc_is_none(key)) return;
    put_string(json, key);
    put(json, ":", 1);
}

void (rc_json_begin_object)(rc_json_writer *json, rc_text key) {
    begin(json, key);
    put(json, "{", 1);
    json->comma = false;
}

void rc_json_end_object(rc_json_writer *json) {
    put(json, "}", 1);
    json->comma = true;
}

void (rc_json_begin_array)(rc_json_writer *json, rc_text key) {
    begin(json, key);
    put(json, "[", 1);
    json->comma = false;
}

void rc_json_end_array(rc_json_writer *json) {
    put(json, "]", 1);
    json->comma = true;
}

void (rc_json_put)(rc_json_writer *json, rc_text key, rc_text text) {
    begin(json, key);
    if (rc_is_none(text)) put(json, "null", 4);
    else put_string(json, text);
}

void (rc_json_put_number)(rc_json_writer *json, rc_text key, int64_t number) {
    begin(json, key);
    char digits[20], *at = digits + sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0) *--at = '-';
    put(json, at, (size_t)(digits + sizeof digits - at));
}

void (rc_json_put_bool)(rc_json_writer *json, rc_text key, bool value) {
    begin(json, key);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void (rc_json_put_json)(rc_json_writer *json, rc_text key, rc_text text) {
    begin(json, key);
    put(json, text.data, text.size);
}

rc_text rc_json_done(rc_json_writer *json) {
    put(json, "", 1);
    return (rc_text){json->data, json->size - 1};
}
