package state

import (
	"errors"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
)

func TestAFailedSaveIsAnAnswer(t *testing.T) {
	defer func() { hooks.Plugin = hooks.Set{} }()
	for want, save := range map[string]func() ([]byte, error){
		"not now":                func() ([]byte, error) { return nil, errors.New("not now") },
		"panic in OnSave: oh no": func() ([]byte, error) { panic("oh no") },
	} {
		hooks.Plugin.Save = save
		if result := Save(); !result.IsErr() || !strings.HasPrefix(result.Err(), want) {
			t.Errorf("%s: %v", want, result)
		}
	}
	hooks.Plugin.Save = func() ([]byte, error) { return []byte("state"), nil }
	if result := Save(); result.IsErr() || string(result.Ok()) != "state" {
		t.Error(result)
	}
}
