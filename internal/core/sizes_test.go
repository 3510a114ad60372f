package core

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Whatever a message has that can be long is taken as long as it may be, and refused above, by its name.
func TestTextsAndListsOfAllRequestsAreBounded(t *testing.T) {
	for _, m := range wire.Methods() {
		for _, c := range sizedMembers(m.Params) {
			t.Run(m.Name+"/"+c.name, func(t *testing.T) {
				if len(c.body(c.most)) > wire.MaxBody {
					t.Fatalf("%d do not fit into a request", c.most)
				}
				if err := decode(c.body(c.most), reflect.New(m.Params).Interface()); err != nil {
					t.Errorf("%d: %v", c.most, err)
				}
				err := decode(c.body(c.most+1), reflect.New(m.Params).Interface())
				var refused *wire.Error
				if !errors.As(err, &refused) || refused.Name != "TypeError" ||
					!strings.HasPrefix(refused.Message, fmt.Sprintf("%s: expected at most %d, got %d", c.name, c.most, c.most+1)) {
					t.Errorf("%d: %v", c.most+1, err)
				}
			})
		}
	}
}

// sized is a member of a body that is a text or a list.
type sized struct {
	name string
	most int
	// body has so much of it.
	body func(length int) []byte
}

// sizedMembers are those of t, and of what it holds.
func sizedMembers(t reflect.Type) (all []sized) {
	for i := range t.NumField() {
		field := t.Field(i)
		name := memberOf(field)
		for _, c := range sizedValues(field.Type, name, mostOf(field)) {
			all = append(all, sized{c.name, c.most, func(length int) []byte { return fmt.Appendf(nil, `{%q:%s}`, name, c.body(length)) }})
		}
	}

	return all
}

func sizedValues(t reflect.Type, name string, most int) (all []sized) {
	switch t.Kind() {
	case reflect.Pointer:
		return sizedValues(t.Elem(), name, most)
	case reflect.String:
		return []sized{{name, cmp.Or(most, wire.MaxText), func(length int) []byte {
			return []byte(`"` + strings.Repeat("x", length) + `"`)
		}}}
	case reflect.Struct:
		for _, c := range sizedMembers(t) {
			all = append(all, sized{name + "." + c.name, c.most, c.body})
		}
	case reflect.Map:
		all = append(all, sized{name, cmp.Or(most, wire.MaxList), func(length int) []byte {
			entries := map[string]string{}
			for i := range length {
				entries[fmt.Sprint(i)] = ""
			}
			text, _ := json.Marshal(entries)

			return text
		}})
		for _, c := range sizedValues(t.Elem(), name, 0) {
			all = append(all, sized{name, c.most, func(length int) []byte { return fmt.Appendf(nil, `{"":%s}`, c.body(length)) }})
		}
	case reflect.Slice:
		zero, _ := json.Marshal(reflect.Zero(t.Elem()).Interface())
		all = append(all, sized{name, cmp.Or(most, wire.MaxList), func(length int) []byte {
			return []byte("[" + strings.TrimSuffix(strings.Repeat(string(zero)+",", length), ",") + "]")
		}})
		for _, c := range sizedValues(t.Elem(), name+"[0]", 0) {
			all = append(all, sized{c.name, c.most, func(length int) []byte { return fmt.Appendf(nil, "[%s]", c.body(length)) }})
		}
	default:
	}

	return all
}
