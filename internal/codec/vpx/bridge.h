#ifndef MSCP_VPX_BRIDGE_H
#define MSCP_VPX_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

// One encoder of libvpx. Not safe for concurrent use.
typedef struct mscp_vpx mscp_vpx;

typedef struct {
  int vp9;
  int width, height;
  int threads;
  int speed;
  int bitrate_kbps;
  // Frame rate by which the size of keyframes is bounded.
  double framerate;
  // log2 of VP9's tile columns.
  int tile_columns;
  // Of VP8, 1 to 3; 0 is 1.
  int temporal_layers;
} mscp_vpx_options;

typedef struct {
  const void *data;
  size_t size;
  int keyframe;
  int temporal_layer;
  // The picture refers to none of its layer or above: who sees less may begin to see its layer here.
  int layer_sync;
} mscp_vpx_packet;

// New: NULL on failure, then *error names the cause (a static string).
mscp_vpx *mscp_vpx_new(const mscp_vpx_options *options, const char **error);

// Encodes one I420 picture; times are in microseconds. The packet is lent until the
// next call; size 0 is a picture that rate control dropped. Returns NULL or the cause.
const char *mscp_vpx_encode(mscp_vpx *encoder, const uint8_t *y, const uint8_t *u,
                            const uint8_t *v, int y_stride, int uv_stride, int64_t pts,
                            int64_t duration, int force_keyframe, mscp_vpx_packet *packet);

// kbps is of all layers together.
const char *mscp_vpx_set_bitrate(mscp_vpx *encoder, int kbps);

void mscp_vpx_release(mscp_vpx *encoder);

#endif
