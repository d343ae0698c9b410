/** The request of the hook that runs, and its query. */
#include "internal.h"
#include "../bindings/imports.h"

/* Calls into one instance are serial, so there is one at most. */
static struct {
    uint64_t call;
    bool is_lent;
    roomcast_plugin_types_borrow_request_t handle;
    /** Read once, since parameters are often asked for one by one. */
    bool has_query;
    rc_text query;
} lent;

rc_request rc_request_begin(int32_t handle) {
    uint64_t call = lent.call + 1;
    lent = (typeof(lent)){.call = call, .is_lent = true, .handle = {handle}};
    return (rc_request){call};
}

void rc_request_end(void) {
    lent.is_lent = false;
    roomcast_plugin_types_request_drop_borrow(lent.handle);
}

/** Whether it can still be read. */
static bool is_lent(rc_request request) {
    if (lent.is_lent && request.call == lent.call) return true;
    rc_log_error("a request was read after its call had returned: copy what you need with rc_keep");
    return false;
}

typedef void get_text(roomcast_plugin_types_borrow_request_t, imports_string_t *);

static rc_text text_by(get_text *get, rc_request request) {
    imports_string_t text;
    if (!is_lent(request)) return RC("");
    get(lent.handle, &text);
    return RC_LIFT(text);
}

rc_text rc_method(rc_request request) { return text_by(roomcast_plugin_types_method_request_method, request); }

rc_text rc_path(rc_request request) { return text_by(roomcast_plugin_types_method_request_path, request); }

rc_text rc_peer(rc_request request) { return text_by(roomcast_plugin_types_method_request_peer, request); }

typedef bool get_optional(roomcast_plugin_types_borrow_request_t, imports_string_t *);

static rc_text optional_by(get_optional *get, rc_request request) {
    imports_string_t text;
    return is_lent(request) && get(lent.handle, &text) ? RC_LIFT(text) : RC_NONE;
}

rc_text rc_query(rc_request request) {
    if (!is_lent(request)) return RC_NONE;
    if (!lent.has_query) lent.query = optional_by(roomcast_plugin_types_method_request_query, request);
    lent.has_query = true;
    return lent.query;
}

rc_text rc_last_event_id(rc_request request) {
    return optional_by(roomcast_plugin_types_method_request_last_event_id, request);
}

rc_text (rc_header_of)(rc_request request, rc_text name) {
    name = rc_utf8(name);
    imports_string_t value, asked = RC_LOWER(imports_string_t, name);
    bool is_there = is_lent(request) && roomcast_plugin_types_method_request_header(lent.handle, &asked, &value);
    return is_there ? RC_LIFT(value) : RC_NONE;
}

void rc_headers_of(rc_request request, const rc_header **headers, size_t *count) {
    roomcast_plugin_types_list_header_t given = {0};
    if (is_lent(request)) roomcast_plugin_types_method_request_headers(lent.handle, &given);
    rc_header *list = rc_allocate(given.len * sizeof(rc_header));
    for (size_t index = 0; index < given.len; index++) {
        list[index] = (rc_header){RC_LIFT(given.ptr[index].f0), RC_LIFT(given.ptr[index].f1)};
    }
    *headers = list;
    *count = given.len;
}

/** Decode a part of a query. */
static rc_text decoded(const char *data, size_t size) {
    char *text = rc_arena_allocate(size + 1, 1);
    size_t written = 0;
    for (size_t at = 0; at < size; at++) {
        char c = data[at];
        int high = c == '%' && at + 2 < size ? rc_hex_digit(data[at + 1]) : -1;
        int low = high >= 0 ? rc_hex_digit(data[at + 2]) : -1;
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

rc_text (rc_parameter)(rc_request request, rc_text name) {
    rc_text left = rc_query(request), found, value;
    while (next_parameter(&left, &found, &value)) {
        if ((rc_equal)(decoded(found.data, found.size), name)) return decoded(value.data, value.size);
    }
    return RC_NONE;
}

void rc_parameters(rc_request request, const rc_header **parameters, size_t *count) {
    rc_text query = rc_query(request), left = query, name, value;
    size_t all = 0;
    while (next_parameter(&left, &name, &value)) all++;
    rc_header *list = rc_allocate(all * sizeof(rc_header));
    left = query;
    for (size_t at = 0; next_parameter(&left, &name, &value); at++) {
        list[at] = (rc_header){decoded(name.data, name.size), decoded(value.data, value.size)};
    }
    *parameters = list;
    *count = all;
}

rc_text rc_body_text(rc_body body) { return rc_utf8_size(body.bytes) == body.bytes.size ? body.bytes : RC_NONE; }

rc_text rc_body_text_lossy(rc_body body) { return rc_utf8(body.bytes); }

const rc_json *rc_body_json(rc_body body, rc_text *problem) { return (rc_json_read)(body.bytes, problem); }
