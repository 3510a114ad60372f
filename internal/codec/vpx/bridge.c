#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>

#include "encoder.h"

// What a picture at a position of a pattern of temporal layers is, and what it refers to. As in libwebrtc's
// patterns, pictures refer to the last one of layer 0 and, the highest of three layers, to that of layer 1, the
// golden frame.
typedef struct {
  unsigned int layer;
  int sync;
  vpx_enc_frame_flags_t flags;
} temporal_picture;

#define ONLY_LAST (VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF)
#define UPDATES_LAST (VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF)
#define UPDATES_GOLDEN (VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY)
#define UPDATES_NOTHING (UPDATES_GOLDEN | VP8_EFLAG_NO_UPD_GF)

typedef struct {
  unsigned int length;
  temporal_picture pictures[4];
  unsigned int decimators[3];
  // Share of the bitrate that a layer and those below it take, in percent.
  unsigned int percent[3];
} temporal_pattern;

static const temporal_pattern patterns[] = {
    {.length = 2,
     .pictures = {{0, 0, ONLY_LAST | UPDATES_LAST}, {1, 1, ONLY_LAST | UPDATES_NOTHING}},
     .decimators = {2, 1},
     .percent = {60, 100}},
    {.length = 4,
     .pictures = {{0, 0, ONLY_LAST | UPDATES_LAST},
                  {2, 1, ONLY_LAST | UPDATES_NOTHING},
                  {1, 1, ONLY_LAST | UPDATES_GOLDEN},
                  {2, 0, VP8_EFLAG_NO_REF_ARF | UPDATES_NOTHING}},
     .decimators = {4, 2, 1},
     .percent = {40, 60, 100}},
};

static const temporal_pattern *pattern_of(const mscp_vpx *e) {
  if (e->svc || e->config.ts_number_layers < 2) return NULL;
  return &patterns[e->config.ts_number_layers - 2];
}

static void share_bitrate(mscp_vpx *e) {
  const temporal_pattern *pattern = pattern_of(e);
  for (unsigned int i = 0; pattern && i < e->config.ts_number_layers; i++)
    e->config.ts_target_bitrate[i] = e->config.rc_target_bitrate * pattern->percent[i] / 100;
}

static void set_layers(mscp_vpx *e, unsigned int layers) {
  if (layers < 2) return;
  vpx_codec_enc_cfg_t *c = &e->config;
  c->ts_number_layers = layers;
  const temporal_pattern *pattern = pattern_of(e);
  c->ts_periodicity = pattern->length;
  for (unsigned int i = 0; i < pattern->length; i++) c->ts_layer_id[i] = pattern->pictures[i].layer;
  for (unsigned int i = 0; i < layers; i++) c->ts_rate_decimator[i] = pattern->decimators[i];
  // A picture that is left out must not change how the next one is to be read.
  c->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
  share_bitrate(e);
}

// Largest keyframe as a share of a frame's average size: half of the optimal buffer,
// as WebRTC's encoders do, so that a keyframe doesn't clog the link.
static unsigned int max_intra_percent(const vpx_codec_enc_cfg_t *config, double framerate) {
  double percent = config->rc_buf_optimal_sz * 0.5 * framerate / 10;
  return percent < 300 ? 300 : (unsigned int)percent;
}

static vpx_codec_err_t control(mscp_vpx *e, const mscp_vpx_options *o) {
#define SET(name, value)                                              \
  do {                                                                \
    vpx_codec_err_t result = vpx_codec_control(&e->codec, name, value); \
    if (result != VPX_CODEC_OK) return result;                        \
  } while (0)

  SET(VP8E_SET_CPUUSED, o->speed);
  SET(VP8E_SET_MAX_INTRA_BITRATE_PCT, max_intra_percent(&e->config, o->framerate));
  // What stands still is left as it is: half the time for a still picture, at the same PSNR.
  SET(VP8E_SET_STATIC_THRESHOLD, 100);
  if (o->vp9) {
    SET(VP9E_SET_TILE_COLUMNS, o->tile_columns);
    SET(VP9E_SET_ROW_MT, o->threads > 1);
    // Cyclic refresh spreads the repair of what changed little over frames.
    SET(VP9E_SET_AQ_MODE, 3);
    SET(VP9E_SET_FRAME_PARALLEL_DECODING, 0);
    SET(VP9E_SET_NOISE_SENSITIVITY, 0);
    if (e->svc) return mscp_vpx_control_svc(e, o);
  } else {
    SET(VP8E_SET_NOISE_SENSITIVITY, 0);
    SET(VP8E_SET_TOKEN_PARTITIONS, VP8_ONE_TOKENPARTITION);
  }
#undef SET
  return VPX_CODEC_OK;
}

mscp_vpx *mscp_vpx_new(const mscp_vpx_options *o, const char **error) {
  vpx_codec_iface_t *interface = o->vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
  mscp_vpx *e = calloc(1, sizeof(*e));
  if (!e) {
    *error = "out of memory";
    return NULL;
  }
  vpx_codec_err_t result = vpx_codec_enc_config_default(interface, &e->config, 0);
  if (result != VPX_CODEC_OK) {
    *error = vpx_codec_err_to_string(result);
    free(e);
    return NULL;
  }

  vpx_codec_enc_cfg_t *c = &e->config;
  c->g_w = o->width;
  c->g_h = o->height;
  c->g_threads = o->threads;
  c->g_timebase.num = 1;
  c->g_timebase.den = 1000000;
  c->g_pass = VPX_RC_ONE_PASS;
  c->g_lag_in_frames = 0;
  c->g_error_resilient = 0;
  c->rc_end_usage = VPX_CBR;
  c->rc_target_bitrate = o->bitrate_kbps;
  c->rc_dropframe_thresh = 30;
  c->rc_resize_allowed = 0;
  c->rc_min_quantizer = 2;
  c->rc_max_quantizer = 56;
  c->rc_undershoot_pct = o->vp9 ? 50 : 100;
  c->rc_overshoot_pct = o->vp9 ? 50 : 15;
  c->rc_buf_initial_sz = 500;
  c->rc_buf_optimal_sz = 600;
  c->rc_buf_sz = 1000;
  // Keyframes come on request only: each costs as much as many frames.
  c->kf_mode = VPX_KF_DISABLED;
  if (!o->vp9)
    set_layers(e, o->temporal_layers);
  else if (o->spatial_layers * o->temporal_layers > 1)
    mscp_vpx_configure_svc(e, o);

  result = vpx_codec_enc_init(&e->codec, interface, c, 0);
  if (result == VPX_CODEC_OK) {
    result = control(e, o);
    if (result != VPX_CODEC_OK) vpx_codec_destroy(&e->codec);
  }
  if (result != VPX_CODEC_OK) {
    *error = vpx_codec_err_to_string(result);
    free(e);
    return NULL;
  }
  return e;
}

const char *mscp_vpx_encode(mscp_vpx *e, const uint8_t *y, const uint8_t *u, const uint8_t *v,
                            int y_stride, int uv_stride, const mscp_vpx_picture *picture,
                            mscp_vpx_packet *packet) {
  memset(packet, 0, sizeof(*packet));

  // Only describes the planes: libvpx copies them before it returns.
  vpx_image_t image;
  if (!vpx_img_wrap(&image, VPX_IMG_FMT_I420, e->config.g_w, e->config.g_h, 1, (uint8_t *)y))
    return "picture refused";
  image.planes[VPX_PLANE_Y] = (uint8_t *)y;
  image.planes[VPX_PLANE_U] = (uint8_t *)u;
  image.planes[VPX_PLANE_V] = (uint8_t *)v;
  image.stride[VPX_PLANE_Y] = y_stride;
  image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = uv_stride;

  vpx_enc_frame_flags_t flags = picture->force_keyframe ? VPX_EFLAG_FORCE_KF : 0;
  const temporal_pattern *pattern = pattern_of(e);
  const temporal_picture *place = NULL;
  vpx_codec_err_t result = VPX_CODEC_OK;
  if (pattern) {
    if (picture->force_keyframe) e->position = 0;
    place = &pattern->pictures[e->position];
    // Keyframes refresh all that can be referred to.
    if (!picture->force_keyframe) flags = place->flags;
    result = vpx_codec_control(&e->codec, VP8E_SET_TEMPORAL_LAYER_ID, place->layer);
  } else if (e->svc) {
    result = mscp_vpx_refer(e, picture);
  }
  if (result == VPX_CODEC_OK)
    result = vpx_codec_encode(&e->codec, &image, picture->pts, picture->duration, flags,
                              VPX_DL_REALTIME);
  if (result != VPX_CODEC_OK) return vpx_codec_err_to_string(result);

  vpx_codec_iter_t iterator = NULL;
  const vpx_codec_cx_pkt_t *p = NULL;
  while ((p = vpx_codec_get_cx_data(&e->codec, &iterator))) {
    if (p->kind != VPX_CODEC_CX_FRAME_PKT) continue;
    packet->data = p->data.frame.buf;
    packet->size = p->data.frame.sz;
    packet->keyframe = (p->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
    for (int i = 0; i < MSCP_VPX_SPATIAL_LAYERS; i++) {
      packet->layer_width[i] = (int)p->data.frame.width[i];
      packet->layer_height[i] = (int)p->data.frame.height[i];
    }
  }
  if (place && packet->size > 0) {
    packet->temporal_layer = (int)place->layer;
    packet->layer_sync = place->sync;
    e->position = (e->position + 1) % pattern->length;
  }
  return NULL;
}

const char *mscp_vpx_set_bitrate(mscp_vpx *e, int kbps, const unsigned int *layer_kbps) {
  vpx_codec_enc_cfg_t *c = &e->config;
  c->rc_target_bitrate = kbps;
  share_bitrate(e);
  if (e->svc) {
    memcpy(c->layer_target_bitrate, layer_kbps, MSCP_VPX_LAYERS * sizeof(*layer_kbps));
    for (unsigned int i = 0; i < c->ss_number_layers; i++)
      c->ss_target_bitrate[i] = layer_kbps[(i + 1) * c->ts_number_layers - 1];
  }
  vpx_codec_err_t result = vpx_codec_enc_config_set(&e->codec, &e->config);
  return result == VPX_CODEC_OK ? NULL : vpx_codec_err_to_string(result);
}

void mscp_vpx_release(mscp_vpx *e) {
  if (!e) return;
  vpx_codec_destroy(&e->codec);
  free(e);
}
