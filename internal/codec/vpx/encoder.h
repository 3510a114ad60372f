#ifndef MSCP_VPX_ENCODER_H
#define MSCP_VPX_ENCODER_H

#include <vpx/vpx_encoder.h>

#include "bridge.h"

struct mscp_vpx {
  vpx_codec_ctx_t codec;
  vpx_codec_enc_cfg_t config;
  // Of the pattern of VP8, which the next picture takes.
  unsigned int position;
  // VP9 with layers.
  int svc;
};

// Before the encoder is opened.
void mscp_vpx_configure_svc(mscp_vpx *encoder, const mscp_vpx_options *options);

// After it.
vpx_codec_err_t mscp_vpx_control_svc(mscp_vpx *encoder, const mscp_vpx_options *options);

// Says what the layers of the next picture refer to.
vpx_codec_err_t mscp_vpx_refer(mscp_vpx *encoder, const mscp_vpx_picture *picture);

#endif
