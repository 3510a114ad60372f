package av

// #cgo pkg-config: libavformat libavcodec libswscale libswresample libavfilter libavutil
import "C"
