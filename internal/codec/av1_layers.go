package codec

// av1Layers cuts a temporal unit where a higher spatial layer begins: FFmpeg gives
// one picture for each packet that it is given. What can't be read stays whole.
func av1Layers(data []byte) [][]byte {
	var layers [][]byte
	begin, spatial := 0, byte(0)
	for at := 0; at < len(data); {
		size, id, ok := av1Unit(data[at:])
		if !ok {
			break
		}
		if id > spatial && at > begin {
			layers = append(layers, data[begin:at])
			begin = at
		}
		spatial = max(spatial, id)
		at += size
	}
	return append(layers, data[begin:])
}

// av1Unit reads the size of an open bitstream unit and its spatial_id (AV1 section
// 5.3), 0 where it has none.
func av1Unit(data []byte) (size int, spatial byte, ok bool) {
	const hasExtension, hasSize = 0x04, 0x02
	header := 1
	if data[0]&hasExtension != 0 {
		if len(data) < 2 {
			return 0, 0, false
		}
		header, spatial = 2, data[1]>>3&3
	}
	if data[0]&hasSize == 0 {
		return len(data), spatial, true
	}
	payload := 0
	for i := range 4 {
		if header+i >= len(data) {
			return 0, 0, false
		}
		b := data[header+i]
		payload |= int(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			size = header + i + 1 + payload
			return size, spatial, size <= len(data)
		}
	}
	return 0, 0, false
}
