// {{name}}: a page asks a language model, and sees the answer grow.
#include <roomcast.h>
#include <stdlib.h>

RC_HOOKS(on_message, on_fetch_response, on_fetch_chunk, on_fetch_end)

// The answers under way. A fetch's token is the id of the connection that has asked.
static struct answer { char *token; rc_fetch fetch; rc_event_reader reader; } *answers;
static size_t count;

static struct answer *find(rc_text token) {
    for (size_t at = 0; at < count; at++) {
        if (rc_equal(answers[at].token, token)) return &answers[at];
    }
    return NULL;
}

static void end(rc_text token) {
    struct answer *answer = find(token);
    if (answer == NULL) return;
    rc_fetch_cancel(answer->fetch);
    rc_event_reader_free(&answer->reader);
    free(answer->token);
    *answer = answers[--count];
}

static void tell(rc_text token, const char *event, const char *key, rc_text text) {
    rc_connection connection;
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    if (key != NULL) rc_json_put(&json, key, text);
    rc_json_end_object(&json);
    if (rc_connection_parse(token, &connection) && rc_is_open(connection))
        RC_WARN(rc_send(connection, rc_event_named(event, rc_json_done(&json))));
}

static rc_answer ask(rc_connection connection, rc_text prompt) {
    rc_text token = rc_connection_text(connection), url = RC_NONE, model = RC_NONE, authorization = RC_NONE;
    if (rc_is_empty(prompt) || rc_characters(prompt) > 4000) return rc_fail("`prompt` is a text of 1 to 4000 characters");
    if (find(token) != NULL) return rc_fail("an answer is under way: wait for its end, or cancel it");
    RC_TRY(rc_config("upstream", &url));
    RC_TRY(rc_config("model", &model));
    RC_TRY(rc_config("authorization", &authorization));
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "model", model);
    rc_json_put_bool(&json, "stream", true);
    rc_json_begin_array(&json, "messages");
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "role", "user");
    rc_json_put(&json, "content", prompt);
    rc_json_end_object(&json);
    rc_json_end_array(&json);
    rc_json_end_object(&json);
    rc_header headers[] = {{RC("content-type"), RC("application/json")}, {RC("authorization"), authorization}};
    rc_fetch_request request = {
        .method = RC("POST"), .url = url, .headers = headers, .header_count = rc_is_none(authorization) ? 1 : 2,
        .body = rc_json_done(&json), .connection = &connection};
    rc_fetch fetch;
    RC_TRY(rc_fetch_start(request, token, &fetch));
    if ((answers = realloc(answers, (count + 1) * sizeof *answers)) == NULL) rc_panic("no memory");
    answers[count++] = (struct answer){.token = rc_keep(token), .fetch = fetch};
    return rc_accepted();
}

// A client posts {"type": "ask", "prompt": "hello"}, or {"type": "cancel"}.
rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    if (connection == NULL) return rc_fail("name your stream in the header Roomcast-Connection");
    const rc_json *message = rc_body_json(body, NULL);
    rc_text type = rc_json_text(rc_json_get(message, "type"));
    if (rc_equal(type, "ask")) return ask(*connection, rc_json_text(rc_json_get(message, "prompt")));
    if (!rc_equal(type, "cancel")) return rc_fail("`type` is \"ask\" or \"cancel\"");
    end(rc_connection_text(*connection));
    return rc_accepted();
}

void on_fetch_response(rc_text token, const rc_fetch_response *response) {
    if (response->status >= 200 && response->status < 300) return;
    end(token);
    tell(token, "failed", "why", rc_format("the model answers with status %d", response->status));
}

void on_fetch_chunk(rc_text token, rc_body chunk) {
    struct answer *answer = find(token);
    if (answer == NULL) return;
    rc_events events = rc_event_reader_feed(&answer->reader, chunk.bytes);
    for (size_t at = 0; at < events.count; at++) {
        // "[DONE]" has no text.
        const rc_json *choice = rc_json_first(rc_json_get(rc_json_read(events.list[at].data, NULL), "choices"));
        rc_text text = rc_json_text(rc_json_get(rc_json_get(choice, "delta"), "content"));
        if (!rc_is_empty(text)) tell(token, "piece", "text", text);
    }
}

void on_fetch_end(rc_text token, rc_error outcome) {
    bool is_known = find(token) != NULL;
    end(token);
    // A version that has taken over knows nothing of the answers that another one has begun.
    if (!is_known) tell(token, "failed", "why", RC("the plugin was replaced: ask again"));
    else if (outcome.kind == RC_OK) tell(token, "done", NULL, RC_NONE);
    else tell(token, "failed", "why", rc_format("the model cannot be asked: %s", rc_error_text(outcome).data));
}
