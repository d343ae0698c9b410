package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/config"
	"github.com/roomcast/roomcast/guest-sdk/go/logging"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// command is a JSON object whose op names one function of the host, with its arguments.
type command map[string]json.RawMessage

func read(text []byte) (command, error) {
	var c command
	err := json.Unmarshal(text, &c)
	if err == nil && c == nil {
		err = errors.New("not an object")
	}
	return c, err
}

// optional reads an argument; none if it is missing or of another type.
func optional[T any](c command, name string) (value T, ok bool) {
	text := c[name]
	ok = text != nil && string(text) != "null" && json.Unmarshal(text, &value) == nil
	return value, ok
}

func required[T any](c command, name string) (T, error) {
	value, ok := optional[T](c, name)
	if !ok {
		return value, fmt.Errorf("%s: no `%s`", encode(c), name)
	}
	return value, nil
}

func (c command) optionalText(name string) (string, bool) {
	return optional[string](c, name)
}

func (c command) text(name string) (string, error) {
	return required[string](c, name)
}

// repeated is a text, as many times as `repeat` says.
func (c command) repeated(name string) string {
	text, _ := c.optionalText(name)
	if times, ok := optional[uint32](c, "repeat"); ok {
		text = strings.Repeat(text, int(times))
	}
	return text
}

// run runs one command; the error says that it is none.
func run(c command, sender roomcast.Connection) (object, error) {
	op, err := c.text("op")
	if err != nil {
		return nil, err
	}
	for _, part := range []func(op string, c command, sender roomcast.Connection) (object, error){
		hubCall, hostCall, storeCall, fetchCall,
	} {
		if result, err := part(op, c, sender); result != nil || err != nil {
			return result, err
		}
	}
	switch op {
	case "calls":
		return object{"ok": list(journal)}, nil
	case "forget-calls":
		journal = []any{}
		return object{"ok": nil}, nil
	case "throw":
		panic("as it was told")
	case "trap":
		os.Exit(3)
	case "all":
		commands, err := required[[]command](c, "commands")
		results := []object{}
		for _, one := range commands {
			result, err := run(one, sender)
			if err != nil {
				return nil, err
			}
			results = append(results, result)
		}
		return object{"ok": results}, err
	}
	return nil, fmt.Errorf("there is no command `%s`", op)
}

// outcome runs a command that has no sender to answer.
func outcome(c command, sender roomcast.Connection) any {
	result, err := run(c, sender)
	if err != nil {
		return err.Error()
	}
	return result
}

// hostCall is for timers, the log and settings.
func hostCall(op string, c command, _ roomcast.Connection) (object, error) {
	switch op {
	case "set-timer":
		delay, err1 := required[uint32](c, "delay_ms")
		repetition, err2 := c.text("repetition")
		token, err3 := c.text("token")
		set := map[string]func(time.Duration, string) (roomcast.Timer, error){"once": roomcast.After, "every": roomcast.Every}[repetition]
		if set == nil {
			return nil, fmt.Errorf("no repetition %s", repetition)
		}
		return ifSound(errors.Join(err1, err2, err3), func() object {
			return result(set(time.Duration(delay)*time.Millisecond, token))
		})
	case "cancel-timer":
		timer, err := required[uint64](c, "timer")
		return object{"ok": roomcast.Timer(timer).Cancel()}, err
	case "log":
		name, err1 := c.text("level")
		message, err2 := c.text("message")
		level, ok := levels[name]
		if !ok {
			return nil, fmt.Errorf("no level %s", name)
		}
		group, _ := c.optionalText("context")
		return ifSound(errors.Join(err1, err2), func() object {
			slog.New(logging.Handler{Context: group}).Log(context.Background(), level, message)
			return object{"ok": nil}
		})
	case "config-get":
		key, err := c.text("key")
		if err != nil {
			return nil, err
		}
		value, ok, err := config.Get(key)
		if !ok {
			return result(nil, err), nil
		}
		return result(value, err), nil
	case "config-get-all":
		all, err := config.All()
		pairs := [][2]string{}
		for _, key := range slices.Sorted(maps.Keys(all)) {
			pairs = append(pairs, [2]string{key, all[key]})
		}
		return result(pairs, err), nil
	}
	return nil, nil
}

var levels = map[string]slog.Level{
	"trace": logging.LevelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn,
	"error": slog.LevelError, "critical": logging.LevelCritical,
}

// reject is any rejection at all.
func reject(c command) error {
	status, err := required[uint16](c, "status")
	headers, err2 := headersOf(c)
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	text, _ := c.optionalText("text")
	return &roomcast.Rejection{Status: int(status), Headers: headers, Body: text}
}

// respond is any answer at all.
func respond(c command) (*roomcast.Response, error) {
	status, err := required[uint16](c, "status")
	headers, err2 := headersOf(c)
	if err = errors.Join(err, err2); err != nil {
		return nil, err
	}
	text, _ := c.optionalText("text")
	body := []byte(text)
	if encoded, ok := c.optionalText("base64"); ok {
		body, err = base64.StdEncoding.DecodeString(encoded)
	}
	return &roomcast.Response{Status: int(status), Headers: headers, Body: body}, err
}

func headersOf(c command) ([]roomcast.Header, error) {
	var headers []roomcast.Header
	if c["headers"] == nil {
		return headers, nil
	}
	pairs, err := required[[][2]string](c, "headers")
	for _, pair := range pairs {
		headers = append(headers, roomcast.Header{Name: pair[0], Value: pair[1]})
	}
	return headers, err
}
