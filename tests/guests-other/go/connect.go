package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// onConnect obeys the query, parameter by parameter.
func onConnect(c roomcast.Connection, r *roomcast.Request) error {
	note(object{"hook": "on-connect", "connection": c, "request": requestAsJSON(r)})
	rejection := &roomcast.Rejection{}
	for name, value := range r.Parameters() {
		var err error
		switch name {
		case "join":
			err = c.Join(value)
		case "send":
			err = c.Send(roomcast.Event{Data: value})
		case "comment":
			err = c.Comment(value)
		case "tag":
			err = c.SetTag(value)
		case "close":
			err = c.Close()
		case "command":
			err = sendResult(c, value)
		case "to":
			if isForAnother(value) {
				return nil
			}
		case "reject":
			rejection.Status, err = strconv.Atoi(value)
		case "body":
			rejection.Body = value
		case "header":
			header, value, ok := strings.Cut(value, ":")
			if !ok {
				err = fmt.Errorf("header=NAME:VALUE")
			}
			rejection.WithHeader(header, value)
		}
		if err != nil {
			return roomcast.Reject(500, fmt.Sprintf("%s: %v", name, err))
		}
	}
	if rejection.Status == 0 {
		return nil
	}
	return rejection
}

func sendResult(c roomcast.Connection, text string) error {
	command, err := read([]byte(text))
	if err != nil {
		return err
	}
	result, err := run(command, c)
	if err != nil {
		return err
	}
	return c.Send(roomcast.JSON("result", result))
}
