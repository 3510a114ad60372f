// Command gen writes lib/wire.ts from package wire:
//
//	go run ./internal/wire/gen [-check] [-o lib/wire.ts]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
)

var errStale = errors.New("not what package wire says: run go generate ./internal/wire")

func main() {
	output := flag.String("o", "lib/wire.ts", "file to write")
	source := flag.String("wire", "internal/wire", "folder of package wire, for its comments")
	check := flag.Bool("check", false, "fail if the file differs, and write nothing")
	flag.Parse()
	if err := run(*source, *output, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(source, output string, check bool) error {
	text, err := generate(source)
	if err != nil {
		return err
	}
	if check {
		present, err := os.ReadFile(output)
		if err != nil {
			return fmt.Errorf("reading the generated file: %w", err)
		}
		if !bytes.Equal(present, text) {
			return fmt.Errorf("%s: %w", output, errStale)
		}

		return nil
	}
	if err := os.WriteFile(output, text, 0o644); err != nil { //nolint:gosec // a source file
		return fmt.Errorf("writing the generated file: %w", err)
	}

	return nil
}
