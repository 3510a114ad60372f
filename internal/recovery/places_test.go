package recovery

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// listed are the places that test/panics has panic one after the other, or says why not.
const listed = "../../test/panics/places.json"

// says is the life that enters a place and when, or why none does.
var says = regexp.MustCompile(`^(?:[a-z]+(?:, at its end|, of no Worker)?|none: \S+(?: \S+){4,})$`)

// begins are the functions of this package that name a place.
var begins = map[string]bool{
	"Go": true, "GoThen": true, "Run": true, "Recover": true, "Enter": true, "AfterFunc": true, "Timer": true,
}

// A place that is added is to be told of a life that enters it.
func TestEveryPlaceIsListedWithWhoEntersIt(t *testing.T) {
	text, err := os.ReadFile(listed)
	if err != nil {
		t.Fatal(err)
	}
	var known map[string]string
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	found := placesOf(t, "../../internal", "../../goexport")
	if len(found) < 70 {
		t.Errorf("found %d places only", len(found))
	}
	for _, place := range slices.Sorted(maps.Keys(found)) {
		if _, ok := known[place]; !ok {
			t.Errorf("%s: %q is not in %s: name the life that enters it, or why none does", found[place], place, listed)
		}
	}
	for _, place := range slices.Sorted(maps.Keys(known)) {
		if _, ok := found[place]; !ok {
			t.Errorf("%s: %q is nowhere", listed, place)
		}
		if !says.MatchString(known[place]) {
			t.Errorf("%s: %q is %q: expected a life that enters it, or none: and why", listed, place, known[place])
		}
	}
}

// placesOf finds where each place is named. One whose end is computed ends with an ellipsis.
func placesOf(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !isShipped(path) {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err == nil && !isForTests(file) {
				parsed = append(parsed, file)
			}

			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	naming := make(map[string][]int)
	for _, file := range parsed {
		collectNaming(file, naming)
	}
	found := make(map[string]string)
	for _, file := range parsed {
		for _, declaration := range file.Decls {
			function := constantsOf(declaration)
			ast.Inspect(declaration, func(node ast.Node) bool {
				call, ok := node.(*ast.CallExpr)
				if !ok {
					return true
				}
				argument := nameIn(call, naming)
				if argument == nil {
					return true
				}
				for _, place := range textsOf(argument, function, constantsOfFile(file)) {
					found[place] = files.Position(argument.Pos()).String()
				}

				return true
			})
		}
	}

	return found
}

func isShipped(path string) bool {
	folder := filepath.ToSlash(filepath.Dir(path))

	return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(folder, "test") &&
		!strings.HasSuffix(folder, "internal/recovery") && !strings.HasSuffix(folder, "internal/hooks")
}

func isForTests(file *ast.File) bool {
	return slices.ContainsFunc(file.Comments, func(group *ast.CommentGroup) bool {
		return group.Pos() < file.Package && slices.ContainsFunc(group.List, func(line *ast.Comment) bool {
			return line.Text == "//go:build hooks"
		})
	})
}

// collectNaming finds what else takes the name of a place: whatever has a parameter that is called so, and a function.
// It counts their parameters.
func collectNaming(file *ast.File, naming map[string][]int) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			if takesName(node.Type) && takesFunction(node.Type) {
				naming[node.Name.Name] = append(naming[node.Name.Name], node.Type.Params.NumFields())
			}
		case *ast.Field:
			if of, ok := node.Type.(*ast.FuncType); ok && takesName(of) && takesFunction(of) {
				for _, name := range node.Names {
					naming[name.Name] = append(naming[name.Name], of.Params.NumFields())
				}
			}
		}

		return true
	})
	// Of type routine.Start.
	naming["start"] = append(naming["start"], 2)
}

func takesName(function *ast.FuncType) bool {
	return slices.ContainsFunc(function.Params.List, func(field *ast.Field) bool {
		of, ok := field.Type.(*ast.Ident)

		return ok && of.Name == "string" && len(field.Names) == 1 && field.Names[0].Name == "name"
	})
}

func takesFunction(function *ast.FuncType) bool {
	return slices.ContainsFunc(function.Params.List, func(field *ast.Field) bool {
		switch of := field.Type.(type) {
		case *ast.FuncType:
			return true
		case *ast.Ident:
			return of.Name == "Start"
		default:
			return false
		}
	})
}

// nameIn is the argument that names a place, nil if the call names none.
func nameIn(call *ast.CallExpr, naming map[string][]int) ast.Expr {
	name, of := "", ""
	switch function := call.Fun.(type) {
	case *ast.Ident:
		name = function.Name
	case *ast.SelectorExpr:
		name = function.Sel.Name
		if x, ok := function.X.(*ast.Ident); ok {
			of = x.Name
		}
	}
	switch {
	case of == "recovery" && begins[name] && len(call.Args) > 1:
		return call.Args[1]
	case slices.Contains(naming[name], len(call.Args)) && of != "recovery":
		// It is the first, or that after who starts it.
		for _, argument := range call.Args {
			if len(textsOf(argument, nil, nil)) > 0 {
				return argument
			}
		}
	}

	return nil
}

// textsOf are the texts that an expression may have, as far as they are written there.
func textsOf(expression ast.Expr, constants ...map[string][]string) []string {
	switch expression := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(expression.Value); err == nil && expression.Kind == token.STRING {
			return []string{text}
		}
	case *ast.BinaryExpr:
		var texts []string
		for _, text := range textsOf(expression.X, constants...) {
			texts = append(texts, strings.TrimSpace(text)+" …")
		}

		return texts
	case *ast.Ident:
		for _, of := range constants {
			if texts := of[expression.Name]; len(texts) > 0 {
				return texts
			}
		}
	}

	return nil
}

func constantsOfFile(file *ast.File) map[string][]string {
	texts := make(map[string][]string)
	for _, declaration := range file.Decls {
		if general, ok := declaration.(*ast.GenDecl); ok && general.Tok == token.CONST {
			maps.Copy(texts, constantsOf(declaration))
		}
	}

	return texts
}

// constantsOf are the texts that the names in a declaration stand for.
func constantsOf(declaration ast.Decl) map[string][]string {
	texts := make(map[string][]string)
	note := func(name ast.Expr, value ast.Expr) {
		if of, ok := name.(*ast.Ident); ok {
			texts[of.Name] = append(texts[of.Name], textsOf(value)...)
		}
	}
	ast.Inspect(declaration, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ValueSpec:
			for i, value := range node.Values {
				note(node.Names[i], value)
			}
		case *ast.AssignStmt:
			for i, value := range node.Rhs {
				if len(node.Lhs) == len(node.Rhs) {
					note(node.Lhs[i], value)
				}
			}
		}

		return true
	})

	return texts
}
