#ifndef MSCP_NVENC_BRIDGE_H
#define MSCP_NVENC_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

// One encoder of H264 of NVIDIA's, by FFmpeg. Not safe for concurrent use.
typedef struct mscp_nvenc mscp_nvenc;

typedef struct {
  int width, height;
  int bitrate;
  double framerate;
} mscp_nvenc_options;

// What of NVIDIA's driver is not there, or NULL.
const char *mscp_nvenc_missing(void);

// New: NULL on failure, then *error is FFmpeg's code.
mscp_nvenc *mscp_nvenc_new(const mscp_nvenc_options *options, int *error);

// Encodes one I420 picture. *data, of *size bytes, is lent until the next call. Returns 0 or FFmpeg's code.
int mscp_nvenc_encode(mscp_nvenc *encoder, const uint8_t *y, const uint8_t *u, const uint8_t *v,
                      int y_stride, int uv_stride, int64_t microseconds, int force_keyframe,
                      const uint8_t **data, size_t *size, int *keyframe);

// From the next picture on.
void mscp_nvenc_set_bitrate(mscp_nvenc *encoder, int bitrate);

void mscp_nvenc_release(mscp_nvenc *encoder);

#endif
