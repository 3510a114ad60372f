package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// documents are the comments of a package, and the order of its types.
type documents struct {
	order  []string
	types  map[string]string
	fields map[string]string
}

func readDocuments(folder string) (*documents, error) {
	d := &documents{types: map[string]string{}, fields: map[string]string{}}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading package wire: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, name), nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("parsing package wire: %w", err)
		}
		ast.Inspect(file, d.visit)
	}

	return d, nil
}

func (d *documents) visit(node ast.Node) bool {
	declaration, ok := node.(*ast.GenDecl)
	if !ok || declaration.Tok != token.TYPE {
		return true
	}
	for _, spec := range declaration.Specs {
		named, _ := spec.(*ast.TypeSpec)
		d.order = append(d.order, named.Name.Name)
		d.types[named.Name.Name] = declaration.Doc.Text()
		if body, ok := named.Type.(*ast.StructType); ok {
			for _, field := range body.Fields.List {
				for _, name := range field.Names {
					d.fields[named.Name.Name+"."+name.Name] = field.Doc.Text()
				}
			}
		}
	}

	return false
}
