package core

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// checkSizes refuses what is longer than its field takes: a tag of it says how much, or wire.MaxText and wire.MaxList.
// v is the body of a request.
func checkSizes(v reflect.Value) error { return checkSize(v, "", 0) }

// checkSize is of what has a name, and may be so long; 0 is as long as its kind.
func checkSize(v reflect.Value, name string, most int) error {
	switch v.Kind() {
	case reflect.String:
		return within(v.Len(), orDefault(most, wire.MaxText), name, "bytes")
	case reflect.Slice, reflect.Array:
		if err := within(v.Len(), orDefault(most, wire.MaxList), name, "of them"); err != nil {
			return err
		}
		for i := range v.Len() {
			if err := checkSize(v.Index(i), fmt.Sprintf("%s[%d]", name, i), 0); err != nil {
				return err
			}
		}
	case reflect.Map:
		if err := within(v.Len(), orDefault(most, wire.MaxList), name, "of them"); err != nil {
			return err
		}
		for entries := v.MapRange(); entries.Next(); {
			if err := checkSize(entries.Key(), name, 0); err != nil {
				return err
			}
			if err := checkSize(entries.Value(), name, 0); err != nil {
				return err
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return checkSize(v.Elem(), name, most)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if err := checkSize(v.Field(i), memberOf(name, field), mostOf(field)); err != nil {
				return err
			}
		}
	default:
	}

	return nil
}

func within(length, most int, name, unit string) error {
	if length <= most {
		return nil
	}

	return &wire.Error{
		Name: "TypeError", Code: wire.CodeInvalidArgument,
		Message: fmt.Sprintf("%s: expected at most %d, got %d %s", name, most, length, unit),
	}
}

func orDefault(most, otherwise int) int {
	if most == 0 {
		return otherwise
	}

	return most
}

func memberOf(name string, field reflect.StructField) string {
	member, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		return member
	}

	return name + "." + member
}

// mostOf is what the tag of a field says.
func mostOf(field reflect.StructField) int {
	most, _ := strconv.Atoi(field.Tag.Get("most"))

	return most
}
