// {{name}}: a board that everyone sees and changes: cards, and votes for them.
#include <roomcast.h>
#include <stdlib.h>
#include <string.h>

RC_HOOKS(on_connect, on_message, on_save, on_restore)

enum { MAX_CARDS = 100, MAX_TEXT = 200 };

typedef struct card { int64_t id, votes; char *text; } card;

static card cards[MAX_CARDS];
static size_t count;
static int64_t last_id;

static void write_card(rc_json_writer *json, const card *card) {
    rc_json_begin_object(json, RC_NONE);
    rc_json_put_number(json, "id", card->id);
    rc_json_put(json, "text", card->text);
    rc_json_put_number(json, "votes", card->votes);
    rc_json_end_object(json);
}

static rc_text write_board(void) {
    rc_json_writer json = {0};
    rc_json_begin_array(&json, RC_NONE);
    for (size_t at = 0; at < count; at++) write_card(&json, &cards[at]);
    rc_json_end_array(&json);
    return rc_json_done(&json);
}

static rc_answer tell(const card *card) {
    rc_json_writer json = {0};
    write_card(&json, card);
    RC_TRY(rc_broadcast("__all", rc_event_named("card", rc_json_done(&json)), NULL));
    return rc_accepted();
}

static rc_answer add(rc_text text) {
    if (rc_is_empty(text) || rc_characters(text) > MAX_TEXT) return rc_fail("a card's `text` is 1 to 200 characters long");
    if (count == MAX_CARDS) return rc_fail("the board is full: remove a card first");
    cards[count] = (card){.id = ++last_id, .text = rc_keep(text)};
    return tell(&cards[count++]);
}

static rc_answer remove_card(card *card) {
    rc_text id = rc_format("%lld", (long long)card->id);
    free(card->text);
    memmove(card, card + 1, (size_t)(&cards[--count] - card) * sizeof *card);
    RC_TRY(rc_broadcast("__all", rc_event_named("removed", id), NULL));
    return rc_accepted();
}

rc_answer on_connect(rc_connection connection, rc_request request) {
    RC_TRY(rc_send(connection, rc_event_named("board", write_board())));
    return rc_ok();
}

// A client posts {"type": "add", "text": "Tea"}, or {"type": "vote", "id": 1}, or of type "remove".
rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    const rc_json *message = rc_body_json(body, NULL);
    rc_text type = rc_json_text(rc_json_get(message, "type"));
    if (rc_equal(type, "add")) return add(rc_json_text(rc_json_get(message, "text")));
    bool votes = rc_equal(type, "vote");
    if (!votes && !rc_equal(type, "remove")) return rc_fail("`type` is \"add\", \"vote\" or \"remove\"");
    card *card = cards;
    while (card < cards + count && card->id != rc_json_integer(rc_json_get(message, "id"), 0)) card++;
    if (card == cards + count) return rc_fail("there is no such card");
    if (!votes) return remove_card(card);
    card->votes++;
    return tell(card);
}

// A new version starts with the board of the one before.
rc_answer on_save(rc_text *state) {
    *state = rc_format("{\"last_id\":%lld,\"cards\":%s}", (long long)last_id, write_board().data);
    return rc_ok();
}

rc_answer on_restore(rc_text state) {
    const rc_json *saved = rc_json_read(state, NULL);
    last_id = rc_json_integer(rc_json_get(saved, "last_id"), 0);
    const rc_json *each = rc_json_first(rc_json_get(saved, "cards"));
    for (; each != NULL && count < MAX_CARDS; each = rc_json_next(each)) {
        int64_t id = rc_json_integer(rc_json_get(each, "id"), 0), votes = rc_json_integer(rc_json_get(each, "votes"), 0);
        cards[count++] = (card){id, votes, rc_keep(rc_json_text(rc_json_get(each, "text")))};
    }
    return rc_ok();
}
