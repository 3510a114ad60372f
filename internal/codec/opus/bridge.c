#include "bridge.h"

// The controls of both kinds of encoder are the same, the functions are not.
#define CONFIGURE(control, e)                                                                   \
  int result = control(e, OPUS_SET_COMPLEXITY(complexity));                                     \
  if (result == OPUS_OK) result = control(e, OPUS_SET_VBR(1));                                  \
  if (result == OPUS_OK) result = control(e, OPUS_SET_INBAND_FEC(fec));                         \
  if (result == OPUS_OK) result = control(e, OPUS_SET_DTX(dtx));                                \
  if (result == OPUS_OK) result = control(e, OPUS_SET_PACKET_LOSS_PERC(loss_percent));          \
  if (result == OPUS_OK) result = control(e, OPUS_SET_MAX_BANDWIDTH(max_bandwidth));            \
  return result;

int mscp_opus_configure(OpusEncoder *e, int complexity, int fec, int dtx, int loss_percent,
                        int max_bandwidth) {
  CONFIGURE(opus_encoder_ctl, e)
}

int mscp_opus_set_bitrate(OpusEncoder *e, int bitrate) {
  return opus_encoder_ctl(e, OPUS_SET_BITRATE(bitrate));
}

int mscp_opus_multistream_configure(OpusMSEncoder *e, int complexity, int fec, int dtx,
                                    int loss_percent, int max_bandwidth) {
  CONFIGURE(opus_multistream_encoder_ctl, e)
}

int mscp_opus_multistream_set_bitrate(OpusMSEncoder *e, int bitrate) {
  return opus_multistream_encoder_ctl(e, OPUS_SET_BITRATE(bitrate));
}
