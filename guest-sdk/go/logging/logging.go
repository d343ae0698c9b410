// Package logging sends log/slog records to the host's log. A plugin need not import it: if one of its files imports
// log/slog, the build makes the default logger write there. In components only.
package logging

import (
	"context"
	"log/slog"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Levels of the host's log that log/slog does not have.
const (
	// LevelTrace is for values and the flow of control.
	LevelTrace = slog.LevelDebug - 4
	// LevelCritical is for what the plugin cannot go on after.
	LevelCritical = slog.LevelError + 4
)

// Handler writes to the host's log, which adds the plugin's name, and the connection that the call is about. The
// attributes follow the message, as name=value; the operator chooses the level.
type Handler struct {
	// Context is a free word that groups records: slog.New(logging.Handler{Context: "game"}). It may be empty.
	Context string

	// attributes are those of the logger, as text, and prefix is the name of its groups.
	attributes, prefix string
}

// Enabled is true: the host drops what the operator does not want.
func (h Handler) Enabled(context.Context, slog.Level) bool {
	return true
}

// Handle writes one record.
func (h Handler) Handle(_ context.Context, record slog.Record) error {
	var text strings.Builder
	text.WriteString(record.Message)
	text.WriteString(h.attributes)
	record.Attrs(func(attribute slog.Attr) bool {
		write(&text, h.prefix, attribute)
		return true
	})
	host.Log(level(record.Level), h.Context, text.String())
	return nil
}

// WithAttrs is a handler whose records have these attributes, too.
func (h Handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	var text strings.Builder
	text.WriteString(h.attributes)
	for _, attribute := range attributes {
		write(&text, h.prefix, attribute)
	}
	h.attributes = text.String()
	return h
}

// WithGroup is a handler that puts the name before those of attributes.
func (h Handler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.prefix += name + "."
	}
	return h
}

func write(text *strings.Builder, prefix string, attribute slog.Attr) {
	value := attribute.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if attribute.Key != "" {
			prefix += attribute.Key + "."
		}
		for _, inner := range value.Group() {
			write(text, prefix, inner)
		}
		return
	}
	if attribute.Equal(slog.Attr{}) {
		return
	}
	text.WriteString(" " + prefix + attribute.Key + "=" + value.String())
}

func level(level slog.Level) host.Level {
	switch {
	case level < slog.LevelDebug:
		return host.LevelTrace
	case level < slog.LevelInfo:
		return host.LevelDebug
	case level < slog.LevelWarn:
		return host.LevelInfo
	case level < slog.LevelError:
		return host.LevelWarn
	case level < LevelCritical:
		return host.LevelError
	default:
		return host.LevelCritical
	}
}
