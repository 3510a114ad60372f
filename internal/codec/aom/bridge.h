#ifndef MSCP_AOM_BRIDGE_H
#define MSCP_AOM_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#define MSCP_AOM_SPATIAL_LAYERS 3
#define MSCP_AOM_TEMPORAL_LAYERS 3
#define MSCP_AOM_LAYERS 9

// One encoder of libaom. Not safe for concurrent use.
typedef struct mscp_aom mscp_aom;

typedef struct {
  int width, height;
  int threads;
  // log2 of the columns of tiles.
  int tile_columns;
  int speed;
  int bitrate_kbps;
  int spatial_layers, temporal_layers;
  // Of each layer and its lower temporal ones, where there is more than one.
  int layer_kbps[MSCP_AOM_LAYERS];
} mscp_aom_options;

// One spatial layer of a picture. Buffers that it refers to, of the picture before and of the
// layer below, and the one that it updates; negative is none.
typedef struct {
  int spatial, temporal;
  int before, below, updates;
  // In microseconds.
  int64_t pts, duration;
  int force_keyframe;
} mscp_aom_layer;

typedef struct {
  const void *data;
  size_t size;
  int keyframe;
} mscp_aom_packet;

// New: NULL on failure, then *error names the cause (a static string).
mscp_aom *mscp_aom_new(const mscp_aom_options *options, const char **error);

// Encodes one layer of an I420 picture, which is of the highest layer's size whatever layer it is
// for. The packet is lent until the next call; size 0 is a picture that rate control dropped.
// Returns NULL or the cause.
const char *mscp_aom_encode(mscp_aom *encoder, const uint8_t *y, const uint8_t *u,
                            const uint8_t *v, int y_stride, int uv_stride,
                            const mscp_aom_layer *layer, mscp_aom_packet *packet);

// kbps is of all layers together; layer_kbps, of an encoder with layers, is 0 for those left out.
const char *mscp_aom_set_bitrate(mscp_aom *encoder, int kbps, const int *layer_kbps);

void mscp_aom_release(mscp_aom *encoder);

#endif
