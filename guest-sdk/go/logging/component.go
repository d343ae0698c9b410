//go:build wasip1

package logging

import "log/slog"

func init() {
	slog.SetDefault(slog.New(Handler{}))
}
