package av

// #cgo pkg-config: libavdevice
// #include <libavdevice/avdevice.h>
// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Devices names FFmpeg's input devices that this build has.
func Devices() []string {
	astiav.RegisterAllDevices()
	var names []string
	for _, next := range []func(*C.AVInputFormat) *C.AVInputFormat{
		func(f *C.AVInputFormat) *C.AVInputFormat { return C.av_input_video_device_next(f) },
		func(f *C.AVInputFormat) *C.AVInputFormat { return C.av_input_audio_device_next(f) },
	} {
		for format := next(nil); format != nil; format = next(format) {
			// A device may have several names: video4linux2,v4l2.
			names = append(names, strings.Split(C.GoString(format.name), ",")...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Listed is something that an input device of FFmpeg gives.
type Listed struct {
	// Name opens it, Label is for people.
	Name, Label string
	Kind        media.Kind
}

// Inputs lists what an input device of FFmpeg gives, one that Devices names, as far as it tells.
func Inputs(format string) ([]Listed, error) {
	silence()
	astiav.RegisterAllDevices()
	// Some ask the system in a way that begins and ends on one thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	name := C.CString(format)
	defer C.free(unsafe.Pointer(name))
	var list *C.AVDeviceInfoList
	if code := C.avdevice_list_input_sources(nil, name, nil, &list); code < 0 {
		return nil, failure("list devices", astiav.Error(code))
	}
	defer C.avdevice_free_list_devices(&list)
	var inputs []Listed
	for _, info := range unsafe.Slice(list.devices, list.nb_devices) {
		for _, kind := range unsafe.Slice(info.media_types, info.nb_media_types) {
			input := Listed{Name: C.GoString(info.device_name), Label: C.GoString(info.device_description)}
			switch kind {
			case C.AVMEDIA_TYPE_VIDEO:
				input.Kind = media.Video
			case C.AVMEDIA_TYPE_AUDIO:
				input.Kind = media.Audio
			default:
				continue
			}
			inputs = append(inputs, input)
		}
	}
	return inputs, nil
}

// UnknownOptionError is of options that a device doesn't have.
type UnknownOptionError struct{ Names []string }

func (e *UnknownOptionError) Error() string {
	return "no such option: " + strings.Join(e.Names, ", ")
}

// OpenDevice opens an input device of FFmpeg, one that Devices names, with
// options of FFmpeg. Reading never waits for pictures where the device can tell
// that there are none: it fails with ErrAgain. Where the system refused,
// the error wraps a syscall.Errno.
func OpenDevice(format, value string, options map[string]string) (*Demuxer, error) {
	silence()
	if !slices.Contains(Devices(), format) {
		return nil, fmt.Errorf("input device %q: %w", format, ErrNoDecoder)
	}
	d := &Demuxer{context: astiav.AllocFormatContext()}
	if d.context == nil {
		return nil, errors.New("allocate a demuxer: out of memory")
	}
	d.context.SetFlags(d.context.Flags().Add(astiav.FormatContextFlagNonblock))
	if err := d.openDevice(format, value, options); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Demuxer) openDevice(format, value string, options map[string]string) error {
	dictionary := astiav.NewDictionary()
	defer dictionary.Free()
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if err := dictionary.Set(name, options[name], 0); err != nil {
			return failure("set "+name, err)
		}
	}
	if err := d.context.OpenInput(value, astiav.FindInputFormat(format), dictionary); err != nil {
		// FFmpeg has freed the context.
		d.context = nil
		return failure("open the device", err)
	}
	// What is left was taken by nobody.
	var unknown []string
	for entry := dictionary.Get("", nil, ignoreSuffix); entry != nil; entry = dictionary.Get("", entry, ignoreSuffix) {
		unknown = append(unknown, entry.Key())
	}
	if len(unknown) > 0 {
		return &UnknownOptionError{Names: unknown}
	}
	d.format = format
	d.lends = slices.Contains([]string{"v4l2", "video4linux2"}, format)
	// The header tells all: looking at pictures as well would only delay them.
	d.list()
	return nil
}

// ignoreSuffix makes an empty key match every entry.
var ignoreSuffix = astiav.NewDictionaryFlags(astiav.DictionaryFlagIgnoreSuffix)
