package core

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// checkSizes refuses what is longer than its field takes: a tag of it says how much, or wire.MaxText and wire.MaxList.
// v is the body of a request.
func checkSizes(v reflect.Value) error {
	found := checkSize(v, 0)
	if found == nil {
		return nil
	}

	return &wire.Error{
		Name: "TypeError", Code: wire.CodeInvalidArgument,
		Message: fmt.Sprintf("%s: expected at most %d, got %d %s",
			strings.TrimPrefix(found.path, "."), found.most, found.length, found.unit),
	}
}

// tooLong is what was found to be, and where in the value that was looked at.
type tooLong struct {
	path         string
	length, most int
	unit         string
}

// in says that it is in a part of another value.
func (l *tooLong) in(part string) *tooLong {
	l.path = part + l.path

	return l
}

// checkSize is of what may be so long; 0 is as long as its kind. It names nothing that is right: requests are many.
func checkSize(v reflect.Value, most int) *tooLong {
	switch v.Kind() {
	case reflect.String:
		return within(v.Len(), cmp.Or(most, wire.MaxText), "bytes")
	case reflect.Slice, reflect.Array:
		if found := within(v.Len(), cmp.Or(most, wire.MaxList), "of them"); found != nil {
			return found
		}
		for i := range v.Len() {
			if found := checkSize(v.Index(i), 0); found != nil {
				return found.in(fmt.Sprintf("[%d]", i))
			}
		}
	case reflect.Map:
		if found := within(v.Len(), cmp.Or(most, wire.MaxList), "of them"); found != nil {
			return found
		}
		for entries := v.MapRange(); entries.Next(); {
			if found := cmp.Or(checkSize(entries.Key(), 0), checkSize(entries.Value(), 0)); found != nil {
				return found
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return checkSize(v.Elem(), most)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if found := checkSize(v.Field(i), mostOf(field)); found != nil {
				return found.in("." + memberOf(field))
			}
		}
	default:
	}

	return nil
}

func within(length, most int, unit string) *tooLong {
	if length <= most {
		return nil
	}

	return &tooLong{length: length, most: most, unit: unit}
}

func memberOf(field reflect.StructField) string {
	member, _, _ := strings.Cut(field.Tag.Get("json"), ",")

	return member
}

// mostOf is what the tag of a field says.
func mostOf(field reflect.StructField) int {
	text, tagged := field.Tag.Lookup("most")
	if !tagged {
		return 0
	}
	most, _ := strconv.Atoi(text)

	return most
}
