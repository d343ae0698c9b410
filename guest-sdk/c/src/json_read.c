#include <errno.h>

#include "internal.h"

enum { MAX_DEPTH = 128 };

struct rc_json {
    rc_json_kind kind;
    size_t count;
    rc_text key;
    rc_json *first, *next;
    rc_text text;
    double number; /* 1 for true */
    int64_t integer;
    bool is_integer;
};

typedef struct reader {
    rc_text text;
    size_t at;
    int depth;
    const char *problem;
} reader;

static rc_json *read_value(reader *reader);

static int peek(reader *reader) {
    while (reader->at < reader->text.size && memchr(" \t\r\n", reader->text.data[reader->at], 4) != NULL) reader->at++;
    return reader->at < reader->text.size ? (unsigned char)reader->text.data[reader->at] : -1;
}

static void *fail(reader *reader, const char *problem) {
    if (reader->problem == NULL) reader->problem = problem;
    return NULL;
}

static rc_json *node(rc_json_kind kind) {
    rc_json *made = rc_allocate(sizeof(rc_json));
    made->kind = kind;
    return made;
}

static int hex(reader *reader) {
    int value = 0;
    for (int digit = 0; digit < 4; digit++) {
        char c = reader->at < reader->text.size ? reader->text.data[reader->at++] : 0;
        if (c >= '0' && c <= '9') value = value << 4 | (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') value = value << 4 | ((c | 0x20) - 'a' + 10);
        else return -1;
    }
    return value;
}

/** The character of a \u escape, with the second half of a pair; -1 when it is none. */
static int escaped(reader *reader) {
    int value = hex(reader);
    if (value < 0xD800 || value > 0xDFFF) return value;
    const char *next = reader->text.data + reader->at;
    if (value > 0xDBFF || reader->text.size - reader->at < 6 || next[0] != '\\' || next[1] != 'u') return -1;
    reader->at += 2;
    int low = hex(reader);
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    return 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
}

static size_t encode(char *out, int c) {
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xC0 | c >> 6), out[1] = (char)(0x80 | (c & 0x3F)), 2;
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 0x3F)), out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F)), out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/** A string, after its first quote. None when it is none. */
static rc_text read_string(reader *reader) {
    const char *data = reader->text.data;
    size_t end = reader->at;
    while (end < reader->text.size && data[end] != '"') end += data[end] == '\\' ? 2 : 1;
    if (end >= reader->text.size) return fail(reader, "a string does not end"), RC_NONE;
    char *out = rc_arena_allocate(end - reader->at + 1, 1);
    size_t size = 0;
    while (reader->at < end) {
        char c = data[reader->at++];
        if ((unsigned char)c < 0x20) return fail(reader, "a control character in a string"), RC_NONE;
        if (c == '\\') {
            char kind = data[reader->at++];
            static const char pairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
            size_t pair = 0;
            while (pair < sizeof pairs - 1 && pairs[pair] != kind) pair += 2;
            if (pair < sizeof pairs - 1) {
                out[size++] = pairs[pair + 1];
            } else {
                int character = kind == 'u' ? escaped(reader) : -1;
                if (character < 0) return fail(reader, "an escape that JSON does not have"), RC_NONE;
                size += encode(out + size, character);
            }
        } else {
            out[size++] = c;
        }
    }
    out[size] = '\0';
    reader->at = end + 1;
    return (rc_text){out, size};
}

static bool is_at(reader *reader, char one, char other) {
    if (reader->at >= reader->text.size) return false;
    char c = reader->text.data[reader->at];
    return c == one || c == other;
}

/** How many digits come here. */
static size_t digits(reader *reader) {
    size_t start = reader->at;
    while (reader->at < reader->text.size && reader->text.data[reader->at] >= '0' && reader->text.data[reader->at] <= '9') {
        reader->at++;
    }
    return reader->at - start;
}

static rc_json *read_number(reader *reader) {
    static const char *const incomplete = "a number is not complete";
    size_t start = reader->at;
    if (is_at(reader, '-', '-')) reader->at++;
    bool zero = is_at(reader, '0', '0');
    size_t whole = digits(reader);
    if (whole == 0) return fail(reader, incomplete);
    if (zero && whole > 1) return fail(reader, "a number starts with 0");
    if (is_at(reader, '.', '.')) {
        reader->at++;
        if (digits(reader) == 0) return fail(reader, incomplete);
    }
    if (is_at(reader, 'e', 'E')) {
        reader->at++;
        if (is_at(reader, '+', '-')) reader->at++;
        if (digits(reader) == 0) return fail(reader, incomplete);
    }
    rc_json *number = node(RC_JSON_NUMBER);
    const char *text = rc_copy(reader->text.data + start, reader->at - start).data;
    char *end;
    errno = 0;
    number->integer = strtoll(text, &end, 10);
    number->is_integer = errno == 0 && *end == '\0';
    number->number = strtod(text, NULL);
    return number;
}

static rc_json *read_word(reader *reader, rc_text word, rc_json_kind kind, double value) {
    rc_text left = {reader->text.data + reader->at, reader->text.size - reader->at};
    if (!(rc_starts_with)(left, word)) return fail(reader, "a value was expected");
    reader->at += word.size;
    rc_json *made = node(kind);
    made->number = value;
    return made;
}

/** An array or object, after its bracket. */
static rc_json *read_members(reader *reader, rc_json_kind kind, int close) {
    rc_json *made = node(kind), **end = &made->first;
    if (++reader->depth > MAX_DEPTH) return fail(reader, "too many arrays and objects within each other");
    if (peek(reader) == close) {
        reader->at++;
        reader->depth--;
        return made;
    }
    for (;;) {
        rc_text key = RC_NONE;
        if (kind == RC_JSON_OBJECT) {
            if (peek(reader) != '"') return fail(reader, "a key was expected");
            reader->at++;
            key = read_string(reader);
            if (rc_is_none(key)) return NULL;
            if (peek(reader) != ':') return fail(reader, "a colon was expected");
            reader->at++;
        }
        rc_json *member = read_value(reader);
        if (member == NULL) return NULL;
        member->key = key;
        *end = member;
        end = &member->next;
        made->count++;
        int next = peek(reader);
        if (next != ',' && next != close) return fail(reader, "a comma or a closing bracket was expected");
        reader->at++;
        if (next == close) break;
    }
    reader->depth--;
    return made;
}

static rc_json *read_value(reader *reader) {
    switch (peek(reader)) {
    case -1: return fail(reader, "the text ends too early");
    case '{': return reader->at++, read_members(reader, RC_JSON_OBJECT, '}');
    case '[': return reader->at++, read_members(reader, RC_JSON_ARRAY, ']');
    case '"': {
        reader->at++;
        rc_text text = read_string(reader);
        if (rc_is_none(text)) return NULL;
        rc_json *made = node(RC_JSON_TEXT);
        made->text = text;
        return made;
    }
    case 't': return read_word(reader, RC("true"), RC_JSON_BOOL, 1);
    case 'f': return read_word(reader, RC("false"), RC_JSON_BOOL, 0);
    case 'n': return read_word(reader, RC("null"), RC_JSON_NULL, 0);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return read_number(reader);
    default: return fail(reader, "a value was expected");
    }
}

const rc_json *(rc_json_read)(rc_text text, rc_text *problem) {
    reader reader = {.text = text};
    rc_json *value = read_value(&reader);
    if (value != NULL && peek(&reader) >= 0) value = fail(&reader, "there is something after the value");
    if (value == NULL && problem != NULL) {
        size_t line = 1, column = 1;
        for (size_t at = 0; at < reader.at && at < text.size; at++) {
            column = text.data[at] == '\n' ? 1 : column + 1;
            line += text.data[at] == '\n';
        }
        *problem = rc_format("%s at line %zu column %zu", reader.problem, line, column);
    }
    return value;
}

rc_json_kind rc_json_kind_of(const rc_json *value) { return value == NULL ? RC_JSON_MISSING : value->kind; }

const rc_json *(rc_json_get)(const rc_json *object, rc_text key) {
    if (rc_json_kind_of(object) != RC_JSON_OBJECT) return NULL;
    const rc_json *member = object->first;
    while (member != NULL && !(rc_equal)(member->key, key)) member = member->next;
    return member;
}

const rc_json *rc_json_first(const rc_json *value) { return value == NULL ? NULL : value->first; }
const rc_json *rc_json_next(const rc_json *member) { return member == NULL ? NULL : member->next; }
rc_text rc_json_key(const rc_json *member) { return member == NULL ? RC_NONE : member->key; }
size_t rc_json_count(const rc_json *value) { return value == NULL ? 0 : value->count; }
rc_text rc_json_text(const rc_json *value) { return rc_json_kind_of(value) == RC_JSON_TEXT ? value->text : RC_NONE; }

double rc_json_number(const rc_json *value, double otherwise) {
    return rc_json_kind_of(value) == RC_JSON_NUMBER ? value->number : otherwise;
}

int64_t rc_json_integer(const rc_json *value, int64_t otherwise) {
    return rc_json_kind_of(value) == RC_JSON_NUMBER && value->is_integer ? value->integer : otherwise;
}

bool rc_json_bool(const rc_json *value, bool otherwise) {
    return rc_json_kind_of(value) == RC_JSON_BOOL ? value->number != 0 : otherwise;
}
