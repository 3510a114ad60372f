#ifndef MSCP_VPX_BRIDGE_H
#define MSCP_VPX_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

// One encoder of libvpx. Not safe for concurrent use.
typedef struct mscp_vpx mscp_vpx;

#define MSCP_VPX_SPATIAL_LAYERS 3
#define MSCP_VPX_LAYERS 9

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
  // 1 to 3 of each, of VP8 temporal ones only.
  int spatial_layers, temporal_layers;
  // Of VP9 with layers: of each spatial layer, and of each layer and its lower temporal ones.
  int layer_speed[MSCP_VPX_SPATIAL_LAYERS];
  unsigned int layer_kbps[MSCP_VPX_LAYERS];
} mscp_vpx_options;

// Buffers that a spatial layer of a picture refers to, of the picture before and of the layer
// below, and which it updates; negative is none.
typedef struct {
  int before, below, updates;
} mscp_vpx_layer;

typedef struct {
  // In microseconds.
  int64_t pts, duration;
  int force_keyframe;
  // Of VP9 with layers.
  int temporal_layer;
  int layers;
  mscp_vpx_layer layer[MSCP_VPX_SPATIAL_LAYERS];
} mscp_vpx_picture;

typedef struct {
  const void *data;
  size_t size;
  int keyframe;
  int temporal_layer;
  // Of VP8: the picture refers to none of its layer or above, who sees less may begin to see its
  // layer here.
  int layer_sync;
  // Of VP9's spatial layers.
  int layer_width[MSCP_VPX_SPATIAL_LAYERS], layer_height[MSCP_VPX_SPATIAL_LAYERS];
} mscp_vpx_packet;

// New: NULL on failure, then *error names the cause (a static string).
mscp_vpx *mscp_vpx_new(const mscp_vpx_options *options, const char **error);

// Encodes one I420 picture. The packet is lent until the next call; spatial layers are joined
// to a superframe. Size 0 is a picture that rate control dropped. Returns NULL or the cause.
const char *mscp_vpx_encode(mscp_vpx *encoder, const uint8_t *y, const uint8_t *u,
                            const uint8_t *v, int y_stride, int uv_stride,
                            const mscp_vpx_picture *picture, mscp_vpx_packet *packet);

// kbps is of all layers together; layer_kbps, of VP9 with layers, is 0 for those left out.
const char *mscp_vpx_set_bitrate(mscp_vpx *encoder, int kbps, const unsigned int *layer_kbps);

void mscp_vpx_release(mscp_vpx *encoder);

#endif
