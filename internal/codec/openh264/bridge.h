#ifndef MSCP_OPENH264_BRIDGE_H
#define MSCP_OPENH264_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

// One encoder of OpenH264. Not safe for concurrent use.
typedef struct mscp_openh264 mscp_openh264;

typedef struct {
  int width, height;
  int threads;
  int temporal_layers;
  int bitrate;
  float framerate;
} mscp_openh264_options;

// New: NULL on failure, then *error is OpenH264's code.
mscp_openh264 *mscp_openh264_new(const mscp_openh264_options *options, int *error);

// Encodes one I420 picture, at a time in milliseconds. *size is how many bytes copy gives, 0
// for a picture that rate control skipped. Of others *temporal_layer is which they are in.
// Returns 0 or OpenH264's code.
int mscp_openh264_encode(mscp_openh264 *encoder, const uint8_t *y, const uint8_t *u,
                         const uint8_t *v, int y_stride, int uv_stride, int64_t milliseconds,
                         int force_keyframe, size_t *size, int *keyframe, int *temporal_layer);

// Copies what the last encode made.
void mscp_openh264_copy(const mscp_openh264 *encoder, uint8_t *to);

int mscp_openh264_set_bitrate(mscp_openh264 *encoder, int bitrate);

void mscp_openh264_release(mscp_openh264 *encoder);

#endif
