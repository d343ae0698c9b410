package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// object is a JSON object that is being made.
type object = map[string]any

// kinds are the contract's names.
var kinds = map[roomcast.Kind]string{
	roomcast.NoSuchConnection: "no-such-connection", roomcast.Closed: "closed", roomcast.InvalidArgument: "invalid-argument",
	roomcast.LimitExceeded: "limit-exceeded", roomcast.NotPermitted: "not-permitted", roomcast.Store: "other",
	roomcast.Denied: "denied", roomcast.Unreachable: "unreachable", roomcast.Broken: "broken",
	roomcast.ConnectionClosed: "connection-closed", roomcast.Interrupted: "interrupted", roomcast.Other: "other",
}

// subjects is what the contract calls the Name of an error.
var subjects = map[roomcast.Kind]string{
	roomcast.InvalidArgument: "argument", roomcast.LimitExceeded: "key", roomcast.NotPermitted: "capability",
}

// result is the value, or the error as the SDK has it.
func result(value any, err error) object {
	if err == nil {
		return object{"ok": value}
	}
	var why *roomcast.Error
	if !errors.As(err, &why) {
		return object{"error": object{"kind": "other", "reason": err.Error()}}
	}
	said := object{"kind": kinds[why.Kind]}
	if subject, ok := subjects[why.Kind]; ok {
		said[subject] = why.Name
	}
	if why.Reason != "" {
		said["reason"] = why.Reason
	}
	return object{"error": said}
}

func done(err error) object {
	return result(nil, err)
}

// filled is null for an empty text: the SDK does not tell that from none.
func filled(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// list is never null.
func list[T any](values []T) []T {
	return append([]T{}, values...)
}

func eventAsJSON(e roomcast.Event) object {
	said := object{"data": e.Data, "event": filled(e.Name), "id": filled(e.ID), "retry_ms": nil}
	if e.ResetID {
		said["id"] = ""
	}
	if e.Retry > 0 {
		said["retry_ms"] = e.Retry.Milliseconds()
	}
	return said
}

func requestAsJSON(r *roomcast.Request) object {
	return object{
		"method": r.Method(), "path": r.Path(), "query": filled(r.Query()), "headers": headersAsJSON(r.Headers()), "peer": r.Peer(),
		"last_event_id": filled(r.LastEventID()),
	}
}

func headersAsJSON(headers []roomcast.Header) [][2]string {
	pairs := [][2]string{}
	for _, header := range headers {
		pairs = append(pairs, [2]string{header.Name, header.Value})
	}
	return pairs
}

func bodyAsJSON(body roomcast.Body) object {
	if text, err := body.Text(); err == nil {
		return object{"text": text}
	}
	return object{"base64": body}
}

func answer(value object) *roomcast.Response {
	return roomcast.OK(encode(value)).WithHeader("content-type", "application/json")
}

func encode(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // everything here is made of what JSON has
	}
	return strings.TrimSuffix(text.String(), "\n")
}
