package packetize

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability/scalabilitytest"
)

// specifiedBits reads what the specification's f(n) and ns(n) are.
type specifiedBits struct {
	data []byte
	at   int
}

func (r *specifiedBits) f(n int) int {
	value := 0
	for range n {
		value = value<<1 | int(r.data[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}

	return value
}

func (r *specifiedBits) ns(n int) int {
	w := 0
	for x := n; x != 0; x >>= 1 {
		w++
	}
	m := 1<<w - n
	v := r.f(w - 1)
	if v < m {
		return v
	}

	return v<<1 - m + r.f(1)
}

type readTemplate struct {
	spatial, temporal        int
	dtis, references, chains []int
}

// descriptorReader is section A.8 of the specification of AV1's RTP payload.
type descriptorReader struct {
	offset, targets int
	templates       []readTemplate
	protectedBy     []int
	resolutions     [][2]int
	active          int
}

type readDescriptor struct {
	start, end, structure bool
	number                int
	readTemplate
}

func (d *descriptorReader) read(t *testing.T, data []byte) readDescriptor {
	t.Helper()
	r := &specifiedBits{data: data}
	got := readDescriptor{start: r.f(1) == 1, end: r.f(1) == 1}
	id := r.f(6)
	got.number = r.f(16)
	customDTIs, customReferences, customChains := false, false, false
	if len(data) > 3 {
		got.structure = r.f(1) == 1
		active := r.f(1) == 1
		customDTIs, customReferences, customChains = r.f(1) == 1, r.f(1) == 1, r.f(1) == 1
		if got.structure {
			d.readStructure(r)
			d.active = 1<<d.targets - 1
		}
		if active {
			d.active = r.f(d.targets)
		}
	}
	index := (id + 64 - d.offset) % 64
	if index >= len(d.templates) {
		t.Fatalf("template %d of %d", index, len(d.templates))
	}
	got.readTemplate = d.templates[index]
	if customDTIs {
		t.Error("custom indications")
	}
	if customReferences {
		got.references = nil
		for size := r.f(2); size > 0; size = r.f(2) {
			got.references = append(got.references, r.f(4*size)+1)
		}
	}
	if customChains {
		got.chains = nil
		for range d.templates[0].chains {
			got.chains = append(got.chains, r.f(8))
		}
	}
	if left := len(data)*8 - r.at; left < 0 || left > 7 || r.f(left) != 0 {
		t.Errorf("%d bits left of %d bytes", left, len(data))
	}

	return got
}

func (d *descriptorReader) readStructure(r *specifiedBits) {
	*d = descriptorReader{offset: r.f(6), targets: r.f(5) + 1}
	spatial, temporal := 0, 0
	for next := 0; next != 3; {
		d.templates = append(d.templates, readTemplate{spatial: spatial, temporal: temporal})
		switch next = r.f(2); next {
		case 1:
			temporal++
		case 2:
			temporal = 0
			spatial++
		}
	}
	for i := range d.templates {
		for range d.targets {
			d.templates[i].dtis = append(d.templates[i].dtis, r.f(2))
		}
	}
	for i := range d.templates {
		for r.f(1) == 1 {
			d.templates[i].references = append(d.templates[i].references, r.f(4)+1)
		}
	}
	chains := r.ns(d.targets + 1)
	for range d.targets {
		d.protectedBy = append(d.protectedBy, r.ns(chains))
	}
	for i := range d.templates {
		for range chains {
			d.templates[i].chains = append(d.templates[i].chains, r.f(4))
		}
	}
	if r.f(1) == 1 {
		for range spatial + 1 {
			d.resolutions = append(d.resolutions, [2]int{r.f(16) + 1, r.f(16) + 1})
		}
	}
}

// TestDependencyDescriptorsTellWhatIsNeeded plays the server: for each decode
// target it keeps the frames that are said to be needed, and finds that these
// refer to each other only. Layers that are left out make no difference.
func TestDependencyDescriptorsTellWhatIsNeeded(t *testing.T) {
	for _, name := range scalabilitytest.Modes {
		for how, fewer := range map[string]func(int) bool{
			"all layers":         scalabilitytest.Never,
			"the highest leaves": func(i int) bool { return i >= 5 && i < 14 },
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				pictures := scalabilitytest.Pictures(t, name, 30, map[int]bool{0: true, 21: true}, fewer)
				w, reader := &dependencyWriter{frame: 0xfff8}, &descriptorReader{}
				targets := make([]receivedTarget, pictures[0].Scalability.SpatialLayers()*pictures[0].Scalability.TemporalLayers())
				number := 0xfff8
				for i, picture := range pictures {
					for at, layer := range picture.Layers {
						number++
						d := w.next(picture, at)
						got := reader.read(t, d.packet(true, false))
						rest := reader.read(t, d.packet(false, true))
						if !got.start || got.end || rest.start || !rest.end || rest.structure || rest.number != got.number {
							t.Errorf("picture %d: %+v and %+v", i, got, rest)
						}
						if got.number != number&0xffff || got.structure != (picture.Keyframe && at == 0) ||
							got.spatial != int(layer.Spatial) || got.temporal != int(layer.Temporal) ||
							!slices.Equal(got.references, layer.References) {
							t.Fatalf("picture %d: %+v of %+v", i, got, layer)
						}
						if got.structure {
							clear(targets)
							checkStructure(t, reader, picture)
						}
						for target := range targets {
							targets[target].take(t, reader, target, number, got)
						}
					}
					if mask := 1<<(len(picture.Layers)*picture.Scalability.TemporalLayers()) - 1; reader.active != mask {
						t.Errorf("picture %d: decode targets %b are active, want %b", i, reader.active, mask)
					}
				}
			})
		}
	}
}

func checkStructure(t *testing.T, reader *descriptorReader, picture *media.EncodedFrame) {
	t.Helper()
	for target, chain := range reader.protectedBy {
		if want := target / picture.Scalability.TemporalLayers(); chain != want {
			t.Errorf("decode target %d is protected by chain %d", target, chain)
		}
	}
	if len(picture.Layers) < picture.Scalability.SpatialLayers() {
		return
	}
	for s, layer := range picture.Layers {
		if reader.resolutions[s] != [2]int{layer.Width, layer.Height} {
			t.Errorf("layer %d has size %v", s, reader.resolutions[s])
		}
	}
}

// receivedTarget is what was received of a decode target.
type receivedTarget struct {
	frames map[int]bool
	// chain is the last frame of the target's chain.
	chain int
}

func (r *receivedTarget) take(t *testing.T, reader *descriptorReader, target, number int, got readDescriptor) {
	t.Helper()
	if r.frames == nil {
		r.frames = make(map[int]bool)
	}
	back := got.chains[reader.protectedBy[target]]
	if want := number - r.chain; r.chain != 0 && back != want || r.chain == 0 && back != 0 {
		t.Errorf("frame %d: target %d: its chain is said to be %d back, not %d", number, target, back, want)
	}
	if got.dtis[target] == dtiNotPresent {
		return
	}
	for _, reference := range got.references {
		if !r.frames[number-reference] {
			t.Errorf("frame %d of target %d refers to one that the target does not have", number, target)
		}
	}
	if got.dtis[target] != dtiDiscardable {
		r.frames[number] = true
	}
	if got.temporal == 0 {
		r.chain = number
	}
}

func TestDependencyDescriptorsOfAModeThatChangesHaveOtherTemplates(t *testing.T) {
	w, reader := &dependencyWriter{}, &descriptorReader{}
	for _, name := range []string{"L3T3", "L1T1", "L3T3_KEY", "L1T3", "L3T3", "L3T3_KEY"} {
		picture := scalabilitytest.Pictures(t, name, 1, nil, scalabilitytest.Never)[0]
		before := reader.offset
		got := reader.read(t, w.next(picture, 0).packet(true, true))
		if !got.structure || name != "L3T3" && reader.offset == before {
			t.Errorf("%s: %+v, templates from %d on", name, got, reader.offset)
		}
	}
}

// The templates are those of the specification's example of L1T3.
func TestDependencyTemplatesOfL1T3(t *testing.T) {
	mode, err := media.ParseScalabilityMode("L1T3")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range dependencyTemplates(mode) {
		symbols := ""
		for _, dti := range f.indications {
			symbols += string("-DSR"[dti])
		}
		lines = append(lines, fmt.Sprintf("S%d T%d %s %v %v", f.spatial, f.temporal, symbols, f.references, f.chains))
	}
	const want = `S0 T0 SSS [] [0]
S0 T0 SSS [4] [4]
S0 T1 -DS [2] [2]
S0 T2 --D [1] [1]
S0 T2 --D [1] [3]`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("templates:\n%s\nwant:\n%s", got, want)
	}
}

func TestDescriptorsAreOfAV1AndOfLayeredH264(t *testing.T) {
	layered := scalabilitytest.Pictures(t, "L1T2", 1, nil, scalabilitytest.Never)[0]
	layered.Layers[0].Data = []byte{0x0a, 1, 0, 0x32, 2, 0x10, 0}
	plain := &media.EncodedFrame{Data: layered.Layers[0].Data, Keyframe: true}
	for _, test := range []struct {
		codec media.Codec
		frame *media.EncodedFrame
		want  bool
	}{
		{media.Codec{MimeType: "video/AV1", ClockRate: 90000}, layered, true},
		{media.Codec{MimeType: "video/AV1", ClockRate: 90000}, plain, true},
		{h264Codec("1"), &media.EncodedFrame{
			Keyframe: true, Scalability: layered.Scalability,
			Layers: []media.FrameLayer{{Data: nal(0x65, 3000)}}, Data: nal(0x65, 3000),
		}, true},
		{h264Codec("1"), &media.EncodedFrame{Data: nal(0x65, 3000), Keyframe: true}, false},
		{media.Codec{MimeType: "video/VP9", ClockRate: 90000}, layered, false},
	} {
		p, err := New(test.codec)
		if err != nil {
			t.Fatal(err)
		}
		packets, _ := p.Packetize(test.frame, time.Now())
		if len(packets) == 0 {
			t.Fatalf("no packets of %s", test.codec.MimeType)
		}
		for _, packet := range packets {
			if (packet.Dependencies != nil) != test.want {
				t.Errorf("%s: descriptor % x", test.codec.MimeType, packet.Dependencies)
			}
		}
	}
}
