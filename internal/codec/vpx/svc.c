#include <limits.h>
#include <string.h>
#include <vpx/vp8cx.h>

#include "encoder.h"

void mscp_vpx_configure_svc(mscp_vpx *e, const mscp_vpx_options *o) {
  vpx_codec_enc_cfg_t *c = &e->config;
  e->svc = 1;
  c->ss_number_layers = o->spatial_layers;
  c->ts_number_layers = o->temporal_layers;
  for (int i = 0; i < o->temporal_layers; i++)
    c->ts_rate_decimator[i] = 1 << (o->temporal_layers - 1 - i);
  memcpy(c->layer_target_bitrate, o->layer_kbps, sizeof(o->layer_kbps));
  for (int i = 0; i < o->spatial_layers; i++)
    c->ss_target_bitrate[i] = o->layer_kbps[(i + 1) * o->temporal_layers - 1];
  // What pictures refer to is told with each of them.
  c->temporal_layering_mode = VP9E_TEMPORAL_LAYERING_MODE_BYPASS;
  // A picture that is left out must not change how the next one is to be read.
  c->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
}

vpx_codec_err_t mscp_vpx_control_svc(mscp_vpx *e, const mscp_vpx_options *o) {
  vpx_svc_extra_cfg_t parameters = {.temporal_layering_mode = VP9E_TEMPORAL_LAYERING_MODE_BYPASS};
  vpx_svc_frame_drop_t drop = {.framedrop_mode = FULL_SUPERFRAME_DROP, .max_consec_drop = INT_MAX};
  for (int i = 0; i < o->spatial_layers; i++) {
    parameters.scaling_factor_num[i] = 1;
    parameters.scaling_factor_den[i] = 1 << (o->spatial_layers - 1 - i);
    parameters.speed_per_layer[i] = o->layer_speed[i];
    drop.framedrop_thresh[i] = (int)e->config.rc_dropframe_thresh;
  }
  for (int i = 0; i < o->spatial_layers * o->temporal_layers; i++) {
    parameters.min_quantizers[i] = (int)e->config.rc_min_quantizer;
    parameters.max_quantizers[i] = (int)e->config.rc_max_quantizer;
  }
  vpx_codec_err_t result = vpx_codec_control(&e->codec, VP9E_SET_SVC, 1);
  if (result == VPX_CODEC_OK)
    result = vpx_codec_control(&e->codec, VP9E_SET_SVC_PARAMETERS, &parameters);
  if (result == VPX_CODEC_OK)
    result = vpx_codec_control(&e->codec, VP9E_SET_SVC_FRAME_DROP_LAYER, &drop);
  // VP9E_SET_SVC_INTER_LAYER_PRED stays on, for KEY modes too: what pictures refer to is all told,
  // and without it libvpx takes away the one reference that upper layers of key pictures have.
  return result;
}

vpx_codec_err_t mscp_vpx_refer(mscp_vpx *e, const mscp_vpx_picture *picture) {
  vpx_svc_layer_id_t id = {.temporal_layer_id = picture->temporal_layer};
  vpx_svc_ref_frame_config_t references = {{0}};
  for (int i = 0; i < MSCP_VPX_SPATIAL_LAYERS; i++) {
    id.temporal_layer_id_per_spatial[i] = picture->temporal_layer;
    if (i >= picture->layers) continue;
    const mscp_vpx_layer *layer = &picture->layer[i];
    // What is not referred to has to be some buffer all the same.
    int some = layer->before >= 0 ? layer->before : layer->below >= 0 ? layer->below : 0;
    references.lst_fb_idx[i] = layer->before >= 0 ? layer->before : some;
    references.gld_fb_idx[i] = layer->below >= 0 ? layer->below : some;
    references.alt_fb_idx[i] = some;
    references.reference_last[i] = layer->before >= 0;
    references.reference_golden[i] = layer->below >= 0;
    references.update_buffer_slot[i] = layer->updates >= 0 ? 1 << layer->updates : 0;
  }
  vpx_codec_err_t result = vpx_codec_control(&e->codec, VP9E_SET_SVC_LAYER_ID, &id);
  if (result == VPX_CODEC_OK)
    result = vpx_codec_control(&e->codec, VP9E_SET_SVC_REF_FRAME_CONFIG, &references);
  return result;
}
