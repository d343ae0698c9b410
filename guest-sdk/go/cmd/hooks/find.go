package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// finding is the result of reading a plugin's files.
type finding struct {
	project string
	files   *token.FileSet
	// calls are the locations where hooks are registered, by function.
	calls map[string]token.Pos
	// hasMain is true if the folder itself has a func main.
	hasMain bool
	// imports are the packages that the plugin's files import.
	imports  map[string]bool
	problems []string
	// warnings do not stop the build.
	warnings []string
}

// find reads all files of the plugin's module, except tests.
func find(project string) *finding {
	f := &finding{project: project, files: token.NewFileSet(), calls: map[string]token.Pos{}, imports: map[string]bool{}}
	err := filepath.WalkDir(project, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != project && foreign(path, entry.Name()):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			f.read(path)
		}
		return nil
	})
	if err != nil {
		f.problems = append(f.problems, err.Error())
	}
	f.check()
	return f
}

// foreign reports whether a folder is not part of the plugin's module.
func foreign(path, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil || slices.Contains([]string{"vendor", "testdata", "build", "node_modules"}, name)
}

func (f *finding) read(path string) {
	file, err := parser.ParseFile(f.files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		f.problems = append(f.problems, strings.ReplaceAll(err.Error(), f.project+string(filepath.Separator), ""))
		return
	}
	if filepath.Dir(path) == f.project {
		f.readPackage(file)
	}
	name := f.readImports(file)
	ast.Inspect(file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); ok && name != "" && from.Name == name {
			f.note(selector.Sel)
		}
		return true
	})
}

// readPackage reads a file of the plugin's own folder.
func (f *finding) readPackage(file *ast.File) {
	if file.Name.Name != "main" {
		f.problem(file.Name.Pos(), "a plugin is `package main`, this is `package %s`", file.Name.Name)
	}
	for _, declaration := range file.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "main" {
			f.hasMain = true
		}
	}
}

// readImports records a file's imports and returns its name for the package roomcast; empty if it does not import it.
func (f *finding) readImports(file *ast.File) (name string) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		f.imports[path] = true
		if path == "net" || path == "net/http" {
			f.warnings = append(f.warnings, f.at(spec.Pos(), "warning: plugins have no sockets: %s can connect to nothing, and makes the component larger", path))
		}
		if path == sdk+"/roomcast" {
			name = "roomcast"
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	return name
}

// note records the use of a name of package roomcast, if it is a hook or looks like one.
func (f *finding) note(name *ast.Ident) {
	if _, ok := hooks[name.Name]; ok {
		if _, again := f.calls[name.Name]; !again {
			f.calls[name.Name] = name.Pos()
		}
		return
	}
	if rest, ok := strings.CutPrefix(name.Name, "On"); ok && rest != "" && ast.IsExported(rest) {
		f.problem(name.Pos(), "there is no hook %s; the hooks are %s", name.Name, strings.Join(f.names(), ", "))
	}
}

// check finds what is missing in the plugin as a whole.
func (f *finding) check() {
	switch _, save := f.calls["OnSave"]; {
	case len(f.problems) > 0:
	case !f.hasMain:
		f.problems = append(f.problems, "there is no `func main()` in "+f.project+": a plugin is `package main`, and registers its hooks there")
	case len(f.calls) == 0:
		f.problems = append(f.problems, "the plugin registers no hook: call at least one of roomcast."+
			strings.Join(f.names(), ", roomcast.")+" in main")
	case save != f.has("OnRestore"):
		f.problems = append(f.problems, "roomcast.OnSave and roomcast.OnRestore go together: register both, or none")
	}
}

func (f *finding) has(function string) bool {
	_, ok := f.calls[function]
	return ok
}

// names returns the hooks' names, sorted, for messages.
func (f *finding) names() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(hooks)), func(name string) bool { return name == "KeepJSON" })
}

// exports returns the hooks of the contract that the component exports, always including lifecycle, which runs main.
func (f *finding) exports() []string {
	exports := []string{"lifecycle"}
	for function := range f.calls {
		exports = append(exports, hooks[function])
	}
	slices.Sort(exports)
	return slices.Compact(exports)
}

func (f *finding) problem(at token.Pos, format string, arguments ...any) {
	f.problems = append(f.problems, f.at(at, format, arguments...))
}

// at is a message with its location.
func (f *finding) at(at token.Pos, format string, arguments ...any) string {
	place := f.files.Position(at)
	path, err := filepath.Rel(f.project, place.Filename)
	if err != nil {
		path = place.Filename
	}
	return fmt.Sprintf("%s:%d:%d: ", path, place.Line, place.Column) + fmt.Sprintf(format, arguments...)
}
