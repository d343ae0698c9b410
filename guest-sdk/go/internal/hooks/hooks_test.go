package hooks

import (
	"strings"
	"testing"
)

func TestAHookThatWasNotBuiltInIsNamed(t *testing.T) {
	Exported("connect")
	err := Start(func() {
		Register("OnInit", "lifecycle")
		Register("OnConnect", "connect")
	})
	if err == nil {
		err = CheckExports()
	}
	if err != nil {
		t.Error(err)
	}
	Register("OnTimer", "timer")
	if err := CheckExports(); err == nil || !strings.Contains(err.Error(), "without the hook `timer`") {
		t.Error(err)
	}
}
