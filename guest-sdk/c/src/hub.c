#include "internal.h"
#include "../bindings/imports.h"

#define ID(connection) roomcast_plugin_types_connection_id_t id = id_of(connection)

static imports_string_t text_of(rc_text text) {
    text = rc_utf8(text);
    return RC_LOWER(imports_string_t, text);
}

static imports_option_string_t option_of(rc_text text) {
    return (imports_option_string_t){!rc_is_none(text), text_of(text)};
}

static roomcast_plugin_types_connection_id_t id_of(rc_connection connection) {
    return RC_LOWER_CONNECTION(roomcast_plugin_types_connection_id_t, connection);
}

static roomcast_plugin_types_event_t event_of(rc_event event) {
    return (roomcast_plugin_types_event_t){
        text_of(event.data), option_of(event.event), option_of(event.id), RC_LOWER_RETRY(imports_option_u32_t, event)};
}

static rc_error error_of(bool ok, const roomcast_plugin_types_error_t *error) {
    if (ok) return (rc_error){0};
    switch (error->tag) {
    case ROOMCAST_PLUGIN_TYPES_ERROR_NO_SUCH_CONNECTION: return (rc_error){.kind = RC_NO_SUCH_CONNECTION};
    case ROOMCAST_PLUGIN_TYPES_ERROR_CLOSED: return (rc_error){.kind = RC_CLOSED};
    case ROOMCAST_PLUGIN_TYPES_ERROR_INVALID_ARGUMENT:
        return (rc_error){
            RC_INVALID_ARGUMENT,
            RC_LIFT(error->val.invalid_argument.argument),
            RC_LIFT(error->val.invalid_argument.reason),
        };
    case ROOMCAST_PLUGIN_TYPES_ERROR_LIMIT_EXCEEDED:
        return (rc_error){
            RC_LIMIT_EXCEEDED,
            RC_LIFT(error->val.limit_exceeded.key),
            RC_LIFT(error->val.limit_exceeded.reason),
        };
    case ROOMCAST_PLUGIN_TYPES_ERROR_NOT_PERMITTED:
        return (rc_error){.kind = RC_NOT_PERMITTED, .subject = RC_LIFT(error->val.not_permitted)};
    default: return (rc_error){.kind = RC_OTHER, .reason = RC_LIFT(error->val.other)};
    }
}

/* Every call: its result, or the error that it filled in. */
#define CALL(call)                          \
    roomcast_plugin_types_error_t error;    \
    return error_of(call, &error)

rc_error rc_send(rc_connection connection, rc_event event) {
    ID(connection);
    roomcast_plugin_types_event_t sent = event_of(event);
    CALL(roomcast_plugin_hub_send_event(&id, &sent, &error));
}

rc_error (rc_comment)(rc_connection connection, rc_text text) {
    ID(connection);
    imports_string_t comment = text_of(text);
    CALL(roomcast_plugin_hub_send_comment(&id, &comment, &error));
}

rc_error rc_close(rc_connection connection) {
    ID(connection);
    CALL(roomcast_plugin_hub_close(&id, &error));
}

bool rc_is_open(rc_connection connection) {
    ID(connection);
    return roomcast_plugin_hub_is_open(&id);
}

rc_error (rc_join)(rc_connection connection, rc_text room) {
    ID(connection);
    imports_string_t name = text_of(room);
    CALL(roomcast_plugin_hub_join(&id, &name, &error));
}

rc_error (rc_leave)(rc_connection connection, rc_text room) {
    ID(connection);
    imports_string_t name = text_of(room);
    CALL(roomcast_plugin_hub_leave(&id, &name, &error));
}

rc_error rc_rooms(rc_connection connection, rc_texts *rooms) {
    ID(connection);
    imports_list_string_t list;
    roomcast_plugin_types_error_t error;
    bool ok = roomcast_plugin_hub_rooms_of(&id, &list, &error);
    if (ok) {
        rc_text *names = rc_allocate(list.len * sizeof(rc_text));
        for (size_t index = 0; index < list.len; index++) names[index] = RC_LIFT(list.ptr[index]);
        *rooms = (rc_texts){names, list.len};
    }
    return error_of(ok, &error);
}

rc_error rc_tag(rc_connection connection, rc_text *tag) {
    ID(connection);
    imports_option_string_t given;
    roomcast_plugin_types_error_t error;
    bool ok = roomcast_plugin_hub_tag(&id, &given, &error);
    if (ok) *tag = RC_LIFT_OPTION(given);
    return error_of(ok, &error);
}

rc_error (rc_set_tag)(rc_connection connection, rc_text tag) {
    ID(connection);
    imports_string_t text = text_of(tag);
    CALL(roomcast_plugin_hub_set_tag(&id, rc_is_none(tag) ? NULL : &text, &error));
}

static rc_error broadcast(
    rc_text room, rc_event event, roomcast_plugin_types_connection_id_t *except, uint32_t *receivers) {
    uint32_t ignored;
    imports_string_t name = text_of(room);
    roomcast_plugin_types_event_t sent = event_of(event);
    CALL(roomcast_plugin_hub_broadcast(&name, &sent, except, receivers == NULL ? &ignored : receivers, &error));
}

rc_error (rc_broadcast)(rc_text room, rc_event event, uint32_t *receivers) {
    return broadcast(room, event, NULL, receivers);
}

rc_error (rc_broadcast_except)(rc_text room, rc_event event, rc_connection except, uint32_t *receivers) {
    ID(except);
    return broadcast(room, event, &id, receivers);
}

rc_error rc_broadcast_many(
    rc_texts rooms, rc_event event, const rc_connection *except, rc_duplicates duplicates, uint32_t *deliveries) {
    uint32_t ignored;
    roomcast_plugin_types_connection_id_t id = {0};
    if (except != NULL) id = id_of(*except);
    imports_list_string_t names = {rc_allocate(rooms.count * sizeof(imports_string_t)), rooms.count};
    for (size_t index = 0; index < rooms.count; index++) names.ptr[index] = text_of(rooms.list[index]);
    roomcast_plugin_types_event_t sent = event_of(event);
    CALL(roomcast_plugin_hub_broadcast_many(
        &names, &sent, except == NULL ? NULL : &id, (uint8_t)duplicates, deliveries == NULL ? &ignored : deliveries,
        &error));
}

rc_error (rc_members_of)(rc_text room, const rc_cursor *at, uint32_t limit, rc_members *members) {
    imports_string_t name = text_of(room);
    uint64_t place = at == NULL ? 0 : at->place;
    roomcast_plugin_hub_member_page_t page;
    roomcast_plugin_types_error_t error;
    bool ok = roomcast_plugin_hub_members(&name, at == NULL ? NULL : &place, limit, &page, &error);
    if (ok) {
        rc_connection *list = rc_allocate(page.members.len * sizeof(rc_connection));
        for (size_t index = 0; index < page.members.len; index++) {
            list[index] = RC_LIFT_CONNECTION(page.members.ptr[index]);
        }
        *members = (rc_members){
            list, page.members.len, page.total, page.next.is_some, {page.next.is_some ? page.next.val : 0}};
    }
    return error_of(ok, &error);
}

static int compare(const void *one, const void *other) { return memcmp(one, other, sizeof(rc_connection)); }

rc_error (rc_all_members)(rc_text room, rc_connections *members) {
    enum { PAGE = 1000 };
    rc_connection *list = NULL;
    size_t count = 0;
    rc_members page = {0};
    do {
        rc_error error = (rc_members_of)(room, page.has_next ? &page.next : NULL, PAGE, &page);
        if (error.kind != RC_OK) return error;
        size_t size = count * sizeof(rc_connection), more = page.count * sizeof(rc_connection);
        list = rc_arena_grow(list, size, size + more);
        if (more > 0) memcpy(list + count, page.list, more);
        count += page.count;
    } while (page.has_next);
    /* A member that moves to the place of one that has left may come twice. */
    qsort(list, count, sizeof(rc_connection), compare);
    size_t kept = 0;
    for (size_t at = 0; at < count; at++) {
        if (kept == 0 || compare(&list[kept - 1], &list[at]) != 0) list[kept++] = list[at];
    }
    *members = (rc_connections){list, kept};
    return (rc_error){0};
}

rc_error (rc_count)(rc_text room, uint32_t *count) {
    imports_string_t name = text_of(room);
    CALL(roomcast_plugin_hub_count(&name, count, &error));
}

static rc_error set_timer(uint32_t milliseconds, uint8_t repetition, rc_text token, rc_timer *timer) {
    uint64_t ignored;
    imports_string_t text = text_of(token);
    CALL(roomcast_plugin_timers_set(milliseconds, repetition, &text, timer == NULL ? &ignored : &timer->id, &error));
}

rc_error (rc_after)(uint32_t milliseconds, rc_text token, rc_timer *timer) {
    return set_timer(milliseconds, ROOMCAST_PLUGIN_TIMERS_REPETITION_ONCE, token, timer);
}

rc_error (rc_every)(uint32_t milliseconds, rc_text token, rc_timer *timer) {
    return set_timer(milliseconds, ROOMCAST_PLUGIN_TIMERS_REPETITION_EVERY, token, timer);
}

bool rc_cancel(rc_timer timer) { return roomcast_plugin_timers_cancel(timer.id); }
