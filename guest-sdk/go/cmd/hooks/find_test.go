package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const head = "package main\n\nimport \"" + sdk + "/roomcast\"\n\n"

// project writes files and finds hooks in them.
func project(t *testing.T, files map[string]string) *finding {
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return find(folder)
}

func TestHooksAreFoundWhereverTheyAreRegistered(t *testing.T) {
	found := project(t, map[string]string{
		"main.go":        head + "func main() { roomcast.OnConnect(nil); register() } // roomcast.OnPublish(nil)\n",
		"rooms/rooms.go": "package rooms\n\nimport r \"" + sdk + "/roomcast\"\n\nfunc Register() { r.OnLeave(nil); r.OnJoin(nil); r.KeepJSON(new(int)) }\n",
		"main_test.go":   head + "func init() { roomcast.OnTimer(nil) }\n",
		"sdk/go.mod":     "module sdk\n",
		"sdk/sdk.go":     head + "func main() { roomcast.OnMessage(nil) }\n",
	})
	if want := []string{"connect", "lifecycle", "room", "state"}; len(found.problems) > 0 || !slices.Equal(found.exports(), want) {
		t.Errorf("%v, %v", found.exports(), found.problems)
	}
}

func TestProblemsAreSaidWithTheirPlace(t *testing.T) {
	for want, text := range map[string]string{
		"main.go:5:24: there is no hook OnConect; the hooks are OnConnect,": head + "func main() { roomcast.OnConect(nil) }\n",
		"main.go:1:9: a plugin is `package main`, this is `package chat`":   "package chat\n",
		"there is no `func main()`":                                         head + "func start() { roomcast.OnConnect(nil) }\n",
		"registers no hook: call at least one of roomcast.OnConnect,":       "package main\n\nfunc main() {}\n",
		"roomcast.OnSave and roomcast.OnRestore go together":                head + "func main() { roomcast.OnSave(nil) }\n",
		"main.go:3:15: expected":                                            "package main\n\nfunc main() { ) }\n",
	} {
		found := project(t, map[string]string{"main.go": text})
		if got := strings.Join(found.problems, "\n"); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLogsGoToTheHost(t *testing.T) {
	body := "func main() { roomcast.OnConnect(nil) }\n"
	plain := strings.Replace(head, "import ", "import \"log\"\nimport ", 1) + body
	structured := strings.Replace(head, "import ", "import \"log/slog\"\nimport ", 1) + body
	if text := exportsFile(project(t, map[string]string{"main.go": plain})); !strings.Contains(text, "log.SetFlags(0)") {
		t.Error(text)
	}
	if text := exportsFile(project(t, map[string]string{"main.go": structured})); !strings.Contains(text, sdk+"/logging") {
		t.Error(text)
	}
}

func TestSocketsAreWarnedOf(t *testing.T) {
	found := project(t, map[string]string{"main.go": strings.Replace(head, "import ", "import \"net/http\"\nimport ", 1)})
	if len(found.warnings) != 1 || !strings.HasPrefix(found.warnings[0], "main.go:3:8: warning: plugins have no sockets") {
		t.Error(found.warnings)
	}
}

func TestAHookWithADashIsAPackageWithout(t *testing.T) {
	found := project(t, map[string]string{"main.go": head + "func main() { roomcast.OnFetchEnd(nil) }\n"})
	if text := exportsFile(found); !strings.Contains(text, sdk+"/export/fetchevents\"") {
		t.Error(text)
	}
	if text := world(found.exports()); !strings.Contains(text, "  export fetch-events;\n") {
		t.Error(text)
	}
}
