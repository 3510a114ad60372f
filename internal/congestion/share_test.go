package congestion

import (
	"reflect"
	"testing"
)

func TestShare(t *testing.T) {
	one := Stream{[]Layer{{Min: 50, Max: 2000, Sent: true}}}
	small := Stream{[]Layer{{Min: 50, Max: 300, Sent: true}}}
	simulcast := func(sent ...bool) Stream {
		s := Stream{[]Layer{{Min: 50, Max: 200}, {Min: 150, Max: 600}, {Min: 600, Max: 2400}}}
		for i, v := range sent {
			s.Layers[i].Sent = v
		}

		return s
	}
	for _, c := range []struct {
		name      string
		available int
		streams   []Stream
		want      [][]int
	}{
		{"nothing to share", 1000, nil, [][]int{}},
		{"one takes all", 1000, []Stream{one}, [][]int{{1000}}},
		{"one takes no more than it can use", 9000, []Stream{one}, [][]int{{2000}}},
		{"two take half each", 1000, []Stream{one, one}, [][]int{{500}, {500}}},
		{"what one can't use is for the other", 1000, []Stream{small, one}, [][]int{{300}, {700}}},
		{"the least is given always", 0, []Stream{one, one}, [][]int{{50}, {50}}},
		{"all layers", 9000, []Stream{simulcast(true, true, true)}, [][]int{{200, 600, 2400}}},
		{"the last layer with what is left", 1500, []Stream{simulcast(true, true, true)}, [][]int{{200, 600, 700}}},
		{"too little for the last layer", 1300, []Stream{simulcast(true, true, true)}, [][]int{{200, 600, 0}}},
		{"enough to stay, not to come back", 1500, []Stream{simulcast(true, true)}, [][]int{{200, 600, 0}}},
		{"enough to come back", 1600, []Stream{simulcast(true, true)}, [][]int{{200, 600, 800}}},
		{"too little for the second layer", 300, []Stream{simulcast(true, true, true)}, [][]int{{200, 0, 0}}},
		{
			"low layers of both before high ones of one", 1000,
			[]Stream{simulcast(true, true, true), simulcast(true, true, true)},
			[][]int{{200, 300, 0}, {200, 300, 0}},
		},
		{
			"a layer of one, where there is not enough for two", 1500,
			[]Stream{simulcast(true, true, true), simulcast(true, true, true)},
			[][]int{{200, 550, 0}, {200, 550, 0}},
		},
		{
			"layers beside a single stream", 2000,
			[]Stream{one, simulcast(true, true, true)},
			[][]int{{1200}, {200, 600, 0}},
		},
		{
			"a layer that is too small gives its part away", 2700,
			[]Stream{one, simulcast(true, true, true)},
			[][]int{{1900}, {200, 600, 0}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Share(c.available, c.streams); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, expected %v", got, c.want)
			}
		})
	}
}
