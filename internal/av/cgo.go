package av

// #cgo pkg-config: libavformat libavcodec libswscale libswresample libavutil
import "C"
