package av

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/asticode/go-astiav"
)

// Input says how a demuxer opens what it is given.
type Input struct {
	// Format is FFmpeg's name of a demuxer; "" lets it find out.
	Format string
	// Options are the user's. FFmpeg has to know each of them.
	Options map[string]string
}

// OptionError is an option that FFmpeg doesn't know where it was given.
type OptionError struct{ Name string }

func (e *OptionError) Error() string { return fmt.Sprintf("there is no option %q here", e.Name) }

// FormatError is a Format that no demuxer has which reads from one place only.
type FormatError struct{ Name string }

func (e *FormatError) Error() string { return fmt.Sprintf("there is no format %q", e.Name) }

// inputFormat finds the demuxer of a name. Those that open by themselves what
// they read are given only where protocol says that they may.
func inputFormat(name string, opensItself bool) (*astiav.InputFormat, error) {
	if name == "" {
		return nil, nil
	}
	format := astiav.FindInputFormat(name)
	if format == nil || format.Flags().Has(astiav.IOFormatFlagNofile) && !opensItself {
		return nil, &FormatError{Name: name}
	}
	return format, nil
}

// newDictionary makes options of ours and the user's; ours win.
func newDictionary(input Input, own map[string]string) (*astiav.Dictionary, error) {
	options := astiav.NewDictionary()
	all := maps.Clone(input.Options)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, own)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := options.Set(name, all[name], 0); err != nil {
			options.Free()
			return nil, failure("set the option "+name, err)
		}
	}
	return options, nil
}

// leftOver tells which of the user's options FFmpeg did not take.
func leftOver(options *astiav.Dictionary, input Input) error {
	for _, name := range slices.Sorted(maps.Keys(input.Options)) {
		if strings.TrimSpace(name) == "" || options.Get(name, nil, astiav.NewDictionaryFlags(astiav.DictionaryFlagMatchCase)) != nil {
			return &OptionError{Name: name}
		}
	}
	return nil
}
