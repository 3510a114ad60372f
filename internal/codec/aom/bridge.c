#include "bridge.h"

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>
#include <stdlib.h>
#include <string.h>

struct mscp_aom {
  aom_codec_ctx_t codec;
  aom_codec_enc_cfg_t config;
  aom_svc_params_t layers;
};

static int layered(const mscp_aom *e) {
  return e->layers.number_spatial_layers * e->layers.number_temporal_layers > 1;
}

// What WebRTC's encoder sets: tools that cost more time than they save bits in real time are off.
static aom_codec_err_t control(mscp_aom *e, const mscp_aom_options *o) {
#define SET(name, value)                                              \
  do {                                                                \
    aom_codec_err_t result = aom_codec_control(&e->codec, name, value); \
    if (result != AOM_CODEC_OK) return result;                        \
  } while (0)

  SET(AOME_SET_CPUUSED, o->speed);
  SET(AV1E_SET_AQ_MODE, 3);
  SET(AOME_SET_MAX_INTRA_BITRATE_PCT, 300);
  SET(AV1E_SET_TUNE_CONTENT, AOM_CONTENT_DEFAULT);
  SET(AV1E_SET_TILE_COLUMNS, o->tile_columns);
  SET(AV1E_SET_ROW_MT, o->threads > 1);
  SET(AV1E_SET_ENABLE_CDEF, 1);
  SET(AV1E_SET_COEFF_COST_UPD_FREQ, 3);
  SET(AV1E_SET_MODE_COST_UPD_FREQ, 3);
  SET(AV1E_SET_MV_COST_UPD_FREQ, 3);
  SET(AV1E_SET_MAX_REFERENCE_FRAMES, 3);
  SET(AV1E_SET_DISABLE_TRELLIS_QUANT, 1);
  SET(AV1E_SET_INTRA_DEFAULT_TX_ONLY, 1);
  static const int off[] = {
      AV1E_SET_DELTAQ_MODE,           AV1E_SET_ENABLE_ANGLE_DELTA,
      AV1E_SET_ENABLE_CFL_INTRA,      AV1E_SET_ENABLE_DIFF_WTD_COMP,
      AV1E_SET_ENABLE_DIST_WTD_COMP,  AV1E_SET_ENABLE_DUAL_FILTER,
      AV1E_SET_ENABLE_FILTER_INTRA,   AV1E_SET_ENABLE_GLOBAL_MOTION,
      AV1E_SET_ENABLE_INTERINTRA_COMP, AV1E_SET_ENABLE_INTERINTRA_WEDGE,
      AV1E_SET_ENABLE_INTRABC,        AV1E_SET_ENABLE_INTRA_EDGE_FILTER,
      AV1E_SET_ENABLE_MASKED_COMP,    AV1E_SET_ENABLE_OBMC,
      AV1E_SET_ENABLE_ORDER_HINT,     AV1E_SET_ENABLE_PAETH_INTRA,
      AV1E_SET_ENABLE_PALETTE,        AV1E_SET_ENABLE_RECT_PARTITIONS,
      AV1E_SET_ENABLE_REF_FRAME_MVS,  AV1E_SET_ENABLE_RESTORATION,
      AV1E_SET_ENABLE_SMOOTH_INTERINTRA, AV1E_SET_ENABLE_SMOOTH_INTRA,
      AV1E_SET_ENABLE_TPL_MODEL,      AV1E_SET_ENABLE_TX64,
      AV1E_SET_ENABLE_WARPED_MOTION,  AV1E_SET_NOISE_SENSITIVITY,
  };
  for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
    aom_codec_err_t result = aom_codec_control(&e->codec, off[i], 0);
    if (result != AOM_CODEC_OK) return result;
  }
  if (layered(e)) {
    SET(AV1E_SET_SVC_PARAMS, &e->layers);
    if (o->spatial_layers > 1) SET(AV1E_SET_SVC_FRAME_DROP_MODE, AOM_FULL_SUPERFRAME_DROP);
  }
#undef SET
  return AOM_CODEC_OK;
}

static void describe_layers(mscp_aom *e, const mscp_aom_options *o) {
  aom_svc_params_t *l = &e->layers;
  l->number_spatial_layers = o->spatial_layers;
  l->number_temporal_layers = o->temporal_layers;
  for (int i = 0; i < o->spatial_layers; i++) {
    l->scaling_factor_num[i] = 1;
    l->scaling_factor_den[i] = 1 << (o->spatial_layers - 1 - i);
  }
  for (int i = 0; i < o->temporal_layers; i++)
    l->framerate_factor[i] = 1 << (o->temporal_layers - 1 - i);
  for (int i = 0; i < o->spatial_layers * o->temporal_layers; i++) {
    l->min_quantizers[i] = (int)e->config.rc_min_quantizer;
    l->max_quantizers[i] = (int)e->config.rc_max_quantizer;
    l->layer_target_bitrate[i] = o->layer_kbps[i];
  }
}

mscp_aom *mscp_aom_new(const mscp_aom_options *o, const char **error) {
  aom_codec_iface_t *interface = aom_codec_av1_cx();
  mscp_aom *e = calloc(1, sizeof(*e));
  if (!e) {
    *error = "out of memory";
    return NULL;
  }
  aom_codec_enc_cfg_t *c = &e->config;
  aom_codec_err_t result = aom_codec_enc_config_default(interface, c, AOM_USAGE_REALTIME);
  if (result != AOM_CODEC_OK) {
    *error = aom_codec_err_to_string(result);
    free(e);
    return NULL;
  }
  c->g_w = o->width;
  c->g_h = o->height;
  c->g_threads = o->threads;
  c->g_timebase.num = 1;
  c->g_timebase.den = 1000000;
  c->g_pass = AOM_RC_ONE_PASS;
  c->g_lag_in_frames = 0;
  c->g_error_resilient = 0;
  c->rc_end_usage = AOM_CBR;
  c->rc_target_bitrate = o->bitrate_kbps;
  c->rc_dropframe_thresh = 30;
  c->rc_min_quantizer = 10;
  c->rc_max_quantizer = 56;
  c->rc_undershoot_pct = 50;
  c->rc_overshoot_pct = 50;
  c->rc_buf_initial_sz = 600;
  c->rc_buf_optimal_sz = 600;
  c->rc_buf_sz = 1000;
  // Keyframes come on request only: each costs as much as many frames.
  c->kf_mode = AOM_KF_DISABLED;
  describe_layers(e, o);

  result = aom_codec_enc_init(&e->codec, interface, c, 0);
  if (result == AOM_CODEC_OK) {
    result = control(e, o);
    if (result != AOM_CODEC_OK) aom_codec_destroy(&e->codec);
  }
  if (result != AOM_CODEC_OK) {
    *error = aom_codec_err_to_string(result);
    free(e);
    return NULL;
  }
  return e;
}

// Says what the next layer is, and what it refers to.
static aom_codec_err_t refer(mscp_aom *e, const mscp_aom_layer *layer) {
  enum { LAST, LAST2, LAST3, GOLDEN, BACKWARD, ALTREF2, ALTREF, NAMES };
  aom_svc_layer_id_t id = {.spatial_layer_id = layer->spatial,
                           .temporal_layer_id = layer->temporal};
  aom_svc_ref_frame_config_t references = {{0}};
  const int first = layer->before >= 0 ? layer->before : layer->below;
  for (int i = 0; i < NAMES; i++) references.ref_idx[i] = first >= 0 ? first : 0;
  references.reference[LAST] = first >= 0;
  if (layer->before >= 0 && layer->below >= 0) {
    references.ref_idx[GOLDEN] = layer->below;
    references.reference[GOLDEN] = 1;
  }
  if (layer->updates >= 0) {
    // A buffer is updated only if some name stands for it.
    references.ref_idx[ALTREF] = layer->updates;
    references.refresh[layer->updates] = 1;
  }
  aom_codec_err_t result = aom_codec_control(&e->codec, AV1E_SET_SVC_LAYER_ID, &id);
  if (result == AOM_CODEC_OK)
    result = aom_codec_control(&e->codec, AV1E_SET_SVC_REF_FRAME_CONFIG, &references);
  return result;
}

const char *mscp_aom_encode(mscp_aom *e, const uint8_t *y, const uint8_t *u, const uint8_t *v,
                            int y_stride, int uv_stride, const mscp_aom_layer *layer,
                            mscp_aom_packet *packet) {
  memset(packet, 0, sizeof(*packet));

  // Only describes the planes: libaom copies them before it returns.
  aom_image_t image;
  if (!aom_img_wrap(&image, AOM_IMG_FMT_I420, e->config.g_w, e->config.g_h, 1, (uint8_t *)y))
    return "picture refused";
  image.planes[AOM_PLANE_Y] = (uint8_t *)y;
  image.planes[AOM_PLANE_U] = (uint8_t *)u;
  image.planes[AOM_PLANE_V] = (uint8_t *)v;
  image.stride[AOM_PLANE_Y] = y_stride;
  image.stride[AOM_PLANE_U] = image.stride[AOM_PLANE_V] = uv_stride;

  aom_codec_err_t result = layered(e) ? refer(e, layer) : AOM_CODEC_OK;
  if (result == AOM_CODEC_OK)
    result = aom_codec_encode(&e->codec, &image, layer->pts, layer->duration,
                              layer->force_keyframe ? AOM_EFLAG_FORCE_KF : 0);
  if (result != AOM_CODEC_OK) return aom_codec_err_to_string(result);

  aom_codec_iter_t iterator = NULL;
  const aom_codec_cx_pkt_t *p = NULL;
  while ((p = aom_codec_get_cx_data(&e->codec, &iterator))) {
    if (p->kind != AOM_CODEC_CX_FRAME_PKT) continue;
    packet->data = p->data.frame.buf;
    packet->size = p->data.frame.sz;
    packet->keyframe = (p->data.frame.flags & AOM_FRAME_IS_KEY) != 0;
  }
  return NULL;
}

const char *mscp_aom_set_bitrate(mscp_aom *e, int kbps, const int *layer_kbps) {
  e->config.rc_target_bitrate = kbps;
  aom_codec_err_t result = aom_codec_enc_config_set(&e->codec, &e->config);
  if (result == AOM_CODEC_OK && layered(e)) {
    memcpy(e->layers.layer_target_bitrate, layer_kbps, MSCP_AOM_LAYERS * sizeof(*layer_kbps));
    result = aom_codec_control(&e->codec, AV1E_SET_SVC_PARAMS, &e->layers);
  }
  return result == AOM_CODEC_OK ? NULL : aom_codec_err_to_string(result);
}

void mscp_aom_release(mscp_aom *e) {
  if (!e) return;
  aom_codec_destroy(&e->codec);
  free(e);
}
