package wire

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestMethodsAreInTheOrderOfTheirNumbers(t *testing.T) {
	for i, m := range Methods() {
		if int(m.Method) != i+1 {
			t.Errorf("%s is %d in place %d", m.Name, m.Method, i+1)
		}
	}
	if last := Methods()[len(Methods())-1].Method; last != EnvironmentReportCrashes {
		t.Errorf("methods after %d are not listed", last)
	}
}

func TestEventsAreInTheOrderOfTheirNumbers(t *testing.T) {
	for i, e := range Events() {
		if int(e.Event) != i+1 {
			t.Errorf("%s is %d in place %d", e.Name, e.Event, i+1)
		}
	}
	if last := Events()[len(Events())-1].Event; last != ReaderEnded {
		t.Errorf("events after %d are not listed", last)
	}
}

func TestEveryFieldHasAJSONName(t *testing.T) {
	for _, m := range Methods() {
		checkFields(t, m.Params)
		checkFields(t, m.Result)
	}
	for _, e := range Events() {
		checkFields(t, e.Body)
	}
}

func checkFields(t *testing.T, body reflect.Type) {
	t.Helper()
	switch body.Kind() {
	case reflect.Pointer, reflect.Slice:
		checkFields(t, body.Elem())
	case reflect.Struct:
		for field := range body.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || strings.ToLower(name[:1]) != name[:1] {
				t.Errorf("%s.%s is %q in JSON", body.Name(), field.Name, name)
			}
			checkFields(t, field.Type)
		}
	default:
	}
}

func TestTheABIHasTheSameNumbers(t *testing.T) {
	header, err := os.ReadFile("../../goexport/abi.h")
	if err != nil {
		t.Fatal(err)
	}
	camel := regexp.MustCompile(`([a-z])([A-Z])`)
	for _, s := range Statuses() {
		name := "MSCP_" + strings.ToUpper(camel.ReplaceAllString(s.Name, "${1}_${2}"))
		if !strings.Contains(string(header), " "+name+" = "+strconv.Itoa(int(s.Status))) {
			t.Errorf("abi.h does not say %s = %d", name, s.Status)
		}
	}
	for name, value := range map[string]uint32{"ARMED": BellArmed, "RUNG": BellRung, "POLLED": BellPolled} {
		if !strings.Contains(string(header), fmt.Sprintf("MSCP_BELL_%s = %d", name, value)) {
			t.Errorf("abi.h does not say that a bell's %s is %d", name, value)
		}
	}
	if !strings.Contains(string(header), "MSCP_BATCH_SIZE ((size_t)"+strconv.Itoa(BatchSize>>10)+" * 1024)") {
		t.Errorf("abi.h does not say that a batch has %d bytes", BatchSize)
	}
}

func TestALongErrorIsCutWhenItCrosses(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{strings.Repeat("x", MaxWords), strings.Repeat("x", MaxWords)},
		{strings.Repeat("x", MaxWords+1), strings.Repeat("x", MaxWords) + "… (1 bytes more)"},
		{"x" + strings.Repeat("ü", 5<<20), "x" + strings.Repeat("ü", MaxWords/2-1) + "… (10481666 bytes more)"},
	} {
		for _, body := range []any{Error{Message: c.given, Cause: c.given}, &Error{Message: c.given, Cause: c.given}} {
			text, err := json.Marshal(body)
			var got Error
			if err != nil || json.Unmarshal(text, &got) != nil || got.Message != c.want || got.Cause != c.want {
				t.Errorf("%d bytes: %d, %v", len(c.given), len(got.Message), err)
			}
		}
	}
}

// What makes handles tells them by its result, or by the event of what it opens.
func TestMethodsThatMakeHandlesAreBounded(t *testing.T) {
	for _, m := range Methods() {
		makes := m.Result == reflect.TypeFor[OpenedTrack]()
		if m.Result.Kind() == reflect.Struct {
			_, has := m.Result.FieldByName("Handle")
			makes = makes || has
		}
		if makes != m.Method.Makes() {
			t.Errorf("%s makes handles: %v", m.Name, makes)
		}
		ends := strings.HasSuffix(m.Name, "Close") || strings.HasSuffix(m.Name, "Stop")
		if ends != m.Method.Ends() {
			t.Errorf("%s ends its target: %v", m.Name, ends)
		}
	}
}
